"""Positions of a run's steps on an axis that runs share: steps, epochs, the clock, or seconds of training."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from backend.curves.digest import Digest, Floats, Steps
from rhoscope.records import Event

SERIES = "series:"
"""Before the name of a series that is the axis."""
Align = Annotated[str, Field(pattern=r"^(step|epoch|time|clock|series:.{1,200})$")]
Start = tuple[int, float]
"""The step an attempt began with, and when: Unix seconds."""


@dataclass(frozen=True)
class Axis:
    """A run's epoch length, starts and clock, as far as they are known."""

    steps_per_epoch: float | None
    starts: tuple[Start, ...]
    clock: Digest | None = None

    def place(self, steps: Steps, align: Align) -> Floats:
        """Positions [n], never falling, of ascending steps [n]; NaN where nothing is known.

        `epoch` counts finished ones, `clock` is Unix seconds, `time` seconds of training: see `trained`. With
        `series:NAME`, `clock` holds that series; where it falls, the axis stands still.
        """
        if align == "step":
            return steps.astype(np.float64)
        if align == "epoch":
            return steps / self.steps_per_epoch if self.steps_per_epoch else np.full(len(steps), np.nan)
        if self.clock is None or not len(self.clock):
            return np.full(len(steps), np.nan)
        at, times = knots(self.clock)
        if align == "clock" or align.startswith(SERIES):
            return np.interp(steps, at, times)
        return trained(steps, at, times, self.starts or ((int(at[0]), float(times[0])),))


def knots(clock: Digest) -> tuple[Steps, Floats]:
    """Steps [k] and the Unix seconds known there. A clock that was set back stands still meanwhile."""
    at = np.column_stack((clock.first, clock.last)).ravel()
    times = np.column_stack((clock.low, clock.high)).ravel()
    at, where = np.unique(at, return_index=True)
    return at, np.fmax.accumulate(times[where])


def trained(steps: Steps, at: Steps, times: Floats, starts: Sequence[Start]) -> Floats:
    """Seconds [n] of training until these steps [n], from times [k] known at some steps [k].

    What lies between the last step an attempt left behind and the start of the next is left out: pauses, the
    wait for a worker, and work that was lost.
    """
    seconds: NDArray[np.float64] = np.zeros(len(steps))
    before = 0.0
    for i, (begin, began) in enumerate(starts):
        until = starts[i + 1][0] if i + 1 < len(starts) else np.inf
        here = (steps >= begin if i else True) & (steps < until)
        current = (at >= begin if i else True) & (at < until)
        seconds[here] = before
        if not current.any():
            continue
        seconds[here] += np.maximum(0, np.interp(steps[here], at[current], times[current]) - began)
        before += max(0.0, float(times[current][-1]) - began)
    return seconds


def starts(lives: Sequence[tuple[Sequence[Event], int]]) -> tuple[Start, ...]:
    """Starts whose steps still count, of runs that continue each other.

    `lives` are their `started` events, each run's with the step where the next one took over.
    """
    valid: list[Start] = []
    for events, until in lives:
        attempt = 0
        for event in events:
            step = int(event.data.get("start_step", 0))
            if event.attempt <= attempt or step > until:
                continue
            attempt = event.attempt
            valid = [*(start for start in valid if start[0] < step), (step, event.time)]
    return tuple(valid)
