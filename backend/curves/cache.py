"""Digests of runs' curves: kept while nothing changed, grown while a run trains."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from cachetools import LRUCache
from sqlalchemy import Connection

from backend.curves import align
from backend.curves.align import Axis
from backend.curves.digest import Digest, Steps
from backend.store import events, portions, rows, runs
from rhoscope.runs import Run
from rhoscope.states import FINAL, RunState

PIECES = 2_000_000
"""Pieces that are kept of all runs together, at most: about 36 bytes each."""
ROWS = 2**18
"""Rows that are read at once, however long a run is."""
Line = list[tuple[str, int]]
Seen = tuple[int, RunState, int, str]
"""Attempt, state, step and newest values of a run: what changes with its curves."""


@dataclass(frozen=True)
class _Read:
    """One series, as it was when its run looked like that."""

    seen: Seen
    digest: Digest
    sparse: bool


@dataclass
class _Kept:
    """One run's digests, and the state of the run when they were last read."""

    seen: Seen
    line: Line
    axis: Axis
    series: dict[str, _Read] = field(default_factory=dict)

    def pieces(self) -> int:
        return sum(len(one.digest) for one in self.series.values())


class Curves:
    """Safe for threads: what two of them read at once is kept once."""

    def __init__(self, most: int = PIECES) -> None:
        self._kept: LRUCache[str, _Kept] = LRUCache(most, getsizeof=_Kept.pieces)
        self._lock = threading.Lock()

    def of(
        self, db: Connection, run: Run, names: Sequence[str], *, clock: bool
    ) -> tuple[Axis, dict[str, Digest]]:
        """The digests of these series with what their ancestors recorded; `clock` when time will be asked."""
        with self._lock:
            before = self._kept.get(run.id)
        now = _renewed(db, run, before)
        _read(db, now, [*names, rows.CLOCK] if clock else names)
        with self._lock:
            if now.pieces() <= self._kept.maxsize:
                self._kept[run.id] = now
        digests = {name: now.series[name].digest for name in names}
        times = now.series[rows.CLOCK].digest if clock else None
        return Axis(now.axis.steps_per_epoch, now.axis.starts, times), digests

    @staticmethod
    def detail(db: Connection, run: Run, names: Sequence[str], start: int, end: int) -> dict[str, Digest]:
        """Every value of these series in steps [start, end], or as much of it as a digest holds."""
        curves = rows.read_line(db, _line(db, run), names, start, end)
        return {name: Digest.of(curve).small() for name, curve in curves.items()}


def _renewed(db: Connection, run: Run, before: _Kept | None) -> _Kept:
    """The part of `before` still valid: all of an ended run, dense series of a running one, or nothing."""
    line = _line(db, run)
    look: Seen = (run.attempt, run.state, run.step, repr(run.last))
    if before and before.line == line:
        if run.state in FINAL and before.seen == look:
            return _Kept(look, line, before.axis, dict(before.series))
        attempt, state, step, _ = before.seen
        if state == RunState.RUNNING and attempt == run.attempt and step <= run.step:
            dense = {n: one for n, one in before.series.items() if len(one.digest) and not one.sparse}
            return _Kept(look, line, before.axis, dense)
    return _Kept(look, line, _axis(db, run, line))


def _line(db: Connection, run: Run) -> Line:
    return runs.lineage(db, run.id) if run.parent else [(run.id, rows.LAST)]


def _axis(db: Connection, run: Run, line: Line) -> Axis:
    lives = [(events.of_run(db, one, ["started"]), until) for one, until in line]
    lengths = [event.data.get("steps_per_epoch") for starts, _ in lives for event in starts]
    exact = next((float(one) for one in reversed(lengths) if one), None)
    usual = run.total_steps / run.epochs if run.total_steps and run.epochs else None
    return Axis(exact or usual, align.starts(lives))


def _read(db: Connection, now: _Kept, names: Sequence[str]) -> None:
    """Read what is not there yet; series that end at the same step together."""
    ends: dict[int, list[str]] = {}
    for name in names:
        entry = now.series.get(name)
        if entry is None or entry.seen != now.seen or now.seen[1] not in FINAL:
            end = int(entry.digest.last[-1]) if entry and len(entry.digest) else -1
            ends.setdefault(end, []).append(name)
    if not ends:
        return
    windows = portions.of_line(db, now.line, ROWS) if now.seen[2] > ROWS else [(0, rows.LAST)]
    for end, together in ends.items():
        for start, last in windows:
            if last > end:
                _grow(db, now, together, (max(start, end + 1), last))


def _grow(db: Connection, now: _Kept, names: Sequence[str], window: tuple[int, int]) -> None:
    """Add the values of these steps, which lie behind all that were added."""
    cuts: Steps = np.array([step for step, _ in now.axis.starts], np.int64)
    for name, curve in rows.read_line(db, now.line, names, *window).items():
        between = cuts if name == rows.CLOCK else None
        entry = now.series.get(name)
        digest = entry.digest.grown(curve, between) if entry else Digest.of(curve).small(between)
        sparse = (curve[1].dtype == np.float64 and name != rows.CLOCK) or bool(entry and entry.sparse)
        now.series[name] = _Read(now.seen, digest, sparse)
