"""Curves over seeds: means of intervals, and bands. S seeds, T steps, B intervals."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def binned(steps: NDArray[np.int64], values: NDArray[np.float64], edges: Floats, *, log: bool) -> Floats:
    """Means [B] of values [T] in the bins between edges [B + 1]; geometric ones for a log axis.

    Values that are not finite are left out; an empty bin is NaN.

    >>> binned(np.arange(4, dtype=np.int64), np.array([1.0, 3.0, 2.0, 8.0]), np.array([0.0, 2, 4]), log=False)
    array([2., 5.])
    """
    kept = np.isfinite(values) & ((values > 0) if log else True)
    place = np.digitize(steps[kept], edges[1:-1])
    seen = np.log(values[kept]) if log else values[kept]
    n = len(edges) - 1
    count = np.bincount(place, minlength=n)
    with np.errstate(invalid="ignore"):
        means = np.bincount(place, seen, n) / np.where(count, count, np.nan)
    return np.exp(means) if log else means


def band(curves: Floats, *, log: bool) -> tuple[Floats, Floats, Floats]:
    """Middle, lower and upper line [B] of curves [S, B]: mean ± one standard deviation over the seeds."""
    seen = np.log(curves) if log else curves
    middle = seen.mean(0)
    spread = seen.std(0, ddof=1) if len(seen) > 1 else np.zeros_like(middle)
    lines = (middle, middle - spread, middle + spread)
    low_mid, low, high = (np.exp(line) for line in lines) if log else lines
    return low_mid, low, high
