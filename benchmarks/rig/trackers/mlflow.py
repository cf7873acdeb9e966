"""MLflow: SQLite, as it keeps runs by default, read by its own server."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from time import time
from typing import Any

from benchmarks.rig.trackers.tracker import PROJECT, Curve, Server, Tracker

AT_ONCE = 1_000
"""Most values that MLflow takes in one batch."""


class MLflow(Tracker):
    """`mlflow.log_metrics` into SQLite."""

    package = "mlflow"
    says = (
        "SQLite, its default; `mlflow.log_metrics` of a step's values, which returns once they are stored; "
        "many steps are written in batches of 1,000 values. Read over HTTP as its page does, series by "
        "series, at most 320 points of each."
    )

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._ids: dict[str, str] = {}
        self._uri = f"sqlite:///{folder / 'mlflow.db'}"

    def begin(self, run: str) -> None:
        import mlflow

        self._library: Any = mlflow
        if not self._ids:
            mlflow.set_tracking_uri(self._uri)
            self._experiment = mlflow.set_experiment(PROJECT).experiment_id
        self._run: str = mlflow.start_run(run_name=run).info.run_id
        self._ids[run] = self._run

    def log(self, step: int, values: Mapping[str, float]) -> None:
        self._library.log_metrics(dict(values), step=step)

    def fill(self, steps: Sequence[int], names: Sequence[str]) -> None:
        from mlflow.entities import Metric

        now = int(1e3 * time())
        each = [Metric(name, float(step), now, step) for step in steps for name in names]
        client = self._library.MlflowClient()
        for first in range(0, len(each), AT_ONCE):
            client.log_batch(self._run, metrics=each[first : first + AT_ONCE])

    def finish(self) -> None:
        self._library.end_run()

    def serve(self) -> None:
        command = [
            sys.executable,
            "-m",
            "mlflow",
            "server",
            "--backend-store-uri",
            self._uri,
            "--workers",
            "1",
        ]
        log = self.folder.with_suffix(".log")
        self.server = Server(lambda port: [*command, "--port", str(port)], log, "/health")

    def seen(self, run: str, series: str, step: int) -> bool:
        result = self.get("/api/2.0/mlflow/runs/get", run_id=self._ids[run]) or {}
        metrics = result.get("run", {}).get("data", {}).get("metrics", ())
        return any(m["key"] == series and int(m["step"]) >= step for m in metrics)

    def curves(self, runs: Sequence[str], names: Sequence[str]) -> list[Curve]:
        ids = [self._ids[run] for run in runs]
        curves = []
        for name in names:
            answer = self.get(
                "/ajax-api/2.0/mlflow/metrics/get-history-bulk-interval",
                run_ids=ids,
                metric_key=name,
                max_results=320,
            )
            steps: dict[str, list[int]] = {one: [] for one in ids}
            for point in (answer or {}).get("metrics", ()):
                steps[point["run_id"]].append(int(point["step"]))
            curves += [Curve(len(each), max(each, default=-1)) for each in steps.values()]
        return curves

    def listing(self) -> int:
        request = {"experiment_ids": [self._experiment], "max_results": 1_000}
        return len((self.post("/api/2.0/mlflow/runs/search", request) or {}).get("runs", ()))


TRACKER = MLflow
