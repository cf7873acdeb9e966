"""Adaptive gradient modulation. Letters: M modalities, N samples, C classes."""

import itertools
import math
from typing import ClassVar

import torch
from torch import Tensor

from rhoscope.series import Series
from rhoscope.settings import setting
from trainer.fusion import Features, Fusion
from trainer.model import Model, Output
from trainer.modulation import Modulation, ModulationSettings
from trainer.strategy import Step

MOST = 7.0
"""Bound on the exponent, as in the official code."""

SERIES = (
    Series(
        name="response.{m}",
        title="Score of the modality's own response",
        unit="nats",
        formula="s_u = 1/N Σᵢ log softmax(φ_u,ᵢ)[yᵢ], φ_u the Shapley value of u for the fused logits",
        help="Mean log-probability that the modality's share of the fused logits assigns to the "
        "right class; nearer to 0 is better.",
        reduce="mean",
    ),
    Series(
        name="lead.{m}",
        title="Lead and its running target",
        unit="1",
        formula="r_u = exp(mean over v ≠ u of s_u − s_v)",
        help="Above 1 the modality's response is better than the others'. Its gradient is braked while this "
        "is above the target, and strengthened while below.",
        scale="log",
        reference=1.0,
    ),
    Series(
        name="lead_target.{m}",
        role="target",
        title="Running target of the lead",
        unit="1",
        formula="τ_u = mean of r_u over all steps so far",
        help="What this step's lead was compared with: the mean of the run's leads until now.",
        chart="lead",
        scale="log",
    ),
)


class AGMSettings(ModulationSettings):
    """Settings of AGM."""

    agm_alpha: float = setting(
        1.0,
        "Strength of the modulation: how much a lead is reduced and a lag amplified; 0: joint training.",
        live=True,
        ge=0,
        le=100,
    )


class AGM(Modulation):
    """Multiplies each encoder's gradient by k = exp(α min(τ − r, 7)), r its lead, τ the mean lead so far.

    The lead is measured on each modality's Shapley share of the fused logits, with missing features as zeros,
    so any late fusion will do. k may be above 1. For M modalities 2^M fusions are evaluated a step.
    """

    title: ClassVar[str] = "AGM"
    paper: ClassVar[str] = (
        "Li et al., ICCV 2023, Boosting Multi-modal Model Performance with Adaptive Gradient Modulation"
    )
    requires: ClassVar[tuple[str, ...]] = ("late",)
    Settings = AGMSettings
    series: ClassVar[tuple[Series, ...]] = (*Modulation.series, *SERIES)
    settings: AGMSettings
    target: Tensor
    steps: Tensor

    def __init__(self, model: Model, settings: AGMSettings) -> None:
        super().__init__(model, settings)
        self.register_buffer("target", torch.zeros(len(model.modalities)))
        self.register_buffer("steps", torch.zeros(()))

    @torch.no_grad()
    def measure(self, step: Step, output: Output, loss: Tensor) -> None:
        super().measure(step, output, loss)
        with step.precision.autocast():
            shares = responses(step.model.fusion, output.features)
        chosen = step.target.unsqueeze(1)
        score = torch.stack([z.float().log_softmax(-1).gather(1, chosen).mean() for z in shares.values()])
        others = (score.sum() - score) / max(1, len(score) - 1)
        lead = (score - others if len(score) > 1 else torch.zeros_like(score)).clamp(-80, 80).exp()
        self.steps += 1
        self.target += (lead - self.target) / self.steps
        for name, values in (("response", score), ("lead", lead), ("lead_target", self.target)):
            step.emit(name, dict(zip(self.modalities, values.clone().unbind(), strict=True)))

    @torch.no_grad()
    def modulate(self, step: Step) -> dict[str, Tensor] | None:
        if not self.modulates(step):
            return None
        lead, target = step.by_modality("lead"), step.by_modality("lead_target")
        alpha = self.settings.agm_alpha
        k = {m: (alpha * (target[m] - lead[m]).clamp(max=MOST)).exp() for m in self.modalities}
        self.brake(k)
        return k


def responses(fusion: Fusion, features: Features) -> dict[str, Tensor]:
    """Shapley value of each modality for the fused logits [N, C], absent features being zeros.

    For two modalities `½ [f(a, v) − f(0, v) + f(a, 0) − f(0, 0)] + ½ f(0, 0)`: the constant part is shared
    equally, so that the values add up to the fused logits.
    """
    names = list(fusion.widths)
    features = {m: features[m].detach() for m in names}
    zeros = {m: torch.zeros_like(f) for m, f in features.items()}
    value = {
        there: fusion.fuse({m: features[m] if m in there else zeros[m] for m in names})
        for size in range(len(names) + 1)
        for there in map(frozenset, itertools.combinations(names, size))
    }
    responses_of = {}
    for modality in names:
        rest = [there for there in value if modality not in there]
        gains = [
            (value[there | {modality}] - value[there]) / (len(names) * math.comb(len(names) - 1, len(there)))
            for there in rest
        ]
        responses_of[modality] = torch.stack(gains).sum(0) + value[frozenset()] / len(names)
    return responses_of
