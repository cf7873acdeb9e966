"""Fewer points for drawing, in which every one-step spike and every NaN stretch is still to be seen."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tsdownsample import MinMaxDownsampler

_MINMAX = MinMaxDownsampler()
SMALLEST = 5
"""Points below which nothing can be promised."""


def positions(values: NDArray[Any], points: int) -> NDArray[np.intp]:
    """Ascending positions of at most `points` values: first, last, and each bucket's least and greatest.

    NaN is a finding: where there are some, a half of the points goes to the first NaN of each bucket.
    `points` at least 5.

    >>> positions(np.array([0, 0, 9, 0, 0, 0, 0, 0], np.float32), 5)
    array([0, 2, 7])
    """
    n = len(values)
    if n <= points:
        return np.arange(n)
    odd = np.isnan(values)
    if not odd.any():
        return _distinct([_extremes(values, points - 2), [n - 1]])
    nan = np.flatnonzero(odd)
    budget = max(2, (points - 2) // 2)
    parts = [np.array([0, n - 1])]
    if len(nan) < n:
        parts.append(_extremes(values, budget))
    buckets = points - 2 - budget
    _, first = np.unique(nan * buckets // n, return_index=True)
    parts.append(nan[first])
    return np.unique(np.concatenate(parts))


def _extremes(values: NDArray[Any], budget: int) -> NDArray[np.intp]:
    """Ascending positions of the least and the greatest of each of half as many buckets as the budget."""
    both: NDArray[Any] = _MINMAX.downsample(np.ascontiguousarray(values), n_out=budget - budget % 2)
    return both.astype(np.intp)


def _distinct(ascending: Sequence[Any]) -> NDArray[np.intp]:
    """Ascending positions, behind the first of all, each once: much faster than to sort them again."""
    places: NDArray[np.intp] = np.concatenate([[0], *ascending])
    once: NDArray[np.intp] = places[np.append(True, places[1:] != places[:-1])]
    return once


def rows(values: NDArray[np.float32], points: int) -> NDArray[np.intp]:
    """Positions of at most about `points` rows of `values` [c, n] that keep every column's spikes."""
    each = max(SMALLEST, points // max(1, len(values)))
    return np.unique(np.concatenate([positions(column, each) for column in values]))
