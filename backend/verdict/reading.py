"""A run's history out of the store. What is read of it does not grow with the run.

Means come from the digests that charts use, kept and extended while a run trains; of the rows only the
newest are read.
"""

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cachetools import LRUCache
from sqlalchemy import Connection

from backend.curves.cache import Curves
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


@dataclass(frozen=True)
class _Kept:
    seen: tuple[Any, ...]
    at: float
    verdict: list[Judgment]


class Verdicts:
    """Verdicts that are kept while their runs stay as they are. Safe for threads."""

    def __init__(self, curves: Curves, *, again_s: float = AGAIN_S) -> None:
        self._curves = curves
        self._again_s = again_s
        self._kept: LRUCache[str, _Kept] = LRUCache(KEPT)
        self._lock = threading.Lock()

    def of(self, db: Connection, run: Run) -> list[Judgment]:
        """What each diagnosis says of a run; of a running one up to two seconds ago."""
        seen = (run.attempt, run.state, run.step, repr(run.last))
        now = time.monotonic()
        with self._lock:
            kept = self._kept.get(run.id)
        if kept and (kept.seen == seen or (run.state not in FINAL and now - kept.at < self._again_s)):
            return kept.verdict
        verdict = judge(read(db, self._curves, run))
        with self._lock:
            self._kept[run.id] = _Kept(seen, now, verdict)
        return verdict


def read(db: Connection, curves: Curves, run: Run) -> History:
    """The history of a run with that of its ancestors."""
    modalities = run.modalities[:MOST_MODALITIES]
    present = {series.name for series in run.series} | run.last.keys()
    names = [name for name in (*WHOLE, *_each((*EACH, *REFERENCES), modalities)) if name in present]
    axis, digests = curves.of(db, run, names, clock=False)
    line = runs.lineage(db, run.id) if run.parent else [(run.id, rows.LAST)]
    newest = [name for name in _each(ROWS, modalities) if name in present]
    recent = rows.read_line(db, line, newest, max(0, run.step - RECENT), run.step) if newest else {}
    return History(
        state=run.state,
        reason=run.reason,
        modalities=modalities,
        strategy=run.spec.strategy,
        settings=run.settings,
        curves={name: digest.small(most=PIECES) for name, digest in digests.items()},
        steps_per_epoch=axis.steps_per_epoch,
        recent=recent,
        changes=_changes(events.of_run(db, run.id, ["setting", "started"], limit=MOST_CHANGES)),
        **_classes(db, run.id, line),
    )


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
