"""MLflow: a run in the experiment of the project's name, at the tracking address that is named."""

import re
from collections.abc import Mapping
from typing import Any

from rhoscope.guests import GuestSpec
from rhoscope.optional_libraries import library

TAG = "rhoscope.run"
MOST_AT_ONCE = 1000
LONGEST_PARAMETER = 6000
_STATES = {"completed": "FINISHED", "failed": "FAILED", "stopped": "KILLED"}


class Mirror:
    """Values wait until `flush`: each request of MLflow takes up to a thousand."""

    def __init__(self, target: str, spec: GuestSpec, attempt: int) -> None:
        self._entities: Any = library("mlflow.entities", package="mlflow-skinny")
        self._client: Any = library("mlflow", package="mlflow-skinny").MlflowClient(target or None)
        self._waiting: list[Any] = []
        name = spec.project or "rhoscope"
        known = self._client.get_experiment_by_name(name)
        experiment = known.experiment_id if known else self._client.create_experiment(name)
        same = self._client.search_runs([experiment], f"tags.`{TAG}` = '{spec.id}'") if attempt > 1 else []
        if same:
            self._run: str = same[0].info.run_id
            self._client.update_run(self._run, status="RUNNING")
            return
        tags = {TAG: spec.id} | dict.fromkeys(spec.tags, "")
        run = self._client.create_run(experiment, run_name=spec.name or spec.id, tags=tags)
        self._run = run.info.run_id
        parameters = [
            self._entities.Param(_named(setting), str(value)[:LONGEST_PARAMETER])
            for setting, value in spec.config.items()
        ]
        for start in range(0, len(parameters), 100):
            self._client.log_batch(self._run, params=parameters[start : start + 100])

    def write(self, step: int, when: float, values: Mapping[str, float]) -> None:
        """MLflow's times are milliseconds."""
        for name, value in values.items():
            self._waiting.append(self._entities.Metric(_named(name), value, int(when * 1000), step))
        if len(self._waiting) >= MOST_AT_ONCE:
            self.flush()

    def flush(self) -> None:
        """Send what waits."""
        while self._waiting:
            self._client.log_batch(self._run, metrics=self._waiting[:MOST_AT_ONCE])
            del self._waiting[:MOST_AT_ONCE]

    def close(self, state: str) -> None:
        """MLflow's names of states are others."""
        self.flush()
        self._client.set_terminated(self._run, _STATES.get(state, "FINISHED"))


def _named(name: str) -> str:
    """A name as MLflow takes it.

    >>> _named("k.a(1)")
    'k.a_1_'
    """
    return re.sub(r"[^\w\-. /]", "_", name)[:250]
