"""Scores of each modality alone on a batch, and the discrepancy ratios of them.

Peng et al., "Balanced Multimodal Learning via On-the-fly Gradient Modulation", CVPR 2022, section 3.2.
Letters: N samples, C classes, M modalities.
"""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import chain
from typing import Literal

import torch
from torch import Tensor

from rhoscope.torch.constants import number
from rhoscope.torch.extent import array, vector
from rhoscope.torch.host import HostVector, Vector, host_vector, numbers_of, tensor_of
from rhoscope.torch.outcomes import outcomes, over_samples, picked
from rhoscope.torch.presence import Presence

RatioRule = Literal["mean", "min"]
LIMIT = 80.0
"""Of a ratio's logarithm: exp(80) and exp(-80) are both normal single precision numbers."""


@dataclass(frozen=True)
class Balance:
    """One batch seen by each modality alone; every vector is [M], in the order of `modalities`."""

    modalities: tuple[str, ...]
    log_scores: Vector  # logarithms of s_u, sums over the batch of the probability given to the right class
    losses: Vector
    accuracies: Vector
    samples: int
    precision: torch.dtype = torch.float32
    """The network's own, in which ρ and k are made: double for double logits, otherwise single."""
    counts: Tensor | None = None  # samples that have each modality; None: all have all
    shared: Tensor | None = None  # [M, M], logarithm of s_u over the samples that have both u and v
    fused: Vector | None = None  # accuracy of all modalities together, where their logits were given

    @property
    def log_score(self) -> Tensor:
        """Logarithms of s_u [M]."""
        return tensor_of(self.log_scores)

    @property
    def loss(self) -> Tensor:
        """Cross-entropy [M]."""
        return tensor_of(self.losses)

    @property
    def accuracy(self) -> Tensor:
        """Share of samples whose likeliest class is the right one [M]."""
        return tensor_of(self.accuracies)

    def score(self) -> Tensor:
        """The mean probability given to the right class, s_u / N, in [0, 1]; NaN where no sample has u."""
        scores = self.log_score.exp()
        return scores / (
            number(self.samples, scores.dtype, scores.device) if self.counts is None else self.counts
        )

    def ratios(self, rule: RatioRule = "mean") -> Tensor:
        """Discrepancy ratios [M]; see `discrepancy_ratios`.

        Two modalities are compared over the samples that have both; one that shares none has NaN.
        """
        if self.shared is None:
            return ratios(self.log_scores, rule)
        return _ratios_where_both(self.shared, rule)

    def table(self, ratios: Tensor) -> Vector:
        """Loss, accuracy, score, and these ratios [4, M], in the network's own precision."""
        each = [
            v.values for v in (self.losses, self.accuracies, self.log_scores) if isinstance(v, HostVector)
        ]
        if len(each) < 3:
            return torch.stack([self.loss, self.accuracy, self.score(), ratios]).to(self.precision)
        scores = [math.exp(log) / self.samples for log in each.pop()]
        return host_vector(chain(*each, scores, numbers_of(ratios)), self.precision)

    def sums(self) -> Tensor:
        """Loss and accuracy summed over the samples that have the modality, and their number [M, 3]."""
        counts = self.counts
        if counts is None:
            counts = torch.full_like(self.loss, self.samples)
        sums = (torch.stack([self.loss, self.accuracy]) * counts).masked_fill(counts == 0, 0)
        return torch.cat([sums, counts[None]]).mT

    def by_modality(self, values: Tensor) -> dict[str, Tensor]:
        """Values [M] as 0-D tensors by modality, in the network's own precision."""
        return dict(zip(self.modalities, values.to(self.precision).unbind(), strict=True))


@torch.no_grad()
def measure(
    unimodal_logits: Mapping[str, Tensor],
    target: Tensor,
    presence: Presence | None = None,
    fused: Tensor | None = None,
) -> Balance:
    """Score every modality's own logits [N, C] against `target` [N]; nothing waits for the device.

    With those of all together, `fused` [N, C], their accuracy too.

    A sample that lacks a modality, as `presence` says, is left out of that one's score, loss and accuracy.
    Works in double precision where the device has it, so that neither many samples nor far logits cost
    digits.

    Raises:
        ValueError: without any modality, or when shapes do not fit each other.
    """
    _check(unimodal_logits, target)
    given = _seen_here if target.is_cpu else _seen_there
    return given(unimodal_logits, target, presence, fused)


