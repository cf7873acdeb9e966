"""Curves as small as a line of text, kept in memory: of a run that goes on only new rows are read."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
from cachetools import LRUCache
from numpy.typing import NDArray
from sqlalchemy import Connection

from backend.store import overview, rows
from backend.store.extents import Extent, extents
from backend.store.rows import Curve

BUCKETS = 256
"""Maximum number of equal stretches of steps; a curve keeps the minimum and the maximum of each."""
LONG = 2**20
"""Steps beyond which a stretch is read from outlines."""
FINER = 32
"""Of such a stretch, extremes may be missed in this share of an interval, at each end of it."""
MOST_KEPT = 1000
DENSE = ("rho", "accuracy")
SPARSE = ("val.accuracy",)


class Envelope:
    """Least and greatest finite value of each `width` steps from 0 on; the width doubles as the run grows."""

    def __init__(self) -> None:
        self.width = 1
        self.low = np.full(BUCKETS, np.nan, np.float32)  # [BUCKETS]
        self.high = self.low.copy()  # [BUCKETS]
        self.next = 0

    def add(self, steps: NDArray[np.int64], values: NDArray[np.float32] | NDArray[np.float64]) -> None:
        """Values [n] at ascending steps [n] that were not added before."""
        if not len(steps):
            return
        self.next = int(steps[-1]) + 1
        while self.next > BUCKETS * self.width:
            self.low, self.high = _halved(self.low, np.fmin), _halved(self.high, np.fmax)
            self.width *= 2
        finite = np.isfinite(values)
        places, usable = steps[finite] // self.width, values[finite].astype(np.float32)
        if len(usable):
            where, starts = np.unique(places, return_index=True)
            self.low[where] = np.fmin(self.low[where], np.minimum.reduceat(usable, starts))
            self.high[where] = np.fmax(self.high[where], np.maximum.reduceat(usable, starts))

    def shape(self, points: int) -> dict[str, NDArray[Any]]:
        """Its `steps`, `low` and `high` in at most `points` stretches; those without a value are left out."""
        low, high, width = self.low, self.high, self.width
        while self.next > points * width:
            low, high, width = _halved(low, np.fmin), _halved(high, np.fmax), 2 * width
        filled = np.flatnonzero(~np.isnan(low))
        return {"steps": filled * width, "low": low[filled], "high": high[filled]}


def _halved(values: NDArray[np.float32], join: np.ufunc) -> NDArray[np.float32]:
    """Each two neighbors as one; the second half becomes empty."""
    joined = join(values[::2], values[1::2])
    return np.concatenate([joined, np.full(len(values) - len(joined), np.nan, np.float32)]).astype(np.float32)


@dataclass
class Known:
    """The curves of a run as of a position in its stream, of rows that `attempt` was the last to write."""

    attempt: int
    position: tuple[int, int] | None = None
    curves: dict[str, Envelope] = field(default_factory=dict)

    def read(self, db: Connection, run: str, modalities: Sequence[str], step: int) -> None:
        """Add what the store has behind each curve's last step, of a run that is at this one."""
        dense = [name for stem in DENSE for name in (stem, *(f"{stem}.{m}" for m in modalities))]
        for names, read in ((dense, partial(_read, step)), (list(SPARSE), rows.read_sparse)):
            start = max((self.curves[name].next for name in names if name in self.curves), default=0)
            for name, curve in read(db, run, names, start).items():
                self.curves.setdefault(name, Envelope()).add(*curve)


def _read(step: int, db: Connection, run: str, names: Sequence[str], start: int) -> dict[str, Curve]:
    """Every value; of a long stretch the extremes of its buckets."""
    if step - start <= LONG:
        return rows.read(db, run, names, start)
    grain = (step - start) // (BUCKETS * FINER)
    curves = overview.read_line(db, [(run, rows.LAST)], names, (start, rows.LAST), grain)
    return {name: curve for name, (curve, _) in curves.items()}


class Sparks:
    """The curves of the runs that were last asked for; safe to use from several threads."""

    def __init__(self) -> None:
        self._kept: LRUCache[str, Known] = LRUCache(MOST_KEPT)
        self._turn = threading.Lock()

    def of(self, db: Connection, ids: Sequence[str], points: int) -> list[dict[str, Any]]:
        """Those of these runs that exist, as `rhoscope.sparks.Spark`, each with what it recorded itself."""
        reaching = extents(db, ids)
        answer = []
        with self._turn:
            for run in (reaching[one] for one in ids if one in reaching):
                curves = self._renewed(db, run).curves
                series = [{"name": name, **one.shape(points)} for name, one in curves.items() if one.next]
                answer.append({"run": run.id, "step": run.step, "total": run.total_steps, "series": series})
        return answer

    def _renewed(self, db: Connection, run: Extent) -> Known:
        """Every row behind those that are known; a new attempt may have replaced rows: all anew."""
        entry = self._kept.pop(run.id, None)
        if entry is None or entry.attempt != run.attempt:
            entry = Known(run.attempt)
        if entry.position != run.position:
            entry.read(db, run.id, run.modalities, run.step)
        entry.position = run.position
        self._kept[run.id] = entry
        return entry
