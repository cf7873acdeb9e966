"""A run's history out of the store. What is read of it does not grow with the run.

Means come from the digests that charts use, kept and extended while a run trains; of a run that is too long
for that, from evenly spaced windows. Of the rows only the newest are read.
"""

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from cachetools import LRUCache
from sqlalchemy import Connection

from backend.curves.cache import Curves
from backend.curves.digest import Digest
from backend.store import events, rows, runs, tables_over_time
from backend.verdict.history import PIECES, RECENT, Change, History
from backend.verdict.verdict import judge
from rhoscope.records import Event
from rhoscope.runs import Run
from rhoscope.states import FINAL
from rhoscope.verdict import Judgment

MOST_MODALITIES = 16
"""Modalities whose curves are read."""
WHOLE = ("loss", "accuracy", "throughput", "val.accuracy", "val.loss", "gap")
EACH = ("rho", "score", "k", "grad_norm", "effective_step", "noise", "accuracy", "val.accuracy", "gap")
REFERENCES = ("alone", "probe.accuracy")
ROWS = ("rho", "k")
MOST_CHANGES = 200
KEPT = 256
"""Runs whose verdict is kept."""
AGAIN_S = 2.0
"""A running run is judged no oftener, however often it is asked for."""
SHARE = 20.0
"""Nor before this many times what it took has passed."""
LONG = 200_000
"""Steps of a run that is not read in full."""
WINDOWS = 64
WINDOW = 512
"""Steps of each window that is read of it."""


@dataclass(frozen=True)
class _Kept:
    seen: tuple[Any, ...]
    again: float
    verdict: list[Judgment]


class Verdicts:
    """Verdicts that are kept while their runs stay as they are. Safe for threads."""

    def __init__(self, curves: Curves, *, again_s: float = AGAIN_S) -> None:
        self._curves = curves
        self._again_s = again_s
        self._kept: LRUCache[str, _Kept] = LRUCache(KEPT)
        self._lock = threading.Lock()

    def of(self, db: Connection, run: Run) -> list[Judgment]:
        """The verdict on a run; on a running one up to two seconds old."""
        seen = (run.attempt, run.state, run.step, repr(run.last))
        now = time.monotonic()
        with self._lock:
            kept = self._kept.get(run.id)
        if kept and (kept.seen == seen or (run.state not in FINAL and now < kept.again)):
            return kept.verdict
        verdict = judge(read(db, self._curves, run))
        ended = time.monotonic()
        with self._lock:
            again = ended + max(self._again_s, SHARE * (ended - now))
            self._kept[run.id] = _Kept(seen, again, verdict)
        return verdict


def read(db: Connection, curves: Curves, run: Run) -> History:
    """The history of a run with that of its ancestors."""
    modalities = run.modalities[:MOST_MODALITIES]
    present = {series.name for series in run.series} | run.last.keys()
    names = [name for name in (*WHOLE, *_each((*EACH, *REFERENCES), modalities)) if name in present]
    line = runs.lineage(db, run.id) if run.parent else [(run.id, rows.LAST)]
    if run.step > LONG:
        digests, per_epoch = _sampled(db, line, names, run.step), _usual(run)
    else:
        axis, digests = curves.of(db, run, names, clock=False)
        per_epoch = axis.steps_per_epoch
    newest = [name for name in _each(ROWS, modalities) if name in present]
    recent = rows.read_line(db, line, newest, max(0, run.step - RECENT), run.step) if newest else {}
    return History(
        state=run.state,
        reason=run.reason,
        modalities=modalities,
        strategy=run.spec.strategy,
        settings=run.settings,
        curves={name: digest.small(most=PIECES) for name, digest in digests.items()},
        steps_per_epoch=per_epoch,
        recent=recent,
        sparse={series.name for series in run.series if series.sparse},
        changes=_changes(events.of_run(db, run.id, ["setting", "started"], limit=MOST_CHANGES)),
        **_classes(db, run.id, line),
    )


def _sampled(
    db: Connection, line: Sequence[tuple[str, int]], names: Sequence[str], steps: int
) -> dict[str, Digest]:
    """A mean of each of WINDOWS windows; of sparse series every value."""
    pieces: dict[str, list[rows.Curve]] = {name: [] for name in names}
    starts = np.linspace(0, steps - WINDOW, WINDOWS).astype(int).tolist()
    for start in starts:
        for name, curve in rows.read_line(db, line, names, start, start + WINDOW - 1).items():
            if len(curve[0]):
                pieces[name].append(curve)
    whole = rows.read_line(db, line, [name for name in names if not _dense(pieces[name])])
    means = {name: _means(parts) for name, parts in pieces.items() if _dense(parts)}
    return means | {name: Digest.of(curve) for name, curve in whole.items()}


def _dense(parts: Sequence[rows.Curve]) -> bool:
    return any(values.dtype == np.float32 for _, values in parts)


def _means(parts: Sequence[rows.Curve]) -> Digest:
    place = np.repeat(np.arange(len(parts)), [len(steps) for steps, _ in parts])
    return Digest.of(rows.join(parts)).joined(place)


def _usual(run: Run) -> float | None:
    return run.total_steps / run.epochs if run.total_steps and run.epochs else None


def _each(stems: Sequence[str], modalities: Sequence[str]) -> list[str]:
    return [f"{stem}.{m}" for stem in stems for m in modalities]


def _changes(history: Sequence[Event]) -> list[Change]:
    """Changes of settings, and attempts after the first."""
    changes = []
    for event in history:
        if event.kind == "setting":
            words = f"{event.data.get('setting')} was changed to {event.data.get('new')}"
            changes.append(Change(event.step, words[:200]))
        elif event.attempt > 1:
            worker = event.data.get("worker") or "another worker"
            changes.append(Change(event.step, f"attempt {event.attempt} began on {worker}"[:200]))
    return changes


def _classes(db: Connection, run: str, line: Sequence[tuple[str, int]]) -> Mapping[str, Any]:
    """Number of classes, of validation examples, and the share of the most frequent class."""
    table = tables_over_time.over_time(db, run, line, "classes", 0, 1)
    if not table.values or "examples" not in table.columns:
        return {}
    place = table.columns.index("examples")
    counts = [row[place] or 0.0 for row in table.values[-1]]
    total = sum(counts)
    if not total > 0:
        return {}
    return {"classes": len(counts), "examples": int(total), "majority": max(counts) / total}
