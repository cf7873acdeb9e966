"""SwanLab without its cloud and without a dashboard: files to be sent later."""

from collections.abc import Mapping
from typing import Any

from benchmarks.rig.trackers.tracker import PROJECT, Tracker


class Offline(Tracker):
    """`mode="offline"`."""

    package = "swanlab"
    mode = "offline"
    says = (
        '`mode="offline"`, `swanlab.log` of a step\'s values: files that `swanlab sync` sends to its cloud.'
    )
    unreadable = "its files are read by its cloud only, after `swanlab sync`"

    def begin(self, run: str) -> None:
        import swanlab

        self._library: Any = swanlab
        swanlab.init(
            project=PROJECT, experiment_name=run, mode=self.mode, logdir=str(self.folder), reinit=True
        )

    def log(self, step: int, values: Mapping[str, float]) -> None:
        self._library.log(dict(values), step=step)

    def finish(self) -> None:
        self._library.finish()


TRACKER = Offline
