"""A journal's frames as records: always the same ones, whoever reads the file, and in which portions."""

import json
import struct
from collections.abc import Iterator

import numpy as np

from rhoscope.records import Block, Event
from rhoscope.tracker import journal
from rhoscope.tracker.journal import Frame

BLOCK_BYTES = 256 * 1024
"""Values of one block at most; a server takes requests of up to 1 MiB."""
EVERYTHING = 2**62
_MOST_LATE = 1000
_Row = tuple[float, dict[str, float]]


class Composition:
    """Feed it the frames of one attempt in order; it gives the records in order.

    Rows become blocks at each cut. A value that comes after the cut of its step travels as an event.
    """

    def __init__(self, run: str, attempt: int) -> None:
        self._run, self._attempt = run, attempt
        self._columns: dict[int, tuple[tuple[str, ...], struct.Struct]] = {}
        self._rows: dict[int, _Row] = {}
        self._horizon = -1
        self.last_step = -1

    def feed(self, frame: Frame) -> Iterator[bytes]:
        """The records that are complete with this frame."""
        if frame.kind == journal.NAMES:
            number, names = json.loads(frame.payload)
            self._columns[number] = (tuple(names), struct.Struct(f"<{len(names)}d"))
        elif frame.kind == journal.ROW:
            self._row(frame.payload)
        elif frame.kind == journal.EVENT:
            yield self._stamped(frame.payload)
        elif frame.kind == journal.CUT:
            yield from self.cut(journal.horizon(frame.payload))

    def _stamped(self, payload: bytes) -> bytes:
        """An event of this attempt, under whatever number it was written."""
        event = Event.decode(payload)
        own = {"run": self._run, "attempt": self._attempt}
        return payload if event.attempt == self._attempt else event.model_copy(update=own).encode()

    def cut(self, horizon: int = EVERYTHING) -> Iterator[bytes]:
        """The records of all rows up to this step."""
        late = sorted(step for step in self._rows if step <= self._horizon)
        fresh = sorted(step for step in self._rows if self._horizon < step <= horizon)
        yield from (record for step in late for record in self._late(step))
        group: list[tuple[int, _Row]] = []
        for step in fresh:
            row = self._rows.pop(step)
            if group and not _fits(group, row):
                yield self._block(group)
                group = []
            group.append((step, row))
        if group:
            yield self._block(group)
        self._horizon = max(self._horizon, min(horizon, self.last_step))

    def _row(self, payload: bytes) -> None:
        number, step, when = journal.ROW_HEAD.unpack_from(payload)
        names, values = self._columns[number]
        row = self._rows.setdefault(step, (when, {}))[1]
        row.update(zip(names, values.unpack_from(payload, journal.ROW_HEAD.size), strict=True))
        self.last_step = max(self.last_step, step)

    def _block(self, group: list[tuple[int, _Row]]) -> bytes:
        names = list(group[0][1][1])
        values = np.array([[row[1][name] for _, row in group] for name in names], np.float64)
        times = (group[0][1][0], max(group[0][1][0], group[-1][1][0]))
        steps = np.array([step for step, _ in group], np.int64)
        return Block.make(self._run, self._attempt, names, steps, values, times).encode()

    def _late(self, step: int) -> Iterator[bytes]:
        when, row = self._rows.pop(step)
        items = list(row.items())
        for start in range(0, len(items), _MOST_LATE):
            values = dict(items[start : start + _MOST_LATE])
            fields = {
                "run": self._run,
                "attempt": self._attempt,
                "kind": "values",
                "step": step,
                "time": when,
            }
            yield Event.model_validate({**fields, "data": {"values": values}}).encode()


def _fits(group: list[tuple[int, _Row]], row: _Row) -> bool:
    columns = group[0][1][1].keys()
    return row[1].keys() == columns and 8 * (len(columns) + 1) * (len(group) + 1) <= BLOCK_BYTES
