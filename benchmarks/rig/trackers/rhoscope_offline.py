"""rhoscope without a server: a guest run into a file."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.rig.trackers.tracker import PROJECT, Tracker


class Offline(Tracker):
    """`rhoscope.init(mode="offline")`."""

    package = "rhoscope"
    says = '`rhoscope.init(mode="offline")` and `run.log`: a file that `rhoscope sync` sends to a server.'
    unreadable = "its file is read by a server only, after `rhoscope sync`"
    address: dict[str, Any] = {"mode": "offline"}

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.files = folder / "files"
        self._ids: dict[str, str] = {}

    def begin(self, run: str) -> None:
        import rhoscope

        self._run = rhoscope.init(
            PROJECT, dir=self.files, name=run, system=False, console=False, **self.address
        )
        self._ids[run] = self._run.id

    def log(self, step: int, values: Mapping[str, float]) -> None:
        self._run.log(values, step)

    def finish(self) -> None:
        self._run.finish()


TRACKER = Offline
