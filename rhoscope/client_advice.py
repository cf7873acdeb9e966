"""What the API concludes from a run, as part of the client."""

from collections.abc import Callable
from typing import Any

from rhoscope.verdict import Judgment


class Advice:
    """The part of the client that asks for conclusions."""

    _ask: Callable[..., Any]

    def verdict(self, run: str) -> list[Judgment]:
        """What each diagnosis says of a run; those that speak come first. Raises: NotFound."""
        return [Judgment.model_validate(j) for j in self._ask("GET", f"/runs/{run}/verdict")]
