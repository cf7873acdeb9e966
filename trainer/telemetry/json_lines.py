"""Rows and events as JSON lines, for a run without servers; `trainer.run` documents them."""

import json
import math
import time
from typing import Any, TextIO

from rhoscope.records import Event
from rhoscope.torch.ring import Rows
from trainer.telemetry.sink import Sink

PROGRESS_S = 0.1
"""Shortest time between two progress lines."""


class Lines(Sink):
    """Events as JSON lines on a stream, with progress lines at most ten times a second and a summary.

    Pictures and sounds are no lines: without a server nobody shows examples.
    """

    def __init__(self, run: str, out: TextIO) -> None:
        super().__init__(run, 1)
        self._out = out
        self._shown = 0.0
        self._last: dict[str, float] = {}
        self._best: dict[str, float] = {}

    def rows(self, rows: Rows) -> None:
        block = self.block_of(rows)
        self._last |= dict(zip(rows.names, block.values[:, -1].tolist(), strict=True))
        if time.monotonic() - self._shown >= PROGRESS_S:
            self._shown = time.monotonic()
            self._write("progress", int(rows.steps[-1]) + 1, values=_plain(self._last))

    def put(self, event: Event) -> None:
        if event.kind == "example":
            return
        if event.kind == "values":
            self._note(event)
        if event.kind == "finished" and self._last:
            self._write("summary", event.step, values=_plain(self._last), best=_plain(self._best))
        self._line(event.model_dump_json())

    def settle(self) -> None:
        """Rows are looked at as they come."""

    def _note(self, event: Event) -> None:
        values = event.values()
        self._last |= values
        accuracy = values.get("val.accuracy", -1.0)
        if accuracy > self._best.get("val.accuracy", -1.0):
            self._best = {"val.accuracy": accuracy, "step": event.step}

    def _write(self, kind: str, step: int, **data: Any) -> None:
        self._line(json.dumps({"kind": kind, "step": step, "time": time.time(), "data": data}))

    def _line(self, line: str) -> None:
        self._out.write(line + "\n")
        self._out.flush()


def _plain(values: dict[str, float]) -> dict[str, float | str]:
    """JSON has no NaN and no infinity: those as text, in the words events use."""
    words = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}
    return {name: v if math.isfinite(v) else words[str(v)] for name, v in values.items()}
