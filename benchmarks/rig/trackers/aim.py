"""Aim: a repository of RocksDB, read by its own library."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.rig.trackers.tracker import PROJECT, Curve, Server, Tracker


class Aim(Tracker):
    """`Run.track` of a dictionary; read with its library while its server runs, which indexes what is new."""

    package = "aim"
    says = (
        "`Run.track` of a dictionary, without its own measurements of the machine. Read with its library, "
        "which gives every point, since its server's answers are made for its page alone; `aim up` runs "
        "meanwhile, without whose index the library sees no metric."
    )

    def __init__(self, folder: Any) -> None:
        super().__init__(folder)
        self._hashes: dict[str, str] = {}

    def begin(self, run: str) -> None:
        import aim

        self._run: Any = aim.Run(
            repo=str(self.folder),
            experiment=PROJECT,
            system_tracking_interval=None,
            capture_terminal_logs=False,
            log_system_params=False,
        )
        self._run.name = run
        self._hashes[run] = self._run.hash

    def log(self, step: int, values: Mapping[str, float]) -> None:
        self._run.track(dict(values), step=step)

    def finish(self) -> None:
        self._run.close()

    def serve(self) -> None:
        program = str(Path(sys.executable).with_name("aim"))
        command = [program, "up", "--repo", str(self.folder), "--host", "127.0.0.1", "--port"]
        log = self.folder.with_suffix(".log")
        self.server = Server(lambda port: [*command, str(port)], log, "/api/projects/")

    def seen(self, run: str, series: str, step: int) -> bool:
        return self._curve(run, series).last_step >= step

    def curves(self, runs: Sequence[str], names: Sequence[str]) -> list[Curve]:
        return [self._curve(run, name) for run in runs for name in names]

    def _curve(self, run: str, series: str) -> Curve:
        """What is logged for curves are steps' own numbers."""
        import aim
        from aim.storage.context import Context

        repository = aim.Repo(str(self.folder))  # what one has opened does not grow
        result = aim.Run(self._hashes[run], repo=repository, read_only=True)
        metric = result.get_metric(series, Context({}))
        values = metric.values.sparse_numpy()[1] if metric else ()
        return Curve(len(values), int(max(values, default=-1)))

    def listing(self) -> int:
        import aim

        each = aim.Repo(str(self.folder)).query_runs("").iter_runs()
        return len([one.run.name for one in each])


TRACKER = Aim
