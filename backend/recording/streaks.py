"""Counts of consecutive values that meet a rule: carried from block to block, or read from the store.

S series, N rows of a block.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backend.store.rows import NOTHING, Curve
from rhoscope.alerts import Alert

Steps = NDArray[np.int64]
Seed = Callable[[list[str], int, int], dict[str, Curve]]
"""Stored values of some series from one step to another; one without any may lack."""
Places = slice | NDArray[np.intp]
"""Indices of an array: a slice where they follow each other, which is read and written in place."""
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
    >>> advance(hit, np.arange(4, dtype=np.int64), np.array([1]), 3)
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


class Means:
    """Running means of the last `size` values of each slot; NaN until that many are known without a break."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._tail: NDArray[np.float64] = np.zeros((0, size - 1))

    def grow(self, new: int) -> None:
        """Make room for more slots, of which nothing is known."""
        self._tail = np.concatenate([self._tail, np.full((new, self.size - 1), np.nan)])

    def of(
        self, slots: NDArray[np.intp], values: NDArray[np.floating], breaks: NDArray[np.bool_]
    ) -> NDArray[np.floating]:
        """The means [S, N] that end at each of these values [S, N]; `breaks`: where one follows nothing.

        >>> means = Means(2)
        >>> means.grow(1)
        >>> means.of(np.array([0]), np.array([[1.0, 3.0]]), np.zeros((1, 2), np.bool_))
        array([[nan,  2.]])
        """
        if self.size == 1:
            return values
        joined = np.concatenate([self._tail[slots], values.astype(np.float64)], axis=1)
        self._tail[slots] = joined[:, joined.shape[1] - self.size + 1 :]
        places = np.arange(values.shape[1]) + self.size - 1
        last = np.maximum.accumulate(np.where(breaks, places, 0), axis=1)
        means = np.lib.stride_tricks.sliding_window_view(joined, self.size, axis=1).mean(axis=-1)
        whole = places - self.size + 1 >= last
        cut = last[:, -1:] - (joined.shape[1] - self.size + 1)  # of the tail, what lies before the last break
        self._tail[slots] = np.where(np.arange(self.size - 1) < cut, np.nan, self._tail[slots])
        return np.where(whole, means, np.nan)


@dataclass(frozen=True)
class _Plan:
    """Which columns of a block count, and in which slot the streak of each is kept."""

    columns: list[int]
    picked: Places
    slots: NDArray[np.intp]
    places: Places


def _places(indices: list[int]) -> Places:
    if indices and indices == list(range(indices[0], indices[0] + len(indices))):
        return slice(indices[0], indices[-1] + 1)
    return np.array(indices, np.intp)


