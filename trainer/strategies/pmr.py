"""Prototypical modal rebalance. Letters: N samples, C classes, D features."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import ClassVar, cast

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, one_hot

from rhoscope.series import Series
from rhoscope.settings import setting
from rhoscope.torch.balance import measure
from trainer.dataset import Batch
from trainer.model import Model, Output
from trainer.modulation import WindowSettings, within
from trainer.precision import Precision, at_least_single
from trainer.rehearsal import Rehearsal
from trainer.strategy import Step, Strategy, VariantSettings

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
        formula="β_u = clip(1 / ρ_u − 1, 0, 1); official-code: 1 where ρ_u < 1, else 0",
        help="Weight of the prototype loss, before α, for a modality that lags; 0 for one that is ahead.",
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


class PMRSettings(VariantSettings, WindowSettings):
    """Settings of PMR."""

    pmr_alpha: float = setting(
        1.0, "Weight of the lagging modality's prototype loss.", live=True, ge=0, le=100
    )
    pmr_mu: float = setting(
        0.01, "Weight of the leading modality's entropy, with variant paper.", live=True, ge=0, le=100
    )
    pmr_entropy_epochs: int = setting(
        5, "Number of initial epochs in which the leading modality's entropy is kept high.", live=True, ge=0
    )
    pmr_momentum: float = setting(
        0.2,
        "Share of a prototype that is kept when it is renewed after an epoch; the official code keeps 0.2, "
        "and nothing after the first epoch.",
        live=True,
        ge=0,
        lt=1,
    )
    pmr_share: float = setting(
        0.1,
        "Share of an epoch's batches, the first ones, that prototypes are the means of; at least one batch. "
        "The official code takes the first tenth.",
        live=True,
        gt=0,
        le=1,
    )


class PMR(Strategy):
    """Class prototypes identify the lagging modality and attract its features; the leader is kept uncertain.

    A prototype is the mean of a class's features, one per modality, found in evaluation mode before the run
    and after each epoch; a class that the batches used for it lack keeps its own. With variant paper the
    lagging modality's prototype loss counts clip(1/ρ − 1, 0, 1), and the leader's entropy is kept high at
    first; with official-code it counts wholly as soon as ρ < 1, and there is no entropy term. The modulation
    window bounds the prototype losses; the official code has epochs 0 to 50. Works with any fusion.
    """

    title: ClassVar[str] = "PMR"
    paper: ClassVar[str] = "Fan et al., CVPR 2023, PMR: Prototypical Modal Rebalance for Multimodal Learning"
    fidelity: ClassVar[str] = (
        "Equal to the published code (github.com/fanyunfeng-bit/Modal-Imbalance-PMR, commit 3615e48) with "
        "variant official-code, checked by tests/golden/pmr.py. The default variant, paper, weighs by the "
        "publication's formula. Prototypes come from training examples on every data set, also where the "
        "code takes a validation set (AVE); a class that is absent is no number there."
    )
    live: ClassVar[bool] = False
    Settings = PMRSettings
    series: ClassVar[tuple[Series, ...]] = (*Strategy.series, *SERIES)
    settings: PMRSettings

    def __init__(self, model: Model, settings: PMRSettings) -> None:
        super().__init__(model, settings)
        classes = model.fusion.classes
        self.prototypes = nn.ModuleDict(
            {m: Prototypes(classes, model.fusion.widths[m]) for m in model.modalities}
        )

    def prepare(self, rehearsal: Rehearsal) -> None:
        self._renew(rehearsal, rehearsal.epochs)

    def epoch_end(self, epoch: int, rehearsal: Rehearsal) -> dict[str, float] | None:
        self._renew(rehearsal, epoch + 1)
        return None

    def loss(self, step: Step, output: Output) -> Tensor:
        loss = super().loss(step, output)
        near = {m: self._of(m)(output.features[m]) for m in self.modalities}
        balance = measure(near, step.target)
        ratios, settings = balance.ratios(), self.settings
        weights = self.weights(ratios, inside=within(settings, step))
        held = settings.variant == "paper" and step.epoch < settings.pmr_entropy_epochs
        for place, modality in enumerate(self.modalities):
            own = cross_entropy(near[modality], step.target)
            log_p = near[modality].log_softmax(-1)
            entropy = -(log_p.exp() * log_p).sum(-1).mean()
            loss = loss + settings.pmr_alpha * weights[place].to(own.dtype) * own
            if held:
                loss = loss - settings.pmr_mu * (ratios[place] > 1) * entropy
            step.emit("prototype_loss", {modality: own})
            step.emit("prototype_entropy", {modality: entropy})
        step.emit("prototype_rho", balance.by_modality(ratios))
        step.emit("prototype_weight", balance.by_modality(weights))
        return loss

    def weights(self, ratios: Tensor, *, inside: bool) -> Tensor:
        """Weights [M] of the prototype losses, before α, for these ratios; 0 outside the window."""
        if not inside:
            return torch.zeros_like(ratios)
        if self.settings.variant == "official-code":
            return (ratios < 1).to(ratios.dtype)
        return (1 / ratios - 1).clamp(0, 1)

    def _renew(self, rehearsal: Rehearsal, epochs: int) -> None:
        """New prototypes from the network as it is after `epochs`."""
        batches = rehearsal.batches(epochs, self.settings.pmr_share)
        precision = Precision(rehearsal.training.precision, rehearsal.device)
        self.renew(rehearsal.model, batches, epochs, precision)

    @torch.no_grad()
    def renew(self, model: Model, batches: Iterable[Batch], epochs: int, precision: Precision) -> None:
        """Move every prototype toward its class's mean over these batches, after `epochs`.

        Whatever ends the batches early leaves all prototypes as they are.
        """
        sums = {m: ClassSums(self._of(m).centres) for m in self.modalities}
        with _evaluating(model):
            for inputs, target in batches:
                with precision.autocast():
                    features = model.encode(inputs)
                for m, one in sums.items():
                    one.add(at_least_single(features[m]), target)
        kept = self.settings.pmr_momentum if epochs > 1 else 0.0
        for m, one in sums.items():
            self._of(m).move(one, kept)

    def _of(self, modality: str) -> "Prototypes":
        return cast("Prototypes", self.prototypes[modality])


@contextmanager
def _evaluating(model: Model) -> Iterator[None]:
    mode = model.training
    model.eval()
    try:
        yield
    finally:
        model.train(mode)


class ClassSums:
    """Sums [C, D] and numbers [C, 1] of the features of each class."""

    def __init__(self, like: Tensor) -> None:
        self.sums = torch.zeros_like(like)
        self.counts = torch.zeros_like(like[:, :1])

    def add(self, features: Tensor, target: Tensor) -> None:
        """Features [N, D] of examples of the classes `target` [N]."""
        there = one_hot(target, len(self.sums)).to(self.sums.dtype)
        self.sums += there.mT @ features.to(self.sums.dtype)
        self.counts += there.sum(0).unsqueeze(1)


class Prototypes(nn.Module):
    """One prototype [D] per class, for one modality; that of a class never seen is at 0."""

    centres: Tensor
    seen: Tensor

    def __init__(self, classes: int, width: int) -> None:
        super().__init__()
        self.register_buffer("centres", torch.zeros(classes, width))
        self.register_buffer("seen", torch.zeros(classes, 1))

    def forward(self, features: Tensor) -> Tensor:
        """Logits [N, C] of features [N, D]: less the distance to each prototype."""
        apart = at_least_single(features).unsqueeze(1) - self.centres.unsqueeze(0)
        distances: Tensor = torch.linalg.vector_norm(apart, dim=-1)
        return -distances

    @torch.no_grad()
    def move(self, classes: ClassSums, kept: float) -> None:
        """To `kept` of itself and the rest the mean of its class; a class seen first gets its mean whole."""
        means = classes.sums / classes.counts.clamp_min(1)
        moved = kept * self.centres + (1 - kept) * means
        updated = torch.where(self.seen > 0, moved, means)
        self.centres.copy_(torch.where(classes.counts > 0, updated, self.centres))
        self.seen.copy_(torch.maximum(self.seen, (classes.counts > 0).to(self.seen.dtype)))
