"""The outcome of a trial, by its runs: its course over the epochs, and its value once all have ended."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
from sqlalchemy import Connection

from backend.store import rows
from backend.store.trials import Course, Kept
from rhoscope.runs import Run
from rhoscope.search import Search, TrialState
from rhoscope.states import FINAL, RunState

MOST_POINTS = 1000
"""Values of a run without epochs, up to which its course is that of the values themselves."""


def course_of(db: Connection, run: Run, series: str) -> Course:
    """The objective in each epoch of a run, the mean where it has several values; finite ones only."""
    steps, values = rows.read(db, run.id, [series])[series]
    if run.epochs and run.total_steps:
        epochs = np.maximum(1, np.ceil(steps * (run.epochs / run.total_steps) - 1e-9).astype(np.int64))
    elif len(steps) <= MOST_POINTS:
        epochs = np.arange(1, len(steps) + 1)
    else:
        return {}
    places, which = np.unique(epochs, return_inverse=True)
    sums = np.bincount(which, weights=values.astype(np.float64), minlength=len(places))
    means = sums / np.bincount(which, minlength=len(places))
    return {int(epoch): float(mean) for epoch, mean in zip(places, means, strict=True) if math.isfinite(mean)}


def together(courses: Sequence[Course], until: int | None = None) -> Course:
    """The mean in each epoch of those that came there, up to an epoch."""
    every = sorted({epoch for one in courses for epoch in one if until is None or epoch <= until})
    return {epoch: float(np.mean([one[epoch] for one in courses if epoch in one])) for epoch in every}


def outcome(db: Connection, search: Search, kept: Kept, runs: Mapping[str, Run]) -> Kept | None:
    """The trial as it ended; None while one of its runs goes on."""
    present = [runs[one] for one in kept.trial.runs if one in runs]
    if any(run.state not in FINAL for run in present):
        return None
    course = together([course_of(db, run, search.series) for run in present])
    failed = next((run for run in present if run.state in (RunState.FAILED, RunState.LOST)), None)
    if failed:
        return _ended(kept, TrialState.FAILED, failed.reason or f"Run {failed.id} failed.", course)
    if len(present) < len(kept.trial.runs):
        return _ended(kept, TrialState.FAILED, "A run of it was deleted.", course)
    if stopped := next((run for run in present if run.state == RunState.STOPPED), None):
        state = TrialState.PRUNED if course else TrialState.FAILED
        return _ended(kept, state, stopped.reason or "Stopped.", course)
    return _measured(db, search, kept, present, course)


def _measured(db: Connection, search: Search, kept: Kept, present: Sequence[Run], course: Course) -> Kept:
    values = [_value(db, search, run) for run in present]
    if None in values:
        reason = f"'{search.series}' was never recorded."
        return _ended(kept, TrialState.FAILED, reason, course)
    mean = float(np.mean([value for value in values if value is not None]))
    if not math.isfinite(mean):
        return _ended(kept, TrialState.FAILED, f"'{search.series}' is not finite at the end.", course)
    done = _ended(kept, TrialState.COMPLETED, "", course)
    return Kept(done.trial.model_copy(update={"value": mean}), course, kept.notes)


def _value(db: Connection, search: Search, run: Run) -> float | None:
    """The objective of one run: NaN where it has diverged, None where it was never recorded."""
    _, values = rows.read(db, run.id, [search.series])[search.series]
    if not len(values):
        return None
    last = float(values[-1])
    if search.measure == "last" or not math.isfinite(last):
        return last
    finite = values[np.isfinite(values)]
    return float(finite.max() if search.maximizes else finite.min())


def _ended(kept: Kept, state: TrialState, reason: str, course: Course) -> Kept:
    return Kept(kept.trial.model_copy(update={"state": state, "reason": reason}), course, kept.notes)
