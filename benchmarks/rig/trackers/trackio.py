"""trackio: SQLite, read by its own server."""

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.rig.trackers.tracker import PROJECT, Curve, Server, Tracker

SHOW = "import trackio; trackio.show(open_browser=False, block_thread=True, host='127.0.0.1', server_port={})"


class Trackio(Tracker):
    """Its local mode."""

    package = "trackio"
    says = (
        "Local, `trackio.log` of a step's values, without its own measurements of the machine. Read over "
        "HTTP as its page does, which gets all series of a run at once, at most 3,000 points of each."
    )

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        os.environ["TRACKIO_DIR"] = str(folder)

    def begin(self, run: str) -> None:
        import trackio  # which reads its folder's name from the environment now

        self._library: Any = trackio
        trackio.init(project=PROJECT, name=run, embed=False, auto_log_gpu=False, auto_log_cpu=False)

    def log(self, step: int, values: Mapping[str, float]) -> None:
        self._library.log(dict(values), step=step)

    def finish(self) -> None:
        self._library.finish()

    def serve(self) -> None:
        log = self.folder.with_suffix(".log")
        self.server = Server(lambda port: [sys.executable, "-c", SHOW.format(port)], log, "/")

    def seen(self, run: str, series: str, step: int) -> bool:
        return bool(self._ask("get_metric_values", run=run, metric_name=series, step=step))

    def curves(self, runs: Sequence[str], names: Sequence[str]) -> list[Curve]:
        answers = self._ask("get_logs_batch", runs=[{"run": run} for run in runs], scalar_only=True)
        curves = []
        for answer in answers:
            steps = [row["step"] for row in answer["logs"] if names[0] in row]
            curves += [Curve(len(steps), steps[-1] if steps else -1)] * len(names)
        return curves

    def listing(self) -> int:
        return len(self._ask("get_runs_for_project"))

    def _ask(self, what: str, **body: Any) -> Any:
        return (self.post(f"/api/{what}", {"project": PROJECT, **body}) or {}).get("data") or ()


TRACKER = Trackio
