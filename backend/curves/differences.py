"""Effect of a setting: differences between runs that share all else, with their interval."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from rhoscope import statistics
from rhoscope.groups import Difference

Values = Mapping[str, float]
"""One number of each run, by its id."""


def differences(
    groups: Sequence[Values], baseline: Values, twins: Mapping[str, Sequence[Any]]
) -> list[Difference]:
    """Mean of each group − baseline over runs with equal `twins`: the seed, and what else varies in a group.

    Runs of one group that are twins count once, with their mean. Without three pairs there is no interval.
    The p values are corrected for the number of groups.
    """
    theirs = _by_twin(baseline, twins)
    pairs = [_pairs(_by_twin(group, twins), theirs) for group in groups]
    corrected = statistics.holm([statistics.paired(ours, base) for ours, base in pairs])
    return [
        Difference.of(ours - base, estimate) for estimate, (ours, base) in zip(corrected, pairs, strict=True)
    ]


def power(groups: Sequence[Values], baseline: Values, twins: Mapping[str, Sequence[Any]]) -> str:
    """Which differences between shares the pairs of groups and baseline can't show, in a sentence."""
    theirs = _by_twin(baseline, twins)
    spreads = []
    for group in groups:
        ours, base = _pairs(_by_twin(group, twins), theirs)
        spreads.append((len(ours), float((ours - base).std(ddof=1)) if len(ours) > 1 else 0.0))
    return statistics.power_line(spreads, "points", 100, 1)


def _pairs(ours: Values, theirs: Values) -> tuple[statistics.Floats, statistics.Floats]:
    common = [twin for twin in ours if twin in theirs]
    return np.array([ours[twin] for twin in common]), np.array([theirs[twin] for twin in common])


def _by_twin(values: Values, twins: Mapping[str, Sequence[Any]]) -> dict[str, float]:
    gathered: dict[str, list[float]] = {}
    for run, value in values.items():
        if math.isfinite(value):
            gathered.setdefault(repr(list(twins[run])), []).append(value)
    return {twin: float(np.mean(all_)) for twin, all_ in gathered.items()}
