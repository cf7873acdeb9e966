"""A curve in few pieces with exact counts, means and extremes: what is drawn need not be read again."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from backend.store.rows import Curve

MOST = 2048
"""Pieces of one digest, at most."""
Floats = NDArray[np.float64]
Steps = NDArray[np.int64]


@dataclass(frozen=True)
class Digest:
    """Pieces [p] of a curve in order. Each lies between two multiples of `width` steps.

    `low` and `high` leave NaN out unless there is nothing else; the mean of a piece with a NaN is NaN.
    """

    width: int
    first: Steps
    last: Steps
    count: Steps
    mean: Floats
    low: Floats
    high: Floats

    @classmethod
    def of(cls, curve: Curve) -> Self:
        """Every value as a piece of its own."""
        steps, values = curve
        exact = values.astype(np.float64)
        return cls(1, steps, steps, np.ones(len(steps), np.int64), exact, exact, exact)

    def __len__(self) -> int:
        return len(self.last)

    def part(self, a: int, b: int) -> "Digest":
        """Pieces a to b, without b."""
        return Digest(self.width, *(column[a:b] for column in self.columns()))

    def joined(self, place: NDArray[Any], width: int | None = None) -> "Digest":
        """Neighbors with the same `place` [p] as one.

        >>> steps = np.arange(3, dtype=np.int64)
        >>> Digest.of((steps, np.array([1.0, 3.0, 5.0]))).joined(steps // 2).mean
        array([2., 5.])
        """
        if not len(self):
            return self
        begins = np.flatnonzero(np.concatenate([[True], place[1:] != place[:-1]]))
        ends = np.append(begins[1:], len(place)) - 1
        width = width or self.width
        if len(begins) == len(place):
            return Digest(width, *self.columns())
        count = np.add.reduceat(self.count, begins, dtype=np.int64)
        with np.errstate(invalid="ignore", over="ignore"):
            mean = np.add.reduceat(self.mean * self.count, begins) / count
            low, high = np.fmin.reduceat(self.low, begins), np.fmax.reduceat(self.high, begins)
        return Digest(width, self.first[begins], self.last[ends], count, mean, low, high)

    def small(self, cuts: Steps | None = None, most: int = MOST) -> "Digest":
        """The finest pieces of which there are at most `most`; none reaches across a step of `cuts`."""
        borders = np.empty(0, np.int64) if cuts is None else cuts
        beside = np.searchsorted(borders, self.first, side="right")
        begins, width = np.arange(len(self)), self.width
        while len(begins) > max(most, len(borders) + 1):
            width *= 2
            place = self.first[begins] // width + beside[begins]
            begins = begins[np.append(True, place[1:] != place[:-1])]
        return self.joined(self.first // width + beside, width) if width > self.width else self

    def grown(self, curve: Curve, cuts: Steps | None = None) -> "Digest":
        """With values behind its own."""
        more = Digest.of(curve)
        both = zip(self.columns(), more.columns(), strict=True)
        joined = Digest(self.width, *(np.concatenate(pair) for pair in both))
        borders = np.empty(0, np.int64) if cuts is None else cuts
        place = joined.first // self.width + np.searchsorted(borders, joined.first, side="right")
        return joined.joined(place).small(cuts)

    def columns(self) -> tuple[Any, ...]:
        """All but the width."""
        return self.first, self.last, self.count, self.mean, self.low, self.high
