"""What a golden case compares: figures of the product's own code with those the official code gave."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

Case = Mapping[str, Any]
"""One entry of a golden file's `cases`: name, settings, inputs, expected."""


@dataclass(frozen=True)
class Difference:
    """One compared figure: the worst deviation over its entries and the one allowed, in the same unit."""

    figure: str
    worst: float
    allowed: float

    @property
    def small(self) -> bool:
        """Whether it is within the tolerance; a deviation that is not a number is not."""
        return self.worst <= self.allowed


def absolute(figure: str, ours: ArrayLike, theirs: ArrayLike, allowed: float) -> Difference:
    """The largest absolute deviation; infinite where the shapes differ."""
    a, b = np.asarray(ours, float), np.asarray(theirs, float)
    if a.shape != b.shape:
        return Difference(figure, float("inf"), allowed)
    same = (a == b) | (np.isnan(a) & np.isnan(b))
    return Difference(figure, float(np.where(same, 0.0, np.abs(a - b)).max(initial=0.0)), allowed)


def relative(figure: str, ours: ArrayLike, theirs: ArrayLike, allowed: float) -> Difference:
    """The largest deviation in units of the expected array's largest entry."""
    largest = float(np.abs(np.asarray(theirs, float)).max(initial=0.0)) or 1.0
    return Difference(figure, absolute(figure, ours, theirs, allowed).worst / largest, allowed)


def exact(figure: str, ours: object, theirs: object) -> Difference:
    """No deviation at all: texts, counts, decisions."""
    return Difference(figure, 0.0 if ours == theirs else float("inf"), 0.0)
