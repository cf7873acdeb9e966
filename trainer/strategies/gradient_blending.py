"""Gradient blending. Letters: N samples, C classes; heads are each modality's and the joint one."""

import copy
from collections.abc import Sequence
from functools import partial
from typing import ClassVar, Literal, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from rhoscope.series import Series
from rhoscope.settings import Settings, setting
from trainer.fusion import Features
from trainer.measures.evaluate import Evaluation
from trainer.model import Model, Output
from trainer.rehearsal import Rehearsal
from trainer.strategy import Step, Strategy

_ABOUT: tuple[tuple[str, str, str, str, str], ...] = (
    (
        "blend_weight",
        "Loss weight",
        "1",
        "w_k = max(ΔG_k, 0) / max(|ΔO_k|, floor)², normalized to sum 1",
        "Weight of the head's loss. Heads that generalize more than they overfit get more, one whose "
        "validation loss rose gets 0.",
    ),
    (
        "ogr",
        "Overfitting-to-generalization ratio",
        "1",
        "OGR_k = |ΔO_k / ΔG_k|",
        "Overfitting per gain on validation in the last estimate; lower is better.",
    ),
    (
        "generalisation",
        "Gain on validation",
        "nats",
        "ΔG_k = L*_k before − L*_k after training on L_k alone",
        "Decrease of the head's validation loss in the last estimate; negative: it rose.",
    ),
    (
        "overfitting",
        "Growth of overfitting",
        "nats",
        "ΔO_k = (L*_k − L_k) after − (L*_k − L_k) before",
        "Growth of the gap between validation and training loss in the last estimate.",
    ),
)


def _series() -> tuple[Series, ...]:
    both = (("", "the joint head"), (".{m}", "the modality's head"))
    return tuple(
        Series(
            name=f"{stem}{ending}",
            title=title,
            unit=unit,
            formula=formula,
            help=f"{help} Here of {whose}.",
            scale="log" if stem == "ogr" else "linear",
            sparse=True,
        )
        for stem, title, unit, formula, help in _ABOUT
        for ending, whose in both
    )


def blend(gains: Sequence[float], overfits: Sequence[float], floor: float) -> list[float] | None:
    """Weights of losses with these gains ΔG and growths of overfitting ΔO; they sum to 1. None: no gain.

    `w_k = ΔG_k / ΔO_k²`, normalized, minimizes the joint overfitting-to-generalization ratio (Wang et al.,
    proposition 1). That of a head whose validation loss rose would be negative and is 0; |ΔO| below `floor`
    counts as that.

    >>> [round(w, 3) for w in blend([0.2, 0.1, -0.3], [0.2, 0.1, 0.1], floor=0.01)]
    [0.333, 0.667, 0.0]
    """
    raw = [max(g, 0.0) / max(abs(o), floor) ** 2 for g, o in zip(gains, overfits, strict=True)]
    total = sum(raw)
    return [w / total for w in raw] if total > 0 else None


def ratio(gain: float, overfit: float) -> float:
    """The overfitting-to-generalization ratio |ΔO / ΔG|; a gain of 0 counts as 1e-12."""
    return abs(overfit) / max(abs(gain), 1e-12)


class Losses(NamedTuple):
    """A head's mean losses over the training and the validation split, in nats."""

    training: float
    validation: float


def change(before: Losses, after: Losses) -> tuple[float, float]:
    """ΔG, the fall of the validation loss, and ΔO, the growth of its distance from the training loss."""
    gain = before.validation - after.validation
    return gain, (after.validation - after.training) - (before.validation - before.training)


class GradientBlendingSettings(Settings):
    """Schedule of the weight estimates."""

    blending: Literal["offline", "online"] = setting(
        "online",
        "offline: estimate the weights once, before the run; online: again from the current weights "
        "after every super-epoch.",
    )
    super_epoch: int = setting(8, "Epochs between estimates with 'online'.", live=True, ge=1)
    estimate_epochs: int = setting(
        2,
        "Epochs of training on each head's loss alone per estimate, on copies of the network, with the "
        "learning rates that the run has next.",
        ge=1,
    )
    overfitting_floor: float = setting(
        0.01,
        "Least growth of overfitting that a weight is divided by, in nats: a smaller one is noise, and would "
        "give its head all the weight.",
        live=True,
        gt=0,
        le=10,
    )


