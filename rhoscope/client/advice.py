"""Conclusions of the API from a run, and trials on it, as part of the client."""

from typing import Any

from rhoscope.client.requests import Requests
from rhoscope.remedies import Ranking, Suggestion, Trial
from rhoscope.runs import Sweep
from rhoscope.verdict import Judgment


class Advice(Requests):
    """The part of the client that asks for conclusions."""

    def verdict(self, run: str) -> list[Judgment]:
        """The answer of each diagnosis about a run; those that speak come first. Raises: NotFound."""
        return [Judgment.model_validate(j) for j in self._ask("GET", "runs", run, "verdict")]

    def suggestion(self, run: str) -> Suggestion:
        """Candidates that fit a run's network, and what trying them costs. Raises: NotFound, Conflict."""
        return Suggestion.model_validate(self._ask("GET", "runs", run, "remedies"))

    def remedies(
        self, run: str, trial: Trial | dict[str, Any] | None = None, idempotency_key: str = ""
    ) -> Sweep:
        """Train candidates side by side; the better half goes on.

        Raises:
            NotFound, Conflict, InvalidInput.
        """
        return Sweep.model_validate(self._queue(trial or {}, idempotency_key, "runs", run, "remedies"))

    def ranking(self, sweep: str) -> Ranking:
        """The candidates of a sweep of remedies, the best first. Raises: NotFound, Conflict."""
        return Ranking.model_validate(self._ask("GET", "sweeps", sweep, "ranking"))
