"""Kinds of task: what a batch shows about each modality. Letters: N samples, M modalities."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import ClassVar

import torch
from torch import Tensor

from rhoscope.series import Series
from rhoscope.torch.balance import LIMIT, RatioRule
from rhoscope.torch.balance import ratios as ratios_of
from rhoscope.torch.batch import Batch
from rhoscope.torch.coefficients import Lead
from rhoscope.torch.outcomes import log_sums
from rhoscope.torch.tally import NONE, Tally, constant, logarithms, precise_on

FOLDER = "rhoscope.torch.tasks"
Values = dict[str, Tensor]


class Task(ABC):
    """One kind of task; a file in `rhoscope/torch/tasks` with a `TASK`.

    `rank`: tasks are asked in this order whether a batch is theirs. `alone`: whether it scores predictions of
    each modality alone. `every`: how many steps lie between two looks, unless somebody says otherwise.
    """

    name: ClassVar[str]
    rank: ClassVar[int] = 50
    alone: ClassVar[bool] = True
    speeds: ClassVar[bool] = False
    """Whether each encoder's learning speed is measured; ρ is their ratio, where nothing else gives one."""
    every: ClassVar[int] = 1

    def fits(self, batch: Batch) -> bool:  # noqa: ARG002
        """Whether a batch whose task nobody named is of this kind. May wait for the device."""
        return False

    @abstractmethod
    def tally(self, modalities: tuple[str, ...], batch: Batch) -> Tally:
        """One batch's tally; nothing waits for the device. Raises: ValueError, for shapes that don't fit."""

    def ratios(self, tally: Tally, rule: RatioRule) -> Tensor | None:  # noqa: ARG002
        """Discrepancy ratios [M], in single precision, `NONE` for a modality that is compared with none."""
        return None

    def lead(self, tally: Tally, rule: RatioRule) -> Lead | None:
        """The same, as quotients that need not be worked out."""
        rho = self.ratios(tally, rule)
        return None if rho is None else Lead(rho)

    @abstractmethod
    def values(self, modalities: tuple[str, ...], tally: Tally) -> Values:
        """Values of the series, 0-D tensors by full name; `NONE` where no sample has one."""

    @abstractmethod
    def series(self, way: str) -> list[Series]:
        """Declarations, with `{m}` in names; `way`: a sentence about how a modality alone is scored."""


