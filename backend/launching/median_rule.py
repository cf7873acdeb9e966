"""The median stopping rule (Golovin et al., Google Vizier, KDD 2017): no more time for a hopeless run."""

import math
from statistics import median

import numpy as np
from sqlalchemy import Connection

from backend.store import rows, runs, sweeps
from backend.store.progress import BEST
from backend.store.rows import Curve
from rhoscope.runs import Run
from rhoscope.states import RunState

LEAST_OTHERS = 3
"""Runs to compare with, before anything can be said."""


class MedianRule:
    """Judges a run again only when it has ended another epoch."""

    def __init__(self) -> None:
        self._judged: dict[str, int] = {}

    def hopeless(self, db: Connection, candidates: list[Run]) -> list[tuple[Run, str]]:
        """Running runs of sweeps with the rule that should stop, each with the reason in words."""
        verdicts = []
        for run in candidates:
            if run.state != RunState.RUNNING or not run.sweep or self._judged.get(run.id) == run.epoch:
                continue
            self._judged[run.id] = run.epoch
            after = sweeps.spec(db, run.sweep).median_after
            if after is not None and run.epoch >= after:
                reason = judge(db, run)
                verdicts += [(run, reason)] if reason else []
        return verdicts


def judge(db: Connection, run: Run) -> str:
    """Why the run should stop, or nothing."""
    steps, values = _validations(db, run.id)
    if not len(steps):
        return ""
    step, best = int(steps[-1]), _greatest(values)
    others = [other for other in runs.of_sweep(db, run.sweep or "") if other.id != run.id]
    means = [_mean_until(_validations(db, other.id), step) for other in others]
    usable = [mean for mean in means if not math.isnan(mean)]
    if len(usable) < LEAST_OTHERS or best >= median(usable):
        return ""
    limit = f"{median(usable):.3f}, the median of {len(usable)} others"
    return f"the median rule: its best {BEST} {best:.3f} is below {limit}"


def _validations(db: Connection, run: str) -> Curve:
    return rows.read(db, run, [BEST])[BEST]


def _greatest(values: "np.typing.NDArray[np.float64]") -> float:
    finite = values[np.isfinite(values)]
    return float(finite.max()) if len(finite) else -math.inf


def _mean_until(curve: Curve, step: int) -> float:
    """Mean of the values up to `step` of a run that came so far; NaN of another."""
    steps, values = curve
    if not len(steps) or steps[-1] < step:
        return math.nan
    return float(values[steps <= step].mean())
