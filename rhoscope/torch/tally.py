"""Scores of each modality alone, merged from micro-batches and processes into one optimizer step.

Letters: N samples, C classes, M modalities. Sums travel as logarithms and counts, so that parts of a batch
give what the whole batch gives.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

from rhoscope.torch.balance import LIMIT, RatioRule, measure, precise

Task = Literal["classes", "labels", "regression"]
NONE = -1.0
"""Stands for "no sample" in numbers that are never negative: nothing else may wait for the device."""
_SUMS = 6


@dataclass(frozen=True)
class Tally:
    """Sums over samples; every tensor but `pairs` is [M], in the order of `modalities`.

    `pairs` [M, M]: logarithm of the sum of u's scores over the samples that have both u and v; `log_score` is
    its diagonal. `sums` [6, M] only of regressions: n, Σz, Σy, Σz², Σy², Σzy. `loss` and `hits` are sums.
    """

    modalities: tuple[str, ...]
    pairs: Tensor
    loss: Tensor
    hits: Tensor
    count: Tensor
    sums: Tensor | None = None

    def packed(self) -> Tensor:
        """Everything as one vector, to be gathered over processes."""
        parts = [self.pairs.flatten(), self.loss, self.hits, self.count]
        return torch.cat(parts if self.sums is None else [*parts, self.sums.flatten()])

    def merged(self, packed: Tensor) -> "Tally":
        """The tally of several: `packed` [parts, ...], each as `packed` gives it."""
        m = len(self.modalities)
        pairs = packed[:, : m * m].logsumexp(0).view(m, m)
        loss, hits, count = packed[:, m * m : m * m + 3 * m].sum(0).view(3, m).unbind()
        sums = None if self.sums is None else packed[:, m * m + 3 * m :].sum(0).view(_SUMS, m)
        return Tally(self.modalities, pairs, loss, hits, count, sums)

    def log_scores(self) -> Tensor:
        """Logarithm of s_u [M]; of a regression that of the squared correlation."""
        return self.pairs.diagonal() if self.sums is None else _squared_correlation(self.sums).log()

    def scores(self) -> Tensor:
        """Mean score in [0, 1], `NONE` without a sample."""
        if self.sums is not None:
            return self._known(_squared_correlation(self.sums))
        return self._known(self.log_scores().exp() / self.count)

    def losses(self) -> Tensor:
        """Mean loss of each modality alone, `NONE` without a sample."""
        return self._known(self.loss / self.count)

    def accuracies(self) -> Tensor:
        """Share of correct predictions of each modality alone, `NONE` without a sample."""
        return self._known(self.hits / self.count)

    def ratios(self, rule: RatioRule = "mean") -> Tensor:
        """Discrepancy ratios [M] over shared samples; `NONE` where a modality shares none with any other."""
        m = len(self.modalities)
        if m == 1:
            return torch.ones_like(self.count)
        logs = self.pairs if self.sums is None else self.log_scores()[:, None].expand(m, m)
        own = torch.eye(m, dtype=torch.bool, device=logs.device)
        usable = ~own & (logs > -torch.inf) & (logs.mT > -torch.inf)
        pairs = (logs - logs.mT).where(usable, 0.0).clamp(-LIMIT, LIMIT).exp()
        others = pairs.where(usable, 0.0)
        counted = usable.sum(1)
        values = others.amax(1) if rule == "min" else others.sum(1) / counted
        return values.where(counted > 0, NONE)

    def by_modality(self, values: Tensor) -> dict[str, Tensor]:
        """Values [M] as 0-D tensors by modality, in single precision."""
        return dict(zip(self.modalities, values.to(torch.float32).unbind(), strict=True))

    def _known(self, values: Tensor) -> Tensor:
        return values.where(self.count > 0, NONE)


@torch.no_grad()
def tally(
    unimodal: Mapping[str, Tensor], target: Tensor, task: Task, present: Mapping[str, Tensor] | None = None
) -> Tally:
    """One batch's tally: `unimodal` logits or predictions by modality, `present` bool [N] by modality.

    Raises:
        ValueError: when shapes do not fit each other.
    """
    if task == "regression":
        return _of_regression(unimodal, target, present)
    if task == "classes" and present is None:
        return _of_classes(unimodal, target)
    log_p, loss, hit = _samples(unimodal, target, task)  # each [M, N]
    there = _there(unimodal, present, log_p)
    both = there[:, None] & there[None, :]  # [M, M, N]
    pairs = log_p[:, None].expand_as(both).masked_fill(~both, -torch.inf).logsumexp(-1)
    lost, hits = ((values * there).sum(1) for values in (loss, hit))
    return Tally(tuple(unimodal), pairs, lost, hits, there.to(log_p.dtype).sum(1))


def _of_classes(unimodal: Mapping[str, Tensor], target: Tensor) -> Tally:
    """As our own training measures it, to the bit."""
    balance = measure(unimodal, target)
    count = torch.full_like(balance.loss, balance.samples)
    pairs = balance.log_score[:, None].expand(-1, len(unimodal))
    return Tally(tuple(unimodal), pairs, balance.loss * count, balance.accuracy * count, count)


def _samples(unimodal: Mapping[str, Tensor], target: Tensor, task: Task) -> tuple[Tensor, Tensor, Tensor]:
    logits = torch.stack([z.detach() for z in unimodal.values()]).to(precise(target))
    if task == "classes":
        chosen = target.expand(len(logits), -1).unsqueeze(-1)
        log_p = logits.log_softmax(-1).gather(-1, chosen).squeeze(-1)
        return log_p, -log_p, (logits.argmax(-1) == target).to(logits.dtype)
    if logits.shape[1:] != target.shape:
        raise ValueError(
            f"labels should have the logits' shape {tuple(logits.shape[1:])}. Found {tuple(target.shape)}."
        )
    truth = target.to(logits.dtype)
    positive, negative = truth.sum(-1), (1 - truth).sum(-1)
    chance = logits.sigmoid()
    shares = [
        (chance * truth).sum(-1) / positive.clamp_min(1),
        ((1 - chance) * (1 - truth)).sum(-1) / negative.clamp_min(1),
    ]
    halves = (positive > 0).to(logits.dtype) + (negative > 0).to(logits.dtype)
    score = (shares[0] + shares[1]) / halves
    loss = binary_cross_entropy_with_logits(logits, truth.expand_as(logits), reduction="none").mean(-1)
    hit = ((logits > 0) == (truth > 0.5)).to(logits.dtype).mean(-1)
    return score.log(), loss, hit


def _of_regression(
    unimodal: Mapping[str, Tensor], target: Tensor, present: Mapping[str, Tensor] | None
) -> Tally:
    kind = precise(target)
    z = torch.stack([v.detach().reshape(len(target), -1) for v in unimodal.values()]).to(kind)  # [M, N, D]
    y = target.detach().reshape(len(target), -1).to(kind).expand_as(z)
    there = _there(unimodal, present, z[..., 0])
    kept = there[..., None].to(kind)
    each = (torch.ones_like(z), z, y, z * z, y * y, z * y)
    sums = torch.stack([(values * kept).sum((1, 2)) for values in each])
    loss = ((z - y).square().mean(-1) * there).sum(1)
    count = there.to(kind).sum(1)
    pairs = torch.zeros(len(z), len(z), dtype=kind, device=z.device)
    return Tally(tuple(unimodal), pairs, loss, torch.zeros_like(loss), count, sums)


def _squared_correlation(sums: Tensor) -> Tensor:
    n, z, y, zz, yy, zy = sums.unbind()
    spread = (n * zz - z * z) * (n * yy - y * y)
    tiny = torch.finfo(sums.dtype).tiny
    return ((n * zy - z * y).square() / spread.clamp_min(tiny)).clamp(0, 1)


def _there(unimodal: Mapping[str, Tensor], present: Mapping[str, Tensor] | None, like: Tensor) -> Tensor:
    """Which samples have which modality, bool [M, N]."""
    everyone = torch.ones(like.shape[1], dtype=torch.bool, device=like.device)
    given = present or {}
    return torch.stack([given.get(m, everyone).to(like.device, torch.bool) for m in unimodal])


def gathered(one: Tally, parts: list[Tensor], joined: Callable[[Tensor], Tensor] | None) -> Tally:
    """The tally of a step: of micro-batches [parts, ...], and of processes where there are several."""
    if len(parts) == 1 and joined is None:
        return one
    whole = one.merged(torch.stack(parts)) if len(parts) > 1 else one
    return whole if joined is None else whole.merged(joined(whole.packed()))
