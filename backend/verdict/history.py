"""A run as a diagnosis looks at it: coarse means of all its curves, its newest rows, and its settings."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.curves.digest import Digest, Floats
from backend.store.rows import NOTHING, Curve
from rhoscope.verdict import Evidence

PIECES = 128
"""Means of one curve, at most."""
RECENT = 512
"""Newest rows that are read one by one."""
SHORT = 100
"""Steps of a run that is too short for any rule about means of steps."""
FEW = 4
"""Validations that are too few for a rule about them."""
LATE = 0.25
"""Part of a run that counts as its present."""
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Change:
    """A setting that was changed, or an attempt that began elsewhere, at a step."""

    step: int
    words: str


@dataclass(frozen=True)
class History:
    """A run as far as it is known.

    `curves` hold at most PIECES means each, `recent` the newest RECENT rows, `sparse` the names of series
    that are measured between two steps. `classes`, `examples`, and `majority` (share of the most frequent
    class) are those of its validation split, if recorded.
    """

    state: str
    modalities: Sequence[str]
    strategy: str
    settings: Mapping[str, Any]
    curves: Mapping[str, Digest]
    reason: str = ""
    steps_per_epoch: float | None = None
    recent: Mapping[str, Curve] = field(default_factory=dict)
    sparse: Collection[str] = ()
    changes: Sequence[Change] = ()
    classes: int | None = None
    examples: int | None = None
    majority: float | None = None

    @property
    def steps(self) -> int:
        """Steps that were taken: a row is one, and a sparse value at step s was measured after s of them."""
        ends = [
            int(one.last[-1]) + (name not in self.sparse) for name, one in self.curves.items() if len(one)
        ]
        return max(ends, default=0)

    @property
    def several(self) -> bool:
        """Whether there is anything to balance."""
        return len(self.modalities) > 1

    def of(self, name: str) -> Digest | None:
        """A curve; None where it has no value."""
        curve = self.curves.get(name)
        return curve if curve is not None and len(curve) else None

    def each(self, stem: str) -> dict[str, Digest]:
        """The curves of `stem` by modality, of those that have one."""
        curves = {m: self.of(f"{stem}.{m}") for m in self.modalities}
        return {m: curve for m, curve in curves.items() if curve is not None}

    def newest(self, name: str) -> Curve:
        """The newest rows of a series."""
        return self.recent.get(name, NOTHING)

    def late(self, curve: Digest, share: float = LATE) -> Digest:
        """The part of a curve in the last `share` of the run's steps, at least its last piece."""
        begin = int(np.searchsorted(curve.first, self.steps * (1 - share)))
        return curve.part(min(begin, len(curve) - 1), len(curve))


def short(history: History) -> str:
    """Why a run is too short for a rule about means of steps."""
    return f"it has {history.steps} of the {SHORT} steps that are needed."


def evidence(series: str, curve: Digest) -> Evidence:
    """All of a curve, or of a part of one."""
    return Evidence(series=series, start=int(curve.first[0]), end=int(curve.last[-1]))


def within(curve: Digest, start: float, end: float) -> Digest:
    """The pieces that lie in steps [start, end]."""
    a = int(np.searchsorted(curve.first, start))
    b = int(np.searchsorted(curve.last, end, side="right"))
    return curve.part(a, max(a, b))


def mean(curve: Digest) -> float:
    """Of all steps with finite means; NaN where there are none."""
    use = np.isfinite(curve.mean)
    return float(np.average(curve.mean[use], weights=curve.count[use])) if use.any() else float("nan")


def geometric(curve: Digest) -> float:
    """The geometric mean of a curve's positive pieces, as a ratio is averaged; NaN where there are none."""
    use = np.isfinite(curve.mean) & (curve.mean > 0)
    if not use.any():
        return float("nan")
    return float(np.exp(np.average(np.log(curve.mean[use]), weights=curve.count[use])))


def smooth(values: Floats, width: int = 5) -> Floats:
    """Means [p] over up to `width` neighbors; non-finite ones are left out.

    >>> smooth(np.array([0.0, 3.0, 0.0]), 3).tolist()
    [1.5, 1.0, 1.5]
    """
    finite = np.isfinite(values)
    kernel = np.ones(min(width, max(1, len(values))))
    total = np.convolve(np.where(finite, values, 0.0), kernel, "same")
    count = np.convolve(finite.astype(np.float64), kernel, "same")
    means: Floats = np.divide(total, count, out=np.full(len(values), np.nan), where=count > 0)
    return means


def trailing(mask: Mask) -> int:
    """Begin of the stretch of trues that reaches the end; the length where the last is false.

    >>> trailing(np.array([True, False, True, True]))
    2
    """
    wrong = np.flatnonzero(~mask)
    return int(wrong[-1]) + 1 if len(wrong) else 0


def aligned(one: Digest, other: Digest) -> tuple[Floats, Floats]:
    """Means of two curves that were recorded together, at the pieces of `one` that both have."""
    place = np.searchsorted(other.first, one.first, side="right") - 1
    use = place >= 0
    return one.mean[use], other.mean[place[use]]
