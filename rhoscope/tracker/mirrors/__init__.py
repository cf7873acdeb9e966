"""Other trackers that get every value of a run, too: one file each, of the name that `init(mirror=...)` uses.

A file here has a class `Mirror`, made with a target, the run, and the number of the attempt.
"""

from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, Protocol

from rhoscope.errors import InvalidInput
from rhoscope.guests import GuestSpec


class Mirror(Protocol):
    """Another tracker's run. Whatever it raises ends it, and nothing else."""

    def write(self, step: int, when: float, values: Mapping[str, float]) -> None:
        """Values of one step, measured at `when`, in Unix seconds; of a step there may be several parts."""

    def flush(self) -> None:
        """All that is there at present has been written."""

    def close(self, state: str) -> None:
        """The run has ended: completed, failed, or stopped."""


def open_mirror(text: str, spec: GuestSpec, attempt: int) -> Mirror:
    """The mirror that `KIND` or `KIND:TARGET` names, for a run's attempt.

    Raises:
        InvalidInput: when there is none of this kind.
        Missing: when its library is not installed.
    """
    kind, _, target = text.partition(":")
    kinds = sorted(module.name for module in iter_modules(__path__))
    if kind not in kinds:
        raise InvalidInput.field("mirror", f"expected {', '.join(kinds[:-1])} or {kinds[-1]}", text)
    made: Any = import_module(f"{__name__}.{kind}").Mirror(target, spec, attempt)
    mirror: Mirror = made
    return mirror
