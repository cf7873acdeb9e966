"""Several runs as one curve: their mean, and how far they lie apart."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from backend.store.rows import Curve

Numbers = NDArray[np.float64]


def band(
    curves: Sequence[Curve], points: int
) -> tuple[NDArray[np.int32], Numbers, Numbers, NDArray[np.int32]]:
    """Mean and sample standard deviation over runs: steps [p], means [p], deviations [p], runs [p].

    Steps are cut into at most `points` equal stretches. Each run counts once in a stretch, with the mean of
    its values there, at the last step that any run has in it; a run that has not come so far does not count.
    The deviation of a single run is 0. NaN of one run is NaN of all: it is a finding.
    """
    there = [curve for curve in curves if len(curve[0])]
    if not there:
        empty = np.empty(0)
        return empty.astype(np.int32), empty, empty, empty.astype(np.int32)
    last = max(int(steps[-1]) for steps, _ in there)
    width = max(1, -(-(last + 1) // points))
    bins = last // width + 1
    steps = np.zeros(bins, np.int32)
    means = np.zeros((len(there), bins))
    has = np.zeros((len(there), bins), bool)
    for i, (at, values) in enumerate(there):
        place = at // width
        counts = np.bincount(place, minlength=bins)
        has[i] = counts > 0
        np.divide(np.bincount(place, values.astype(np.float64), bins), counts, out=means[i], where=has[i])
        np.maximum.at(steps, place, at)
    runs = has.sum(0)
    kept = runs > 0
    with np.errstate(invalid="ignore"):
        mean = np.where(has, means, 0.0).sum(0)[kept] / runs[kept]
        apart = np.where(has[:, kept], means[:, kept] - mean, 0.0)
        deviation = np.sqrt((apart**2).sum(0) / np.maximum(1, runs[kept] - 1))
    return steps[kept], mean, deviation, runs[kept].astype(np.int32)
