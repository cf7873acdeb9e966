"""TensorBoard: event files, read by its own server."""

import sys
from collections.abc import Mapping, Sequence
from time import time
from typing import Any

from benchmarks.rig.trackers.tracker import Curve, Server, Tracker


class TensorBoard(Tracker):
    """Written with `tensorboard.summary.Writer.add_scalar`, one call a value."""

    package = "tensorboard"
    says = (
        "`Writer.add_scalar` of each value; a million steps are written as one event a step. Read over HTTP "
        "as its page does, which shows at most 1,000 points of a series and reads the files every 5 s; "
        "files are flushed every 120 s unless the program asks, as it did here. The list has names only."
    )

    def begin(self, run: str) -> None:
        from tensorboard.summary import Writer

        self._writer: Any = Writer(str(self.folder / run))

    def log(self, step: int, values: Mapping[str, float]) -> None:
        for name, value in values.items():
            self._writer.add_scalar(name, value, step)

    def fill(self, steps: Sequence[int], names: Sequence[str]) -> None:
        """One event with all values of a step, as programs write that know the format."""
        from tensorboard.compat.proto.event_pb2 import Event
        from tensorboard.compat.proto.summary_pb2 import Summary

        output = self._writer._output._ev_writer  # noqa: SLF001
        for step in steps:
            each = [Summary.Value(tag=name, simple_value=float(step)) for name in names]
            output.add_event(Event(wall_time=time(), step=step, summary=Summary(value=each)))

    def flush(self) -> None:
        self._writer.flush()

    def finish(self) -> None:
        self._writer.close()

    def serve(self) -> None:
        command = [sys.executable, "-m", "tensorboard.main", "--logdir", str(self.folder)]
        log = self.folder.with_suffix(".log")
        self.server = Server(lambda port: [*command, "--port", str(port)], log, "/data/environment")

    def seen(self, run: str, series: str, step: int) -> bool:
        points = self._points(run, series)
        return bool(points) and points[-1][1] >= step

    def curves(self, runs: Sequence[str], names: Sequence[str]) -> list[Curve]:
        each = [self._points(run, name) for run in runs for name in names]
        return [Curve(len(points), points[-1][1] if points else -1) for points in each]

    def listing(self) -> int:
        return len(self.get("/data/plugin/scalars/tags") or {})

    def _points(self, run: str, series: str) -> list[tuple[float, int, float]]:
        return self.get("/data/plugin/scalars/scalars", run=run, tag=series) or []


TRACKER = TensorBoard
