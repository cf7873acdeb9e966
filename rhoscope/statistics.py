"""Statistics over a few seeds: paired differences with intervals that cover, corrected for several rows.

Two-sided throughout, at 5 %. The differences d [n] are of runs that share the seed: d = values − baseline.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rhoscope.optional_libraries import library

LEVEL = 0.05
POWER = 0.8
FEWEST = 3
BCA_FROM = 20
"""Pairs from which the bias-corrected and accelerated bootstrap covers; with fewer, Student's t does."""
RESAMPLES = 9_999
SAME = 1e-12
"""A deviation up to this is rounding."""
TOGETHER = 999
"""Resamples held in memory at a time."""
EXACT_UP_TO = 16
"""Pairs of which all 2^n changes of signs are tried."""
MOST_SEEDS = 10_000
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Difference:
    """A mean paired difference with its 95 % interval.

    `p` belongs to the interval's method, and `adjusted` is `p` after Holm's correction for the rows it was
    tested with. `apart` holds the differences [n] themselves.
    """

    apart: Floats = field(repr=False, compare=False)
    low: float
    high: float
    method: str
    p: float
    adjusted: float

    @property
    def n(self) -> int:
        """Pairs of runs."""
        return len(self.apart)

    @property
    def mean(self) -> float:
        """Of the differences."""
        return float(self.apart.mean())

    @property
    def deviation(self) -> float:
        """Sample standard deviation of the differences."""
        return float(self.apart.std(ddof=1))

    @property
    def spread(self) -> tuple[int, float]:
        """Pairs, and the standard deviation of their differences."""
        return self.n, self.deviation

    @property
    def p_sign_flip(self) -> float:
        """The p of the test that assumes no more than a symmetric distribution."""
        return sign_flip(self.apart)

    @property
    def certain(self) -> bool:
        """Whether it survives the correction for several rows."""
        return self.adjusted < LEVEL

    @property
    def detectable(self) -> float:
        """The smallest difference that n pairs with this spread show with a power of 80 %."""
        return _detectable(self.n) * self.deviation

    def seeds_for(self, size: float) -> int | None:
        """How many pairs show a difference of `size` > 0 with a power of 80 %; None beyond 10,000."""
        return seeds_for(size, self.deviation)


def mean_std(values: Floats) -> tuple[float, float]:
    """Mean and sample standard deviation (n − 1) of values [S]; NaN for what can't be said.

    >>> mean_std(np.array([1.0, 3.0]))
    (2.0, 1.4142135623730951)
    """
    if not len(values):
        return float("nan"), float("nan")
    return float(values.mean()), float(values.std(ddof=1)) if len(values) > 1 else float("nan")


def paired(values: Floats, baseline: Floats) -> Difference | None:
    """Mean of values − baseline, both [n] and seed by seed, with its interval; not yet corrected.

    Student's t up to 19 pairs: its interval covers at any n where the differences are about normal, which a
    percentile bootstrap of 3, 5 or 10 does not (0.75, 0.83, 0.89 in 2,000 draws). From 20 pairs on BCa
    (Efron 1987), which assumes no distribution: with 20 pairs it covers 0.93 where differences are normal and
    0.91 where they are exponential, Student's t 0.96 and 0.92. The resampling is seeded, so that a report can
    be made again. None with fewer than three pairs.

    >>> difference = paired(np.array([2.0, 3.0, 4.5]), np.array([1.0, 2.0, 3.0]))
    >>> [round(x, 3) for x in (difference.low, difference.mean, difference.high, difference.p)]
    [0.45, 1.167, 1.884, 0.02]
    """
    d = np.asarray(values, float) - np.asarray(baseline, float)
    n = len(d)
    if n < FEWEST:
        return None
    mean, deviation = float(d.mean()), float(d.std(ddof=1))
    if deviation <= 1e-12 * max(1.0, abs(mean)):
        p = sign_flip(d)
        return Difference(d, mean, mean, "all equal", p, p)
    if n < BCA_FROM:
        low, high, p = _student(n, mean, deviation)
        return Difference(d, low, high, "paired t", p, p)
    ends, p = bca(d), sign_flip(d)
    return Difference(d, float(ends[0]), float(ends[1]), "BCa", p, p)


def _student(n: int, mean: float, deviation: float) -> tuple[float, float, float]:
    special = _special()
    error = deviation / math.sqrt(n)
    reach = float(special.stdtrit(n - 1, 1 - LEVEL / 2)) * error
    p = 2 * float(special.stdtr(n - 1, -abs(mean) / error))
    return mean - reach, mean + reach, p