class Streaks:
    """One rule over one run's series; those in `done` fired already. Rows come every `spacing` steps."""

    def __init__(self, alert: Alert, done: set[str], spacing: int = 1) -> None:
        self.alert = alert
        self._spacing = spacing
        self._done = done
        self._slots: dict[str, int] = {}
        self._streak: NDArray[np.int64] = np.zeros(0, np.int64)
        self._end: NDArray[np.int64] = np.zeros(0, np.int64)
        self._plans: dict[tuple[str, ...], _Plan] = {}
        self._means = Means(alert.mean_of if alert.averages else 1)

    def rows(
        self, names: Sequence[str], steps: Steps, values: NDArray[np.float32], seed: Seed
    ) -> list[tuple[str, int, float]]:
        """Series that fire in these rows [S, N], each with step and value; `seed` reads what lay before."""
        plan = self._plan(tuple(names))
        columns, slots = plan.columns, plan.slots
        if not columns:
            return []
        watched = values[plan.picked]
        if not self.alert.averages and not self._hit(watched).any():  # whatever lay before ends here
            self._streak[plan.places], self._end[plan.places] = 0, steps[-1]
            return []
        self._seed(names, columns, slots, int(steps[0]), seed)
        carry = np.where(steps[0] - self._end[slots] <= self._spacing, self._streak[slots], 0)
        if self.alert.averages:
            watched = self._means.of(slots, watched, self._breaks(steps, self._end[slots]))
        ends, self._streak[slots] = advance(self._hit(watched), steps, carry, self.alert.steps, self._spacing)
        self._end[slots] = steps[-1]
        return [
            self._fire(names[columns[i]], int(steps[ends[i]]), float(watched[i, ends[i]]))
            for i in np.flatnonzero(ends >= 0)
        ]

    def values(self, step: int, values: dict[str, float], seed: Seed) -> list[tuple[str, int, float]]:
        """The same for sparse values, between which there are always steps."""
        names = list(values)
        plan = self._plan(tuple(names))
        columns, slots = plan.columns, plan.slots
        self._seed_sparse(names, columns, slots, step, seed)
        fired = []
        for column, slot in zip(columns, slots, strict=True):
            name = names[column]
            value = self._means.of(np.array([slot]), np.array([[values[name]]]), np.zeros((1, 1), np.bool_))
            hit = self._hit(value[0])
            self._streak[slot] = self._streak[slot] + 1 if hit[0] else 0
            self._end[slot] = step
            if self._streak[slot] >= self.alert.steps:
                fired.append(self._fire(name, step, float(value[0, 0])))
        return fired

    def _plan(self, names: tuple[str, ...]) -> "_Plan":
        """Which of these columns count, and where each one's streak is kept."""
        plan = self._plans.get(names)
        if plan is None:
            columns = [i for i, name in enumerate(names) if name not in self._done and self.alert.names(name)]
            for i in columns:
                self._slots.setdefault(names[i], len(self._slots))
            new = len(self._slots) - len(self._end)
            self._streak = np.concatenate([self._streak, np.zeros(new, np.int64)])
            self._end = np.concatenate([self._end, np.full(new, _NEVER, np.int64)])
            self._means.grow(new)
            slots = [self._slots[names[i]] for i in columns]
            plan = _Plan(columns, _places(columns), np.array(slots, np.intp), _places(slots))
            if len(self._plans) >= _MOST_PLANS:
                self._plans.clear()
            self._plans[names] = plan
        return plan

    def _seed(
        self, names: Sequence[str], columns: list[int], slots: NDArray[np.intp], first: int, seed: Seed
    ) -> None:
        unknown = np.flatnonzero(self._end[slots] == _NEVER)
        if not len(unknown) or not self._reach or first == 0:
            return
        start = max(0, first - self._reach * self._spacing)
        before = seed([names[columns[i]] for i in unknown], start, first - 1)
        for i in unknown:
            steps, values = before.get(names[columns[i]], NOTHING)
            follows = len(steps) and first - steps[-1] <= self._spacing
            self._streak[slots[i]] = self._before(slots[i], steps, values) if follows else 0
            self._end[slots[i]] = first - 1

    def _seed_sparse(
        self, names: Sequence[str], columns: list[int], slots: NDArray[np.intp], step: int, seed: Seed
    ) -> None:
        ends = self._end[slots]
        unknown = np.flatnonzero((ends == _NEVER) | (ends >= step))
        if not len(unknown) or not self._reach or step == 0:
            self._streak[slots[unknown]] = 0
            return
        before = seed([names[columns[i]] for i in unknown], 0, step - 1)
        for i in unknown:
            steps, values = before.get(names[columns[i]], NOTHING)
            self._streak[slots[i]] = self._before(slots[i], np.arange(len(steps), dtype=np.int64), values)

    @property
    def _reach(self) -> int:
        """Number of earlier values that a value's fate depends on."""
        return self.alert.steps - 1 + self._means.size - 1

    def _breaks(self, steps: Steps, ends: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Mark the values [S, N] of series that do not continue the ones before."""
        apart = np.diff(steps, prepend=steps[:1]) > self._spacing
        breaks = np.broadcast_to(apart, (len(ends), len(steps))).copy()
        breaks[:, 0] = steps[0] - ends > self._spacing
        return breaks

    def _before(self, slot: np.intp, steps: Steps, values: NDArray[np.floating]) -> int:
        """Take values that were stored already, and count the hits at their end."""
        end = np.array([steps[0] - 1 if len(steps) else _NEVER])
        means = (
            self._means.of(np.array([slot]), values[None], self._breaks(steps, end)) if len(steps) else None
        )
        return 0 if means is None else self._length(steps, means[0])

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
