"""Prototypical modal rebalance. Letters: N samples, C classes, D features."""

from typing import ClassVar, cast

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, one_hot

from rhoscope.series import Series
from rhoscope.settings import Settings, setting
from rhoscope.torch.balance import measure
from trainer.model import Model, Output
from trainer.strategy import Step, Strategy

SERIES = (
    Series(
        name="prototype_rho.{m}",
        title="Discrepancy ratio by prototypes",
        unit="1",
        formula="ρ from softmax(−‖φ_u − c_u‖) instead of the modality's logits",
        help="Discrepancy ratio with features classified by the nearest class prototype, independent of "
        "any head.",
        scale="log",
        reference=1.0,
    ),
    Series(
        name="prototype_loss.{m}",
        title="Prototype cross-entropy",
        unit="nats",
        formula="−1/N Σᵢ log softmax(−‖φ_u,ᵢ − c_u‖)[yᵢ]",
        help="Distance of features to their class's prototype, relative to the other classes'.",
        reduce="mean",
    ),
    Series(
        name="prototype_weight.{m}",
        title="Weight of the prototype loss",
        unit="1",
        formula="β_u = clip(1 / ρ_u − 1, 0, 1)",
        help="Weight of the prototype loss for a modality that lags; 0 for one that is ahead.",
    ),
    Series(
        name="prototype_entropy.{m}",
        title="Entropy over prototypes",
        unit="nats",
        formula="1/N Σᵢ H(softmax(−‖φ_u,ᵢ − c_u‖))",
        help="Entropy of the leading modality, which is kept high during the first epochs.",
        reduce="mean",
    ),
)


class PMRSettings(Settings):
    """Settings of PMR."""

    pmr_alpha: float = setting(
        1.0, "Weight of the lagging modality's prototype loss.", live=True, ge=0, le=100
    )
    pmr_mu: float = setting(0.01, "Weight of the leading modality's entropy.", live=True, ge=0, le=100)
    pmr_entropy_epochs: int = setting(
        5, "Number of initial epochs in which the leading modality's entropy is kept high.", live=True, ge=0
    )
    pmr_momentum: float = setting(
        0.9, "Momentum of the prototypes: the share kept when a class is seen again.", live=True, ge=0, lt=1
    )


class PMR(Strategy):
    """Class prototypes identify the lagging modality and attract its features; the leader is kept uncertain.

    A prototype is the running mean of a class's features, one per modality. Works with any fusion.
    """

    title: ClassVar[str] = "PMR"
    paper: ClassVar[str] = "Fan et al., CVPR 2023, PMR: Prototypical Modal Rebalance for Multimodal Learning"
    Settings = PMRSettings
    series: ClassVar[tuple[Series, ...]] = (*Strategy.series, *SERIES)
    settings: PMRSettings

    def __init__(self, model: Model, settings: PMRSettings) -> None:
        super().__init__(model, settings)
        classes = model.fusion.classes
        self.prototypes = nn.ModuleDict(
            {m: Prototypes(classes, model.fusion.widths[m]) for m in model.modalities}
        )

    def loss(self, step: Step, output: Output) -> Tensor:
        loss = super().loss(step, output)
        near = {m: self._of(m)(output.features[m].float()) for m in self.modalities}
        balance = measure(near, step.target)
        ratios = balance.ratios()
        weight = balance.by_modality((1 / ratios - 1).clamp(0, 1))
        held = step.epoch < self.settings.pmr_entropy_epochs
        for place, modality in enumerate(self.modalities):
            own = cross_entropy(near[modality], step.target)
            log_p = near[modality].log_softmax(-1)
            entropy = -(log_p.exp() * log_p).sum(-1).mean()
            loss = loss + self.settings.pmr_alpha * weight[modality] * own
            if held:
                loss = loss - self.settings.pmr_mu * (ratios[place] > 1) * entropy
            step.emit("prototype_loss", {modality: own})
            step.emit("prototype_entropy", {modality: entropy})
        step.emit("prototype_rho", balance.by_modality(ratios))
        step.emit("prototype_weight", weight)
        return loss

    @torch.no_grad()
    def measure(self, step: Step, output: Output, loss: Tensor) -> None:
        super().measure(step, output, loss)
        for modality in self.modalities:
            features = output.features[modality].detach().float()
            self._of(modality).move(features, step.target, self.settings.pmr_momentum)

    def _of(self, modality: str) -> "Prototypes":
        return cast("Prototypes", self.prototypes[modality])


class Prototypes(nn.Module):
    """One prototype [D] per class, for one modality."""

    centres: Tensor
    seen: Tensor

    def __init__(self, classes: int, width: int) -> None:
        super().__init__()
        self.register_buffer("centres", torch.zeros(classes, width))
        self.register_buffer("seen", torch.zeros(classes, 1))

    def forward(self, features: Tensor) -> Tensor:
        """Logits [N, C] of features [N, D]: less the distance to each prototype.

        The prototypes of before this batch; on the first batch all of them are at 0.
        """
        squared = (features.unsqueeze(1) - self.centres.unsqueeze(0)).square().sum(-1)
        return -(squared + 1e-12).sqrt()

    @torch.no_grad()
    def move(self, features: Tensor, target: Tensor, momentum: float) -> None:
        """Toward the mean of each class that is in the batch; a class seen first gets its mean whole."""
        there = one_hot(target, len(self.centres)).to(features.dtype)
        counts = there.sum(0).unsqueeze(1)
        means = there.mT @ features / counts.clamp_min(1)
        moved = momentum * self.centres + (1 - momentum) * means
        updated = torch.where(self.seen > 0, moved, means)
        self.centres.copy_(torch.where(counts > 0, updated, self.centres))
        self.seen.copy_(torch.maximum(self.seen, (counts > 0).to(self.seen.dtype)))