class Scored(Task):
    """A task in which each modality's own predictions have a score in [0, 1] per sample."""

    accurate: ClassVar[bool] = True

    def __init__(self) -> None:
        self._kept: dict[object, Tensor] = {}

    @abstractmethod
    def samples(self, logits: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
        """Of `logits` [M, N, ...]: the score's logarithm [M, N]; minus the loss, and a hit [2, M, N]."""

    @abstractmethod
    def loss(self, answer: Tensor, target: Tensor) -> Tensor:
        """The quantity that a probe minimizes, 0-D."""

    def outputs(self, target: Tensor) -> int | None:  # noqa: ARG002
        """Number of outputs that a probe needs; None where the target does not say."""
        return None

    @torch.no_grad()
    def tally(self, modalities: tuple[str, ...], batch: Batch) -> Tally:
        target = batch.truth()
        logits = predictions(batch).to(precise_on(target.device))
        log_score, earned = self.samples(logits, target)
        there = batch.there(modalities, log_score)
        m = len(modalities)
        if there is None and batch.weight is None:
            count = constant(log_score.shape[1], m, log_score, self._kept)
            logs = log_sums(log_score)[:, None].expand(-1, m)
            return Tally(logs, {"earned": earned.sum(-1), "count": count})
        if there is None:
            there = torch.ones_like(log_score, dtype=torch.bool)
        weight = there.to(log_score.dtype) if batch.weight is None else there * batch.weight.to(log_score)
        shift = weight.where(there, 1.0).log()
        both = there[:, None] & there[None, :]  # [M, M, N]
        logs = (log_score + shift)[:, None].expand_as(both).masked_fill(~both, -torch.inf).logsumexp(-1)
        earned = earned.where(there, 0.0).mul(weight).sum(-1)
        return Tally(logs, {"earned": earned, "count": weight.sum(1)}, masked=True)

    def ratios(self, tally: Tally, rule: RatioRule) -> Tensor | None:
        if not tally.masked:
            return ratios_of(self.log_scores(tally), rule, torch.float32)
        logs = self.pairs(tally)
        m = len(logs)
        if m == 1:
            return torch.ones(1, device=logs.device)
        own = torch.eye(m, dtype=torch.bool, device=logs.device)
        usable = ~own & (logs > -torch.inf) & (logs.mT > -torch.inf)
        others = (logs - logs.mT).where(usable, 0.0).clamp(-LIMIT, LIMIT).exp().where(usable, 0.0)
        counted = usable.sum(1)
        values = others.amax(1) if rule == "min" else others.sum(1) / counted
        return values.where(counted > 0, NONE).to(torch.float32)

    def lead(self, tally: Tally, rule: RatioRule) -> Lead | None:
        if tally.scores is None or len(tally.scores) != 2:
            return super().lead(tally, rule)
        return Lead(tally.scores[:, None], tally.scores[None, :])

    def pairs(self, tally: Tally) -> Tensor:
        """Logarithm of u's score over the samples that have both u and v, [M, M]."""
        return tally.logs

    def log_scores(self, tally: Tally) -> Tensor:
        """Logarithm of the sum of each modality's scores, [M]."""
        return tally.logs.diagonal() if tally.scores is None else logarithms(tally.scores)

    def scores(self, tally: Tally) -> Tensor:
        """Mean score, [M]."""
        sums = self.log_scores(tally).exp() if tally.scores is None else tally.scores
        return sums / tally.sums["count"]

    def values(self, modalities: tuple[str, ...], tally: Tally) -> Values:
        count = tally.sums["count"]
        credit, hits = tally.sums["earned"].unbind(0)
        named = {"score": self.scores(tally), "loss": -credit / count}
        if self.accurate:
            named["accuracy"] = hits / count
        known = {name: each.where(count > 0, NONE) for name, each in named.items()}
        if tally.masked:
            known["present"] = count
        return by_modality(modalities, known)

    def series(self, way: str) -> list[Series]:
        listed = [
            declared(
                "loss.{m}", "Loss of one modality", "mean over the batch", f"Of the modality alone. {way}"
            ),
            declared(
                "present.{m}",
                "Samples with this modality",
                "n_u",
                "Number of samples in the step that have it, each times its weight.",
            ),
            discrepancy(f"Above 1, this modality is ahead of the others; below 1, it lags behind. {way}"),
        ]
        if self.accurate:
            share = "share of correct predictions"
            text = f"Of the modality alone. {way}"
            listed.append(declared("accuracy.{m}", "Accuracy of one modality", share, text))
        return listed


def predictions(batch: Batch) -> Tensor:
    """Of each modality alone [M, N, ...]. Raises: ValueError, for unequal shapes."""
    if batch.alone is not None:
        return batch.alone
    each = [z.detach() for z in (batch.unimodal or {}).values()]
    if len({z.shape for z in each}) != 1:
        raise ValueError(f"predictions should have one shape. Found {[tuple(z.shape) for z in each]}")
    first = each[0]
    if not first.is_cpu:
        return torch.stack(each)
    precise = torch.empty(len(each), *first.shape, device=first.device, dtype=precise_on(first.device))
    return torch.stack(each, out=precise)


def by_modality(modalities: tuple[str, ...], named: Mapping[str, Tensor]) -> Values:
    """Vectors [M] as 0-D tensors, single precision, by full name."""
    return {
        f"{name}.{m}": value
        for name, each in named.items()
        for m, value in zip(modalities, each.to(torch.float32).unbind(), strict=True)
    }


def declared(name: str, title: str, formula: str, help: str, **more: object) -> Series:
    """A series without a unit."""
    fields = {"name": name, "title": title, "unit": "1", "formula": formula, "help": help}
    return Series.model_validate({**fields, **more})


def discrepancy(help: str) -> Series:
    """The series of ρ."""
    formula = "ρ_u = mean over v ≠ u of s_u / s_v"
    return declared("rho.{m}", "Discrepancy ratio ρ", formula, help, scale="log", reference=1.0)


@cache
def tasks() -> Mapping[str, Task]:
    """Every file of the folder, by its task's name, in the order in which they are asked.

    Raises:
        AttributeError: for a file without a `TASK`.
    """
    files = [module.name for module in iter_modules(import_module(FOLDER).__path__)]
    each: list[Task] = [import_module(f"{FOLDER}.{name}").TASK for name in files]
    return {task.name: task for task in sorted(each, key=lambda task: task.rank)}
