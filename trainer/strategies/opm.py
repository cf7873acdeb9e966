"""On-the-fly prediction modulation. Letters: M modalities, N samples, D features."""

from collections.abc import Mapping
from typing import ClassVar, NamedTuple

import torch
from torch import Tensor

from rhoscope.series import Series
from rhoscope.settings import setting
from rhoscope.torch.balance import Balance, measure
from trainer.fusion import Features
from trainer.model import Output
from trainer.precision import at_least_single
from trainer.strategy import Step, Strategy, VariantSettings

IGNORED = -100
"""Class of examples that leave the step: cross-entropy does not count them."""

SERIES = (
    Series(
        name="drop_probability.{m}",
        title="Probability of being dropped",
        unit="1",
        formula="q_u = min(1, q (1 + λ tanh(ρ_u − 1))) where ρ_u > 1, else 0",
        help="Probability that the features of a modality that is ahead are left out of a prediction, in "
        "steps that drop anything; 0 in the first epochs.",
    ),
    Series(
        name="dropping",
        title="Whether the step drops features",
        unit="1",
        formula="1 with probability p after the first epochs, else 0",
        help="1 in a step that leaves features out and makes the others longer, 0 in a plain one.",
        reduce="mean",
    ),
)


class OPMSettings(VariantSettings):
    """Settings of OPM."""

    opm_rate: float = setting(
        0.5, "q, the minimum probability of dropping a dominant modality.", live=True, ge=0, le=1
    )
    opm_lambda: float = setting(
        0.5, "λ, the growth of that probability with the modality's lead.", live=True, ge=0, le=10
    )
    opm_execution: float = setting(
        0.7,
        "p, the probability that a step drops anything at all, as in the official code.",
        live=True,
        ge=0,
        le=1,
    )
    opm_warmup: int = setting(
        6, "Number of first epochs without dropping, as in the official code.", live=True, ge=0
    )


class Lots(NamedTuple):
    """Random numbers of a step, uniform in [0, 1): whether it drops anything, 0-D, and of what, [M, N]."""

    execute: Tensor
    keep: Tensor


class Masked(NamedTuple):
    """Features [N, D_u] by modality after dropping, which examples kept any [N], and the factor, 0-D."""

    features: Features
    remains: Tensor
    scale: Tensor


class OPM(Strategy):
    """Leaves the dominant modality's features out of the fused prediction: more often the further it leads.

    ρ comes from the current batch; examples are drawn independently. Features that stay, of all modalities,
    are multiplied by 1/(1 − θ), θ the mean of q_u by width; examples without any features leave the step. A
    modality that lags is never dropped. The variant official-code has the derivative of its program, which
    also adds θ · dθ/dφ to the features' gradient, an oversight by all signs; paper has it without.
    """

    title: ClassVar[str] = "OPM"
    paper: ClassVar[str] = "Wei et al., TPAMI 2024, On-the-fly Modulation for Balanced Multimodal Learning"
    fidelity: ClassVar[str] = (
        "Equal to the published code (github.com/GeWu-Lab/BML_TPAMI2024, commit 4b3aa4f) with variant "
        "official-code, checked by tests/golden/opm.py. The default variant, paper, leaves out one term of "
        "its gradient. With three modalities and more, ρ is the mean of the pairwise ratios."
    )
    requires: ClassVar[tuple[str, ...]] = ("late",)
    Settings = OPMSettings
    series: ClassVar[tuple[Series, ...]] = (*Strategy.series, *SERIES)
    settings: OPMSettings

    def forward(self, step: Step) -> Output:
        features = step.model.encode(step.inputs)
        lots = self.draw(len(features), len(step.target), step.target.device)
        balance = measure(
            self.unimodal(step.model, {m: f.detach() for m, f in features.items()}), step.target
        )
        rates = self.rates(balance, step.epoch)
        executed = self.executes(lots.execute, step.epoch)
        masked = mask(features, torch.where(executed, rates, 0), lots.keep)
        step.terms["remains"] = masked.remains
        if self.settings.variant == "official-code" and len(self.modalities) > 1:
            step.terms["oversight"] = self._oversight(step, features, executed)
        step.emit("drop_probability", balance.by_modality(rates))
        step.emit("dropping", executed.to(torch.float32))
        return Output(features, step.model.fusion.fuse(masked.features))

    def loss(self, step: Step, output: Output) -> Tensor:
        target = step.target.masked_fill(~step.terms["remains"], IGNORED)
        loss = step.model.fusion.task_loss(output.logits, target)
        own = step.model.fusion.own_loss(output.features, step.target)
        for extra in (own, step.terms.get("oversight")):
            loss = loss if extra is None else loss + extra
        return loss

    def draw(self, modalities: int, samples: int, device: torch.device) -> Lots:
        """This step's random numbers."""
        return Lots(torch.rand((), device=device), torch.rand(modalities, samples, device=device))

    def rates(self, balance: Balance, epoch: int) -> Tensor:
        """Probabilities [M] of being dropped, differentiable in the scores; 0 in the first epochs."""
        ratios, settings = self.ratios(balance), self.settings
        lead = settings.opm_rate * (1 + settings.opm_lambda * (ratios - 1).tanh())
        ahead = (ratios > 1) & (epoch >= settings.opm_warmup)
        return torch.where(ahead, lead.clamp(max=1), torch.zeros_like(lead))

    def executes(self, lot: Tensor, epoch: int) -> Tensor:
        """Whether a step with this lot drops anything, 0-D."""
        return (lot >= 1 - self.settings.opm_execution) & (epoch >= self.settings.opm_warmup)

    @torch.enable_grad()
    def _oversight(self, step: Step, features: Features, executed: Tensor) -> Tensor:
        """A loss of 0 whose gradient in the features is θ · dθ/dφ in steps that drop anything."""
        seen = {m: f.detach().requires_grad_() for m, f in features.items()}
        chosen = step.target.unsqueeze(1)
        unimodal = self.unimodal(step.model, seen)
        log_p = [z.double().log_softmax(-1).gather(1, chosen).logsumexp((0, 1)) for z in unimodal.values()]
        scores = torch.stack(log_p)
        balance = Balance(tuple(unimodal), scores, torch.zeros_like(scores), scores, len(chosen))
        theta = mean_rate(seen, self.rates(balance, step.epoch))
        slopes = torch.autograd.grad(theta, list(seen.values()), materialize_grads=True)
        factor = torch.where(executed, theta, 0).detach()
        wide = [at_least_single(f) for f in features.values()]
        pull = torch.stack(
            [(f * (factor * s).to(f.dtype)).sum() for f, s in zip(wide, slopes, strict=True)]
        ).sum()
        return pull - pull.detach()


def mean_rate(features: Mapping[str, Tensor], rates: Tensor) -> Tensor:
    """θ, 0-D: the mean of the modalities' rates [M], weighed by their widths."""
    widths = rates.new_tensor([f.shape[-1] for f in features.values()])
    return (rates * widths).sum() / widths.sum()


def mask(features: Features, rates: Tensor, lots: Tensor) -> Masked:
    """Drop each modality of each example where its lot [M, N] is below its rate [M]; the rest grows."""
    keeps = lots >= rates.unsqueeze(1)
    scale = 1 / (1 - mean_rate(features, rates))
    kept = {
        m: (f * scale.to(f.dtype)).masked_fill(~keep.unsqueeze(-1), 0)
        for (m, f), keep in zip(features.items(), keeps, strict=True)
    }
    return Masked(kept, keeps.any(0), scale)
