"""Counts of consecutive values that meet a rule: carried from block to block, or read from the store.

S series, N rows of a block.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from backend.store.rows import NOTHING, Curve
from rhoscope.alerts import Alert

Steps = NDArray[np.int32]
Seed = Callable[[list[str], int, int], dict[str, Curve]]
"""Stored values of some series from one step to another; one without any may lack."""
_NEVER = -2
_MOST_PLANS = 32
_LARGEST = float(np.finfo(np.float32).max)


def advance(
    hit: NDArray[np.bool_], steps: Steps, carry: NDArray[np.int64], need: int, spacing: int = 1
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The first row of each series that ends `need` hits on end, -1 for none; and the last row's hits on end.

    `hit` is [S, N]; `steps` [N]: where two lie further apart than `spacing`, a streak ends; `carry` [S]: hits
    right before.

    >>> hit = np.array([[True, True, False, True]])
    >>> advance(hit, np.arange(4, dtype=np.int32), np.array([1]), 3)
    (array([1]), array([1]))
    """
    if not hit.any():
        nothing = np.zeros(len(hit), np.int64)
        return nothing - 1, nothing
    places = np.arange(hit.shape[1])
    before = -1 - carry[:, None]
    if steps[-1] - steps[0] != len(steps) - 1:
        before = np.where(np.diff(steps, prepend=steps[0] - 1) > spacing, places - 1, before)
    lengths = places - np.maximum.accumulate(np.where(hit, before, places), axis=1)
    enough = lengths >= need
    return np.where(enough.any(axis=1), enough.argmax(axis=1), -1), lengths[:, -1]


class Streaks:
    """One rule over one run's series; those in `done` fired already. Rows come every `spacing` steps."""

    def __init__(self, alert: Alert, done: set[str], spacing: int = 1) -> None:
        self.alert = alert
        self._spacing = spacing
        self._done = done
        self._slots: dict[str, int] = {}
        self._streak: NDArray[np.int64] = np.zeros(0, np.int64)
        self._end: NDArray[np.int64] = np.zeros(0, np.int64)
        self._plans: dict[tuple[str, ...], tuple[list[int], NDArray[np.intp]]] = {}

    def rows(
        self, names: Sequence[str], steps: Steps, values: NDArray[np.float32], seed: Seed
    ) -> list[tuple[str, int, float]]:
        """Series that fire in these rows [S, N], each with step and value; `seed` reads what lay before."""
        columns, slots = self._plan(tuple(names))
        if not columns:
            return []
        self._seed(names, columns, slots, int(steps[0]), seed)
        carry = np.where(steps[0] - self._end[slots] <= self._spacing, self._streak[slots], 0)
        watched = values[columns]
        ends, self._streak[slots] = advance(self._hit(watched), steps, carry, self.alert.steps, self._spacing)
        self._end[slots] = steps[-1]
        return [
            self._fire(names[columns[i]], int(steps[ends[i]]), float(watched[i, ends[i]]))
            for i in np.flatnonzero(ends >= 0)
        ]

    def values(self, step: int, values: dict[str, float], seed: Seed) -> list[tuple[str, int, float]]:
        """The same for sparse values, between which there are always steps."""
        names = list(values)
        columns, slots = self._plan(tuple(names))
        self._seed_sparse(names, columns, slots, step, seed)
        fired = []
        for column, slot in zip(columns, slots, strict=True):
            name = names[column]
            hit = self._hit(np.array([values[name]]))
            self._streak[slot] = self._streak[slot] + 1 if hit[0] else 0
            self._end[slot] = step
            if self._streak[slot] >= self.alert.steps:
                fired.append(self._fire(name, step, values[name]))
        return fired

    def _plan(self, names: tuple[str, ...]) -> tuple[list[int], NDArray[np.intp]]:
        """Which of these columns count, and where each one's streak is kept."""
        plan = self._plans.get(names)
        if plan is None:
            columns = [i for i, name in enumerate(names) if name not in self._done and self.alert.names(name)]
            for i in columns:
                self._slots.setdefault(names[i], len(self._slots))
            new = len(self._slots) - len(self._end)
            self._streak = np.concatenate([self._streak, np.zeros(new, np.int64)])
            self._end = np.concatenate([self._end, np.full(new, _NEVER, np.int64)])
            plan = columns, np.array([self._slots[names[i]] for i in columns], np.intp)
            if len(self._plans) >= _MOST_PLANS:
                self._plans.clear()
            self._plans[names] = plan
        return plan

    def _seed(
        self, names: Sequence[str], columns: list[int], slots: NDArray[np.intp], first: int, seed: Seed
    ) -> None:
        unknown = np.flatnonzero(self._end[slots] == _NEVER)
        if not len(unknown) or self.alert.steps == 1 or first == 0:
            return
        start = max(0, first - (self.alert.steps - 1) * self._spacing)
        before = seed([names[columns[i]] for i in unknown], start, first - 1)
        for i in unknown:
            steps, values = before.get(names[columns[i]], NOTHING)
            follows = len(steps) and first - steps[-1] <= self._spacing
            self._streak[slots[i]] = self._length(steps, values) if follows else 0
            self._end[slots[i]] = first - 1

    def _seed_sparse(
        self, names: Sequence[str], columns: list[int], slots: NDArray[np.intp], step: int, seed: Seed
    ) -> None:
        ends = self._end[slots]
        unknown = np.flatnonzero((ends == _NEVER) | (ends >= step))
        if not len(unknown) or self.alert.steps == 1 or step == 0:
            self._streak[slots[unknown]] = 0
            return
        before = seed([names[columns[i]] for i in unknown], 0, step - 1)
        for i in unknown:
            steps, values = before.get(names[columns[i]], NOTHING)
            self._streak[slots[i]] = self._length(np.arange(len(steps), dtype=np.int32), values)

    def _length(self, steps: Steps, values: NDArray[np.floating]) -> int:
        """Number of consecutive values at the end that meet the rule."""
        if not len(steps):
            return 0
        none = np.zeros(1, np.int64)
        _, streak = advance(self._hit(values[None]), steps, none, self.alert.steps, self._spacing)
        return int(streak[0])

    def _hit(self, values: NDArray[np.floating]) -> NDArray[np.bool_]:
        limit = self.alert.threshold or 0.0
        if values.dtype == np.float32:
            limit = max(-_LARGEST, min(_LARGEST, limit))
        if self.alert.condition == "above":
            return np.asarray(values > limit)
        return np.asarray(values < limit if self.alert.condition == "below" else np.isnan(values))

    def _fire(self, name: str, step: int, value: float) -> tuple[str, int, float]:
        self._done.add(name)
        self._plans.clear()
        return name, step, value
