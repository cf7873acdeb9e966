"""Which modality leads, by how much, and since when."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from backend.curves.digest import Digest
from backend.verdict.history import History, aligned, geometric, smooth, trailing

MEANS_LEAD = 1.5
"""Ratio of scores that counts as a lead.

Nine of ten joint runs on smartwatch lie below it, where balancing gains nothing; those on AV-digits,
digit-views, and synthetic data lie above (`docs/results/verdicts/report.md`).
"""
STEADY = 0.8
"""Part of the late pieces on the same side."""


@dataclass(frozen=True)
class Lead:
    """The leader's rho: `stretch` is the part of its curve from which on it has led without a break."""

    modality: str
    factor: float
    stretch: Digest
    steady: bool

    @property
    def clear(self) -> bool:
        """Whether it is more than what chance and a good day give."""
        return self.steady and self.factor > MEANS_LEAD


def ratios(history: History) -> dict[str, Digest]:
    """Curves of rho by modality without the bias that a mean of ratios has on small batches.

    Of two modalities the one's mean is divided by the other's, which is its inverse; of more, ratios are
    those of mean scores where these were recorded.
    """
    rho, score = history.each("rho"), history.each("score")
    if len(rho) == 2:
        (one, first), (other, second) = rho.items()
        return {one: _against(first, second), other: _against(second, first)}
    if len(rho) < 2 or score.keys() != rho.keys():
        return rho
    return {m: _mean_ratio(curve, [score[v] for v in score if v != m]) for m, curve in score.items()}


def _against(one: Digest, other: Digest) -> Digest:
    """The geometric mean of a ratio, out of the means of it and of its inverse."""
    ours, theirs = aligned(one, other)
    with np.errstate(divide="ignore", invalid="ignore"):
        return replace(one.part(len(one) - len(ours), len(one)), mean=np.sqrt(ours / theirs))


def _mean_ratio(score: Digest, others: Sequence[Digest]) -> Digest:
    with np.errstate(divide="ignore", invalid="ignore"):
        each = [np.divide(*aligned(score, other)) for other in others]
    count = min(map(len, each))
    mean = np.mean([one[len(one) - count :] for one in each], axis=0)
    return replace(score.part(len(score) - count, len(score)), mean=mean)


def lead(history: History) -> Lead | None:
    """The modality with the highest rho in the last quarter; None where no rho was recorded."""
    curves = ratios(history)
    if len(curves) < 2:
        return None
    present = {m: geometric(history.late(curve)) for m, curve in curves.items()}
    finite = {m: value for m, value in present.items() if np.isfinite(value)}
    if not finite:
        return None
    leader = max(finite, key=lambda m: finite[m])
    curve = curves[leader]
    late = history.late(curve)
    ahead = smooth(np.log(np.maximum(curve.mean, 1e-30))) > 0
    begin = min(trailing(ahead), len(curve) - 1)
    steady = float(np.mean(late.mean > 1)) >= STEADY
    return Lead(leader, finite[leader], curve.part(begin, len(curve)), steady)


def percent(share: float) -> str:
    """As in a sentence.

    >>> percent(0.837)
    '84 %'
    """
    return f"{100 * share:.0f} %"


def times(factor: float) -> str:
    """As in a sentence.

    >>> times(4.21), times(123.4)
    ('4.2', '123')
    """
    return f"{factor:.1f}" if factor < 100 else f"{factor:,.0f}"
