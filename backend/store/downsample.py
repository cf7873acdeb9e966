"""Fewer points for drawing, in which every one-step spike and every NaN stretch is still to be seen."""

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
    nan = np.flatnonzero(np.isnan(values))
    budget = points - 2 if len(nan) == 0 else max(2, (points - 2) // 2)
    parts = [np.array([0, n - 1])]
    if len(nan) < n:
        extremes = _MINMAX.downsample(np.ascontiguousarray(values), n_out=budget - budget % 2)
        parts.append(extremes.astype(np.intp))
    if len(nan):
        buckets = points - 2 - budget
        _, first = np.unique(nan * buckets // n, return_index=True)
        parts.append(nan[first])
    return np.unique(np.concatenate(parts))


def rows(values: NDArray[np.float32], points: int) -> NDArray[np.intp]:
    """Positions of at most about `points` rows of `values` [c, n] that keep every column's spikes."""
    each = max(SMALLEST, points // max(1, len(values)))
    return np.unique(np.concatenate([positions(column, each) for column in values]))
