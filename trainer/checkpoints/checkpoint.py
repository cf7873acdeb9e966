"""Checkpoints of one run: written whole or not at all, checked when read, fenced by attempt."""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from rhoscope.errors import Conflict, Corrupt, NotFound
from trainer.checkpoints.storage import Place

KEEP = 2
"""Newest checkpoints kept, besides those of steps worth more, where nobody says otherwise."""

_NAME = re.compile(r"^attempt-(\d+)-step-(\d+)-([0-9a-f]{64})\.pt$")
_CLAIM = re.compile(r"^attempt-(\d+)\.claim$")


def _no_other(_step: int) -> bool:
    return False


@dataclass(frozen=True)
class Written:
    """A checkpoint that is safe."""

    name: str
    address: str
    sha256: str
    bytes: int
    kept: tuple[str, ...]
    """Names of the checkpoints that stay, the newest first."""


class Checkpoints:
    """The checkpoints of one run, for one attempt at it.

    A file is `attempt-NNNN-step-NNNNNNNNN-SHA256.pt`, so that one rename makes it and its hash appear
    together. The attempt number is the fencing epoch: once a later attempt has claimed the place, an
    earlier one can't write.
    """

    def __init__(self, place: Place, attempt: int) -> None:
        self._place = place
        self._attempt = attempt

    def claim(self) -> None:
        """Bar all earlier attempts from writing. Raises: Conflict, when a later attempt was here."""
        self._check_fence()
        self._place.open()
        self._place.mark(f"attempt-{self._attempt:04d}.claim")

    def save(
        self, state: dict[str, Any], step: int, stays: Callable[[int], bool] = _no_other, keep: int = KEEP
    ) -> Written:
        """Write `state` under a temporary name, see it safe, then give it its name.

        Keeps the newest `keep`, and those of steps of which `stays` is true. One more stays until the next
        time although it does not count as kept, so that the one reported last can still be requested.

        Raises:
            Conflict: when a later attempt was here.
            OSError: when it can't be written.
        """
        stem = f"attempt-{self._attempt:04d}-step-{step:09d}"
        self._check_fence()
        with self._place.bench(stem) as part:
            with part.open("wb") as file:
                torch.save(state, file)
            digest, size = _digest(part), part.stat().st_size
            name = f"{stem}-{digest}.pt"
            before = {old for old in self.names() if old.startswith(f"{stem}-")}
            self._check_fence()
            self._place.deliver(part, name)
        leaving = self._forget_old(before - {name}, stays, keep)
        kept = tuple(there for there in self.names() if there != leaving)
        return Written(name, self._place.address(name), digest, size, kept)

    def latest(self, refused: list[str] | None = None) -> dict[str, Any] | None:
        """The newest checkpoint that reads back, of any attempt; why others do not goes to `refused`."""
        for name in self.names():
            try:
                return load(self._place, name)
            except (Corrupt, NotFound) as error:
                if refused is not None:
                    refused.append(error.detail)
        return None

    def names(self) -> list[str]:
        """All checkpoints, the newest first: by attempt, then step."""
        return sorted((name for name in self._place.names() if _NAME.match(name)), reverse=True)

    def _check_fence(self) -> None:
        names = self._place.names()
        attempts = [int(m[1]) for name in names if (m := _CLAIM.match(name) or _NAME.match(name))]
        later = max(attempts, default=0)
        if later > self._attempt:
            raise Conflict(
                f"Attempt {later} has taken over the checkpoints; attempt {self._attempt} may not write."
            )

    def _forget_old(self, replaced: set[str], stays: Callable[[int], bool], keep: int) -> str | None:
        for name in replaced:
            self._place.remove(name)
        old = [name for name in self.names()[keep:] if not stays(int(name.split("-")[3]))]
        for name in old[1:]:
            self._place.remove(name)
        return old[0] if old else None


def load(place: Place, name: str) -> dict[str, Any]:
    """Read a checkpoint; nothing in it is executed.

    Raises:
        NotFound: when there is no such file.
        Corrupt: when it is not what was written.
    """
    named = _NAME.match(name)
    if named is None:
        raise Corrupt(f"{name} is not a checkpoint's name: attempt-NNNN-step-NNNNNNNNN-SHA256.pt.")
    try:
        with place.fetched(name) as path:
            digest = _digest(path)
            if digest != named[3]:
                raise Corrupt(
                    f"Checkpoint {name} has hash {digest[:12]}, not {named[3][:12]}: torn or changed."
                )
            state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
            return state
    except FileNotFoundError as error:
        raise NotFound(
            f"The checkpoint of attempt {int(named[1])}, step {int(named[2])} is not there any more: "
            f"newer ones have replaced it."
        ) from error


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