class GradientBlending(Strategy):
    """One head per modality and a joint one; their losses are weighted by how well they generalize.

    An estimate trains a copy of the network on each head's loss alone and sees how validation loss and
    overfitting change. It costs estimate_epochs × (modalities + 1) epochs, during which the run waits. Where
    no head's validation loss falls, the weights in force stay.
    """

    title: ClassVar[str] = "Gradient-Blending"
    paper: ClassVar[str] = (
        "Wang et al., CVPR 2020, What Makes Training Multi-modal Classification Networks Hard?"
    )
    fidelity: ClassVar[str] = (
        "Differs from the published code in that it makes the estimate at all; that of its authors "
        "(github.com/facebookresearch/VMZ, commit 4cc542d) only takes weights. It is the publication's "
        "formula, checked by tests/golden/gradient_blending.py, but for a head whose validation loss rose, "
        "which gets 0 and no negative weight, and for the floor of |ΔO|."
    )
    requires: ClassVar[tuple[str, ...]] = ("validation",)
    live: ClassVar[bool] = False
    Settings = GradientBlendingSettings
    series: ClassVar[tuple[Series, ...]] = (*Strategy.series, *_series())
    settings: GradientBlendingSettings
    weights: Tensor
    gains: Tensor
    overfits: Tensor

    def __init__(self, model: Model, settings: GradientBlendingSettings) -> None:
        super().__init__(model, settings)
        fusion = model.fusion
        self.heads = nn.ModuleDict({m: nn.Linear(w, fusion.classes) for m, w in fusion.widths.items()})
        count = len(self.modalities) + 1  # the joint head is the last
        for name in ("weights", "gains", "overfits"):
            self.register_buffer(name, torch.full((count,), 1 / count, dtype=torch.float64))

    def unimodal(self, model: Model, features: Features) -> dict[str, Tensor]:  # noqa: ARG002
        """Logits [N, C] of the modalities' own heads."""
        return {m: head(features[m]) for m, head in self.heads.items()}

    def loss(self, step: Step, output: Output) -> Tensor:
        logits = [*self.unimodal(step.model, output.features).values(), output.logits]
        losses = torch.stack([cross_entropy(z, step.target) for z in logits])
        loss = (losses * self.weights.to(losses.dtype)).sum()
        own = step.model.fusion.own_loss(output.features, step.target)
        return loss if own is None else loss + own

    def prepare(self, rehearsal: Rehearsal) -> None:
        self._estimate(rehearsal, rehearsal.epochs)

    def epoch_end(self, epoch: int, rehearsal: Rehearsal) -> dict[str, float] | None:
        last = epoch + 1 == rehearsal.training.epochs
        if self.settings.blending == "online" and (epoch + 1) % self.settings.super_epoch == 0 and not last:
            self._estimate(rehearsal, epoch + 1)
        return self._values()

    def _estimate(self, rehearsal: Rehearsal, epoch: int) -> None:
        """Set the weights by what each head's loss alone does, from an epoch on, to copies of the network."""
        trials = [self._trial(rehearsal, place, epoch) for place in range(len(self.weights))]
        gains, overfits = zip(*trials, strict=True)
        weights = blend(gains, overfits, self.settings.overfitting_floor)
        for buffer, values in ((self.gains, gains), (self.overfits, overfits), (self.weights, weights)):
            if values is not None:
                buffer.copy_(torch.tensor(values, dtype=torch.float64))
        now = ", ".join(f"{n} {w:.3f}" for n, w in zip(self._names(), self.weights.tolist(), strict=True))
        why = "re-estimated the loss weights" if weights else "saw no head generalize; the loss weights stay"
        rehearsal.report(f"Gradient-Blending {why}: {now}.")

    def _trial(self, rehearsal: Rehearsal, place: int, epoch: int) -> tuple[float, float]:
        """ΔG and ΔO of one head's loss; the joint head is the last place."""
        model, heads = copy.deepcopy(rehearsal.model), copy.deepcopy(self.heads)
        both = nn.ModuleList([model, heads])

        def logits(inputs: dict[str, Tensor]) -> list[Tensor]:
            output: Output = model(inputs)
            return [*(head(output.features[m]) for m, head in heads.items()), output.logits]

        def predict(inputs: dict[str, Tensor]) -> tuple[Tensor, dict[str, Tensor]]:
            chosen = logits(inputs)[place]
            return chosen, {"chosen": chosen}

        look = partial(rehearsal.evaluate, both, predict)
        before = _losses(look("train"), look("validation"))
        rehearsal.train(
            both,
            lambda inputs, target: cross_entropy(logits(inputs)[place], target),
            self.settings.estimate_epochs,
            going_on_from=epoch,
        )
        after = _losses(look("train"), look("validation"))
        return change(before, after)

    def _names(self) -> list[str]:
        return [*self.modalities, "joint"]

    def _values(self) -> dict[str, float]:
        endings = [*(f".{m}" for m in self.modalities), ""]
        gains, overfits = self.gains.tolist(), self.overfits.tolist()
        ratios = [ratio(g, o) for g, o in zip(gains, overfits, strict=True)]
        columns = {"blend_weight": self.weights.tolist(), "ogr": ratios}
        columns |= {"generalisation": gains, "overfitting": overfits}
        return {
            f"{stem}{ending}": value
            for stem, values in columns.items()
            for ending, value in zip(endings, values, strict=True)
        }


def _losses(train: Evaluation, validation: Evaluation) -> Losses:
    return Losses(train.loss, validation.loss)
