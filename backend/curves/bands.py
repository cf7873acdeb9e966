"""Several runs as one curve: their mean, how far they lie apart, and the least and greatest of all values."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.curves.digest import Digest, Floats, Steps


@dataclass(frozen=True)
class Placed:
    """A run's curve on a shared axis: `x` [p] is where each piece ends, never falling."""

    x: Floats
    pieces: Digest


@dataclass(frozen=True)
class Band:
    """Stretches [b] of an axis; `steps` and `x` are the last ones that any run has there."""

    steps: Steps
    x: Floats
    mean: Floats
    deviation: Floats
    low: Floats
    high: Floats
    runs: Steps


def band(
    curves: Sequence[Placed], points: int, *, start: float = -np.inf, end: float = np.inf, whole: bool = False
) -> Band:
    """Mean and sample standard deviation over runs, in about `points` stretches of [start, end].

    A value on either side comes with them. Where all runs have their values at the same places, and these are
    few, each is a stretch of its own. Else stretches are equally long, and no shorter than the usual distance
    of a run's values, so that runs meet. With `whole`, x are steps. Each run counts once in a stretch, with
    the mean of its values there; a run that has none does not count. The deviation of a single run is 0. NaN
    of one run is NaN of all: it is a finding.
    """
    parts = [part for curve in curves if len((part := _within(curve, start, end)).x)]
    if not parts:
        none = np.empty(0)
        return Band(none.astype(np.int64), none, none, none, none, none, none.astype(np.int64))
    if len(parts) == 1:
        one = parts[0]
        return _alone(one, _own_places(one.x.tobytes(), one.pieces.width, points, (start, end), whole))
    places = _places(
        [one.x for one in parts], [one.pieces.width for one in parts], points, (start, end), whole
    )
    merged = [one.pieces.joined(place) for one, place in zip(parts, places, strict=True)]
    slots = np.unique(np.concatenate(places))
    shape = (len(parts), len(slots))
    has, steps = np.zeros(shape, bool), np.full(len(slots), -1, np.int64)
    x, means = np.full(len(slots), -np.inf), np.zeros(shape)
    low, high = np.full(len(slots), np.nan), np.full(len(slots), np.nan)
    for i, (one, place, pieces) in enumerate(zip(parts, places, merged, strict=True)):
        ends = np.flatnonzero(np.append(place[1:] != place[:-1], True))
        at = np.searchsorted(slots, place[ends])
        has[i, at] = True
        means[i, at] = pieces.mean
        steps[at] = np.maximum(steps[at], pieces.last)
        x[at] = np.maximum(x[at], one.x[ends])
        low[at], high[at] = np.fmin(low[at], pieces.low), np.fmax(high[at], pieces.high)
    runs = has.sum(0, dtype=np.int64)
    with np.errstate(invalid="ignore", over="ignore"):
        mean = means.sum(0) / runs
        apart = np.where(has, means - mean, 0.0)
        deviation = np.sqrt((apart**2).sum(0) / np.maximum(1, runs - 1))
    return Band(steps, x, mean, deviation, low, high, runs)


def _alone(one: Placed, place: NDArray[Any]) -> Band:
    """The band of a single run: its own values, of which none lies apart from any other."""
    pieces = one.pieces.joined(place)
    ends = np.flatnonzero(np.append(place[1:] != place[:-1], True))
    with np.errstate(invalid="ignore"):
        apart = pieces.mean - pieces.mean  # NaN where the mean is not finite, as of several runs
    runs = np.ones(len(ends), np.int64)
    return Band(pieces.last, one.x[ends], pieces.mean, apart, pieces.low, pieces.high, runs)


def _within(curve: Placed, start: float, end: float) -> Placed:
    """The pieces in [start, end], and one more on either side, so that lines reach the edges."""
    finite = int(np.searchsorted(curve.x, np.inf, side="right"))
    a = max(0, int(np.searchsorted(curve.x, start)) - 1)
    b = min(finite, int(np.searchsorted(curve.x, end, side="right")) + 1)
    return Placed(curve.x[a:b], curve.pieces.part(a, b))


@lru_cache(maxsize=64)
def _own_places(
    x: bytes, grain: int, points: int, window: tuple[float, float], whole: bool
) -> NDArray[np.int64]:
    """The places of a single run: those that are compared, and their series, mostly have the same x."""
    (own,) = _places([np.frombuffer(x, np.float64)], [grain], points, window, whole)
    own.flags.writeable = False
    return own


def _places(
    there: Sequence[Floats], grains: Sequence[int], points: int, window: tuple[float, float], whole: bool
) -> list[NDArray[np.int64]]:
    every = np.unique(np.concatenate(there))
    if len(every) <= points + 2 and len(every) == max(len(np.unique(x)) for x in there):
        return [np.searchsorted(every, x) for x in there]
    low, high = max(window[0], float(every[0])), min(window[1], float(every[-1]))
    usual = max((float(np.median(np.diff(x))) for x in there if len(x) > 1), default=0.0)
    if whole:
        grain = max(grains)
        width = max(1.0, np.ceil(max((high - low + 1) / points, usual) / grain)) * grain
        return [(x // width).astype(np.int64) for x in there]
    width = max((high - low) / points, usual) or 1.0
    last = max(0, int(np.ceil((high - low) / width)) - 1)
    inside = [np.clip(np.floor((x - low) / width), 0, last).astype(np.int64) for x in there]
    return [
        np.where(x < low, -1, np.where(x > high, last + 1, place))
        for x, place in zip(there, inside, strict=True)
    ]