def _seen_here(
    unimodal_logits: Mapping[str, Tensor], target: Tensor, presence: Presence | None, fused: Tensor | None
) -> Balance:
    """As `measure`, on a CPU: small vectors are numpy's, whose calls cost a fraction of an operator's."""
    names, m, right = tuple(unimodal_logits), len(unimodal_logits), array(target)
    logits = [*unimodal_logits.values(), *([] if fused is None else [fused])]
    both = picked(torch.stack(logits), right, right)
    rows = over_samples(both)
    hits = None if fused is None else host_vector(rows[2][m:], torch.float32)
    kind = _own(unimodal_logits.values())
    if presence is not None:
        log_p, sure = torch.from_numpy(both[:, :m]).unbind()
        return replace(_where_present(names, log_p, sure, presence), precision=kind, fused=hits)
    log_score, loss, accuracy = (HostVector(each[:m], torch.float64) for each in rows)
    return Balance(names, log_score, loss, accuracy, len(right), kind, fused=hits)


def _seen_there(
    unimodal_logits: Mapping[str, Tensor], target: Tensor, presence: Presence | None, fused: Tensor | None
) -> Balance:
    """As `measure`, on a device."""
    names, kind = tuple(unimodal_logits), _own(unimodal_logits.values())
    both = outcomes(torch.stack(list(unimodal_logits.values())), target)
    hits = None if fused is None else (fused.argmax(-1) == target).to(torch.float32).mean()
    if presence is not None:
        return replace(_where_present(names, both[0], both[1], presence), precision=kind, fused=hits)
    credits, accuracy = both.mean(-1)
    return Balance(names, both[0].logsumexp(-1), -credits, accuracy, len(target), kind, fused=hits)


def _where_present(names: tuple[str, ...], log_p: Tensor, right: Tensor, presence: Presence) -> Balance:
    """As `measure`, of `log_p` and `right` [M, N]."""
    there = presence.table
    counts = there.sum(1).to(log_p.dtype)
    known = log_p.masked_fill(~there, -torch.inf)
    both = there[:, None] & there[None, :]  # [M, M, N]
    return Balance(
        modalities=names,
        log_scores=known.logsumexp(1),
        losses=-log_p.masked_fill(~there, 0).sum(1) / counts,
        accuracies=right.masked_fill(~there, 0).sum(1) / counts,
        samples=log_p.shape[1],
        counts=counts,
        shared=log_p[:, None].expand_as(both).masked_fill(~both, -torch.inf).logsumexp(2),
    )


@torch.no_grad()
def pooled(balance: Balance, joined: Callable[[Tensor], Tensor]) -> Balance:
    """A whole batch's balance from that of one of its equal parts; `joined` stacks every part's values."""
    if balance.shared is not None:
        return _pooled_where_present(balance, joined)
    every = joined(torch.stack([balance.log_score, balance.loss, balance.accuracy]))  # [parts, 3, M]
    return Balance(
        modalities=balance.modalities,
        log_scores=every[:, 0].logsumexp(0),
        losses=every[:, 1].mean(0),
        accuracies=every[:, 2].mean(0),
        samples=balance.samples * len(every),
        precision=balance.precision,
    )


def _pooled_where_present(balance: Balance, joined: Callable[[Tensor], Tensor]) -> Balance:
    """As `pooled`: sums and counts are added up, so that parts with more samples of a modality weigh more."""
    size = len(balance.modalities)
    shared = balance.log_score.new_empty(0) if balance.shared is None else balance.shared
    every = joined(torch.stack([*balance.sums().mT, balance.log_score, *shared]))  # [parts, 4 + M, M]
    loss, right, counts = every[:, :3].sum(0)
    return Balance(
        modalities=balance.modalities,
        log_scores=every[:, 3].logsumexp(0),
        losses=loss / counts,
        accuracies=right / counts,
        samples=balance.samples * len(every),
        precision=balance.precision,
        counts=counts,
        shared=every[:, 4 : 4 + size].logsumexp(0),
    )


