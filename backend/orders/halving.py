"""The cost of a trial of remedies: rungs at which the field is halved, and how far it goes. All is pure."""

import math
from collections.abc import Iterator, Sequence

SHARE = 4
"""Where nothing is said, the horizon is at most this part of a run's epochs ..."""
COST = 3
"""... and all trainings together have at most this many times the run's steps: a coffee, not a night."""
LEAST = 2
"""Epochs before anything is compared."""
START_S = 2.0
"""Seconds until the first step of a training, which begins with what its worker has loaded."""


def horizon_of(epochs: int, candidates: int, seeds: int) -> int:
    """Epochs that the last ones are trained for where nothing is said; `candidates` count the control.

    >>> horizon_of(24, 7, 3), horizon_of(24, 3, 3), horizon_of(100, 7, 3), horizon_of(4, 7, 3)
    (4, 6, 23, 2)
    """
    longest = max(LEAST, epochs // SHARE)
    fits = [h for h in range(LEAST, longest + 1) if epochs_of(h, candidates, seeds) <= COST * epochs]
    return max(fits, default=LEAST)


def epochs_of(horizon: int, candidates: int, seeds: int) -> int:
    """Epochs of all trainings together.

    >>> epochs_of(4, 7, 3)
    66
    """
    return seeds * sum(n * length for n, length in _stretches(rungs_of(horizon, candidates), candidates))


def seconds(rungs: Sequence[int], candidates: int, seeds: int, pace: float) -> float:
    """Seconds of all trainings together; `rungs` in steps from the beginning, `pace` in seconds per step."""
    return seeds * sum(n * (START_S + length * pace) for n, length in _stretches(rungs, candidates))


def rungs_of(horizon: int, candidates: int) -> list[int]:
    """Epochs at which the field is halved, the last one at the horizon.

    >>> rungs_of(8, 7), rungs_of(6, 7), rungs_of(1, 7)
    ([2, 4, 8], [3, 6], [1])
    """
    most = max(1, math.ceil(math.log2(max(2, candidates))))
    rungs = [horizon]
    while len(rungs) < most and rungs[0] // 2 >= LEAST:
        rungs.insert(0, rungs[0] // 2)
    return rungs


def _stretches(rungs: Sequence[int], candidates: int) -> Iterator[tuple[int, int]]:
    """How many candidates are trained to each rung, and how far: the control and half of the others."""
    others = candidates - 1
    for before, rung in zip([0, *rungs], rungs, strict=False):
        yield 1 + others, rung - before
        others = math.ceil(others / 2)