def bca(d: Floats, resamples: int = RESAMPLES) -> tuple[Floats, Floats]:
    """The 95 % interval [...] of the mean of d [..., n], bias-corrected and accelerated (Efron 1987)."""
    stats: Any = library("scipy.stats", "reports")
    resampled = stats.bootstrap(
        (d,),
        np.mean,
        confidence_level=1 - LEVEL,
        n_resamples=resamples,
        batch=TOGETHER,
        method="BCa",
        axis=-1,
        rng=0,
    )
    return resampled.confidence_interval.low, resampled.confidence_interval.high


def sign_flip(d: Floats) -> float:
    """The p of a mean as far from 0 as that of d [n] if each sign were a coin's toss; exact up to 16 pairs.

    >>> sign_flip(np.array([1.0, 2.0, 3.0]))
    0.25
    """
    n = len(d)
    if n <= EXACT_UP_TO:
        signs = 1 - 2 * ((np.arange(2**n)[:, None] >> np.arange(n)) & 1)
    else:
        signs = np.random.default_rng(0).choice([-1, 1], size=(RESAMPLES, n))
        signs = np.vstack([np.ones(n), signs])
    sums = np.abs(signs @ d)
    return float(np.mean(sums >= abs(d.sum()) * (1 - 1e-12)))


def power_line(spreads: Sequence[tuple[int, float]], unit: str, factor: float, one: float) -> str:
    """The differences that the pairs of a table can't show, in words; empty where nothing varies.

    Of each row the number of pairs and the standard deviation of their differences, of which the median
    counts; `factor` turns a difference into `unit`, and `one` is the size in that unit whose number of seeds
    is said. Where no row has three pairs, it says so.

    >>> power_line([(5, 0.02)], "points", 100, 1)
    "With 5 seeds and this spread, differences under 3.4 points can't be seen; 1 point takes 34 seeds."
    >>> power_line([(1, 0.0)], "points", 100, 1)
    "1 common seed can't tell a difference from chance: an interval takes 3."
    """
    enough = [(n, deviation) for n, deviation in spreads if n >= FEWEST]
    if not enough:
        return _too_few(max(n for n, _ in spreads)) if spreads else ""
    known = [(n, deviation) for n, deviation in enough if deviation > SAME]
    if not known:
        return ""
    n, deviation = (float(middle) for middle in np.median(np.array(known), axis=0))
    deviation *= factor
    seeds = seeds_for(one, deviation)
    needed = f"{seeds:,} seeds" if seeds else f"more than {MOST_SEEDS:,} seeds"
    singular = f"{one:g} {unit.removesuffix('s') if one == 1 else unit}".strip()
    least = f"{_detectable(int(n)) * deviation:.2g} {unit}".strip()
    spread = f"With {int(n)} seeds and this spread"
    return f"{spread}, differences under {least} can't be seen; {singular} takes {needed}."


def _too_few(n: int) -> str:
    if not n:
        return (
            f"Without a common seed no difference can be separated from chance; an interval takes {FEWEST}."
        )
    seeds = "1 common seed" if n == 1 else f"{n} common seeds"
    return f"{seeds} can't tell a difference from chance: an interval takes {FEWEST}."


def holm(differences: Sequence[Difference | None]) -> list[Difference | None]:
    """The same with `adjusted` for all of them together."""
    corrected = iter(adjusted([d.p for d in differences if d is not None]))
    return [None if d is None else replace(d, adjusted=next(corrected)) for d in differences]


def adjusted(p: Sequence[float]) -> list[float]:
    """Holm's correction (1979): the smallest p times their number, the next times one less, and so on.

    None may be smaller than the one before it.

    >>> adjusted([0.04, 0.01])
    [0.04, 0.02]
    """
    corrected, least = [0.0] * len(p), 0.0
    for rank, place in enumerate(sorted(range(len(p)), key=p.__getitem__)):
        least = corrected[place] = min(1.0, max(least, (len(p) - rank) * p[place]))
    return corrected


def seeds_for(size: float, deviation: float) -> int | None:
    """How many pairs show a difference of `size` > 0 with a power of 80 %; None beyond 10,000.

    >>> seeds_for(1.0, 1.0)
    10
    """
    if _detectable(MOST_SEEDS) * deviation > size:
        return None
    few, many = FEWEST, MOST_SEEDS
    while few < many:
        middle = (few + many) // 2
        few, many = (few, middle) if _detectable(middle) * deviation <= size else (middle + 1, many)
    return few


def _detectable(n: int) -> float:
    """In standard deviations of a difference: from the noncentral t distribution."""
    special = _special()
    edge = float(special.stdtrit(n - 1, 1 - LEVEL / 2))
    low, high = 0.0, 10 * edge
    for _ in range(60):
        middle = (low + high) / 2
        power = 1 - float(special.nctdtr(n - 1, middle, edge))
        low, high = (low, middle) if power >= POWER else (middle, high)
    return high / math.sqrt(n)


def _special() -> Any:
    return library("scipy.special", "reports")