@torch.no_grad()
def discrepancy_ratios(
    unimodal_logits: Mapping[str, Tensor], target: Tensor, rule: RatioRule = "mean"
) -> dict[str, Tensor]:
    """How far each modality is ahead of the others, `rho_u`, as 0-D tensors on the logits' device.

    With scores `s_u = Σ softmax(logits_u)[y]` over the batch (equation 8), `rho_u` is the mean over the other
    modalities v of `s_u / s_v`; for two modalities the paper's ratio (equation 9). Rule `min` divides by the
    smallest other score instead. A modality alone has ratio 1.

    `unimodal_logits` [N, C] by modality, any floating type; `target` int64 [N]. The answer is single
    precision, double for double logits, positive and finite for any finite logits: worked out from
    logarithms, and clamped where its type ends. Not differentiable.

    Raises:
        ValueError: without any modality, or when shapes do not fit each other.

    >>> logits = {"audio": torch.tensor([[2.0, 0.0]]), "visual": torch.tensor([[0.0, 0.0]])}
    >>> rho = discrepancy_ratios(logits, torch.tensor([0]))
    >>> round(rho["audio"].item(), 4), round(rho["visual"].item(), 4)
    (1.7616, 0.5677)
    """
    balance = measure(unimodal_logits, target)
    return balance.by_modality(balance.ratios(rule))


def _own(logits: Iterable[Tensor]) -> torch.dtype:
    return torch.float64 if all(z.dtype == torch.float64 for z in logits) else torch.float32


def ratios(log_score: Vector, rule: RatioRule = "mean", kind: torch.dtype | None = None) -> Tensor:
    """Discrepancy ratios [M] of logarithms of scores [M], in this type or their own. Differentiable."""
    if isinstance(log_score, HostVector):
        if len(log_score.values) == 2:
            return _pair(log_score.values, kind or log_score.kind)
        log_score = log_score.tensor()
    kind = kind or log_score.dtype
    if len(log_score) == 1:
        return torch.ones_like(log_score, dtype=kind)
    learned = log_score.requires_grad
    if len(log_score) == 2 and log_score.is_cpu and not learned:
        return _pair(log_score.tolist(), kind)
    ahead = (log_score[:, None] - log_score[None, :]).clamp(-LIMIT, LIMIT)
    if len(log_score) == 2 and not learned:
        return torch.exp(ahead, out=torch.empty_like(ahead, dtype=kind)).flatten()[1:3]
    pairs = ahead.exp()  # [M, M], s_u / s_v
    if len(log_score) == 2:
        return pairs.flatten()[1:3].to(kind)
    own = torch.eye(len(log_score), dtype=torch.bool, device=log_score.device)
    others = pairs.masked_fill(own, 0)
    return (others.amax(1) if rule == "min" else others.sum(1) / (len(log_score) - 1)).to(kind)


def _pair(logs: list[float], kind: torch.dtype) -> Tensor:
    """As `ratios`, of two modalities on a CPU."""
    one, other = logs
    each = (max(ahead, -LIMIT) for ahead in (one - other, other - one))  # what is no number stays none
    return vector([math.exp(min(ahead, LIMIT)) for ahead in each], kind)


def _ratios_where_both(shared: Tensor, rule: RatioRule) -> Tensor:
    """As `ratios`, of scores [M, M] over the samples that have both; NaN where a modality shares none."""
    if len(shared) == 1:
        return torch.ones_like(shared[0])
    limit = 80.0
    own = torch.eye(len(shared), dtype=torch.bool, device=shared.device)
    compared = (shared > -torch.inf) & ~own
    pairs = (shared - shared.mT).nan_to_num(nan=0.0).clamp(-limit, limit).exp()
    some = compared.any(1)
    if rule == "min":
        highest = pairs.masked_fill(~compared, 0).amax(1)
        return highest.masked_fill(~some, torch.nan)
    return (pairs * compared).sum(1) / compared.sum(1)


def _check(unimodal_logits: Mapping[str, Tensor], target: Tensor) -> None:
    if not unimodal_logits:
        raise ValueError("`unimodal_logits` should hold at least one modality. Found none.")
    if target.ndim != 1:
        raise ValueError(f"`target` should be a 1-dimensional tensor. Found shape {tuple(target.shape)}.")
    first = next(iter(unimodal_logits.values())).shape
    for modality, logits in unimodal_logits.items():
        if logits.ndim != 2 or len(logits) != len(target) or logits.shape != first:
            raise ValueError(
                f"`unimodal_logits['{modality}']` should have shape [{len(target)}, classes], the same for "
                f"every modality. Found {tuple(logits.shape)}."
            )
