"""Searches over settings, as part of the client."""

from collections.abc import Mapping, Sequence
from typing import Any

from rhoscope.client.requests import Requests
from rhoscope.json_values import plain
from rhoscope.runs import Sweep
from rhoscope.search import Axis, Importance, Surface, Trials
from rhoscope.spec import RunSpec


class Searches(Requests):
    """The part of the client that searches."""

    def search(
        self,
        space: Mapping[str, Axis | Mapping[str, Any] | Sequence[Any] | str],
        base: RunSpec | Mapping[str, Any] | None = None,
        seeds: Sequence[int] = (),
        name: str = "",
        idempotency_key: str = "",
        **options: Any,
    ) -> Sweep:
        """Let a sampler choose the runs of a sweep, trial by trial.

        `space` holds a range or choices by setting: `{"lr": "1e-4..1:log", "strategy": ["joint", "ogm"]}`.
        `options` are those of `rhoscope.search.Search`: `sampler`, `trials`, `budget_minutes`, `parallel`,
        `series`, `direction`, `measure`, `pruner`, `warmup`, and `seed`.

        Raises:
            InvalidInput: naming each field that does not fit.
        """
        axes = {
            one: axis.model_dump() if isinstance(axis, Axis) else plain(axis) for one, axis in space.items()
        }
        body = {"base": plain(base or {}), "seeds": list(seeds), "name": name}
        return Sweep.model_validate(
            self._queue({**body, "search": {"space": axes, **options}}, idempotency_key, "sweeps")
        )

    def trials(self, sweep: str) -> Trials:
        """The trials of a search with their values. Raises: NotFound; Conflict, for another sweep."""
        return Trials.model_validate(self._ask("GET", "sweeps", sweep, "trials"))

    def importance(self, sweep: str) -> Importance:
        """How much each searched setting decides. Raises: NotFound, Conflict."""
        return Importance.model_validate(self._ask("GET", "sweeps", sweep, "importance"))

    def contour(self, sweep: str, x: str, y: str) -> Surface:
        """The objective over two searched settings. Raises: NotFound, Conflict, InvalidInput."""
        return Surface.model_validate(self._ask("GET", "sweeps", sweep, "contour", params={"x": x, "y": y}))

    def resume_search(self, sweep: str) -> Sweep:
        """Let a stopped search go on. Raises: NotFound; Conflict, when its trials are used up."""
        return Sweep.model_validate(self._order("POST", "sweeps", sweep, "resume"))
