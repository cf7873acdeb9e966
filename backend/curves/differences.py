"""Effect of a setting: differences between runs that share all else, with their interval."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from rhoscope.experiments.statistics import paired
from rhoscope.groups import Difference

Values = Mapping[str, float]
"""One number of each run, by its id."""


def difference(mine: Values, baseline: Values, twins: Mapping[str, Sequence[Any]]) -> Difference:
    """Mean of mine − baseline over runs with equal `twins`: the seed, and what else varies within a group.

    Runs of one group that are twins count once, with their mean. Without three pairs there is no interval.
    """
    ours, theirs = _by_twin(mine, twins), _by_twin(baseline, twins)
    common = [twin for twin in ours if twin in theirs]
    if not common:
        return Difference(pairs=0)
    left, right = (np.array([side[twin] for twin in common]) for side in (ours, theirs))
    estimate = paired(left, right)
    if estimate is None:
        return Difference(pairs=len(common), mean=float((left - right).mean()))
    return Difference(pairs=len(common), mean=estimate.mean, low=estimate.low, high=estimate.high)


def _by_twin(values: Values, twins: Mapping[str, Sequence[Any]]) -> dict[str, float]:
    gathered: dict[str, list[float]] = {}
    for run, value in values.items():
        if math.isfinite(value):
            gathered.setdefault(repr(list(twins[run])), []).append(value)
    return {twin: float(np.mean(all_)) for twin, all_ in gathered.items()}
