"""Statistics over a few seeds: means, paired differences with an interval, bands. S seeds, T steps."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 10_000
CONFIDENCE = 0.95
FEWEST = 3
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Interval:
    """A mean paired difference and its 95 % bootstrap interval."""

    mean: float
    low: float
    high: float

    @property
    def certain(self) -> bool:
        """Whether the interval leaves 0 out."""
        return self.low > 0 or self.high < 0


def mean_std(values: Floats) -> tuple[float, float]:
    """Mean and sample standard deviation (n − 1) of values [S]; NaN for what can't be said.

    >>> mean_std(np.array([1.0, 3.0]))
    (2.0, 1.4142135623730951)
    """
    if not len(values):
        return float("nan"), float("nan")
    return float(values.mean()), float(values.std(ddof=1)) if len(values) > 1 else float("nan")


def paired(values: Floats, baseline: Floats) -> Interval | None:
    """Mean of values − baseline, both [S] and seed by seed, with a percentile bootstrap over the seeds.

    None with fewer than three pairs, of which nothing can be said. The resampling is seeded, so that a report
    can be made again.

    >>> paired(np.array([2.0, 3.0, 4.0]), np.array([1.0, 2.0, 3.0]))
    Interval(mean=1.0, low=1.0, high=1.0)
    """
    differences = values - baseline
    if len(differences) < FEWEST:
        return None
    random = np.random.default_rng(0)
    drawn = random.integers(len(differences), size=(RESAMPLES, len(differences)))
    means = differences[drawn].mean(1)
    low, high = np.quantile(means, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return Interval(float(differences.mean()), float(low), float(high))


def binned(steps: NDArray[np.int32], values: NDArray[np.float64], edges: Floats, *, log: bool) -> Floats:
    """Means [B] of values [T] in the bins between edges [B + 1]; geometric ones for a log axis.

    Values that are not finite are left out; an empty bin is NaN.

    >>> binned(np.arange(4, dtype=np.int32), np.array([1.0, 3.0, 2.0, 8.0]), np.array([0.0, 2, 4]), log=False)
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
