"""Pareto gradients of the joint and the unimodal losses. Letters: N samples, C classes."""

from typing import ClassVar, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from rhoscope.series import Series
from rhoscope.settings import Settings, setting
from trainer.fusion import Features
from trainer.model import Model, Output
from trainer.strategy import Step, Strategy

ONE_SIDED = 0.001
"""The joint gradient's weight where the other one is zero, as in the official code; else 1 less it."""

SERIES = (
    Series(
        name="gradient_cosine.{m}",
        title="Cosine between joint and unimodal gradient",
        unit="1",
        formula="cos β_u = g_u · h_u / (‖g_u‖ ‖h_u‖), g_u of the joint loss, h_u of the modality's own",
        help="Not above 0, the two losses pull the encoder apart, and the weight differs from ½.",
        reference=0.0,
    ),
    Series(
        name="joint_weight.{m}",
        title="Weight of the joint gradient",
        unit="1",
        formula="a_u = ½ where cos β_u > 0, else argmin ‖a g_u + (1 − a) h_u‖",
        help="Share of the encoder's gradient that comes from the joint loss; the rest comes from its own.",
        reference=0.5,
    ),
)


class MMParetoSettings(Settings):
    """Settings of MMPareto."""

    pareto_scale: float = setting(
        1.5,
        "Factor of the combined gradient, after its length was restored to that of g + h where it was "
        "shorter; the official code has 1.5.",
        live=True,
        gt=0,
        le=100,
    )


class MMPareto(Strategy):
    """Each encoder follows both the joint loss and its own head's, in a direction that harms neither.

    Where the two gradients agree they are added; where they conflict, the shortest vector between them takes
    their place. Each tensor that became shorter than the plain sum gets that length back, and all are
    multiplied by a factor: short steps generalize worse. Heads get the sum of all losses' gradients.
    """

    title: ClassVar[str] = "MMPareto"
    paper: ClassVar[str] = (
        "Wei and Hu, ICML 2024, MMPareto: Boosting Multimodal Learning with Innocent Unimodal Assistance"
    )
    fidelity: ClassVar[str] = (
        "Equal to the published code (github.com/GeWu-Lab/MMPareto_ICML2024, commit a339db3), checked by "
        "tests/golden/mmpareto.py. Modalities' own accuracies and ρ are those of their own heads."
    )
    requires: ClassVar[tuple[str, ...]] = ("late",)
    live: ClassVar[bool] = False
    Settings = MMParetoSettings
    series: ClassVar[tuple[Series, ...]] = (*Strategy.series, *SERIES)
    settings: MMParetoSettings

    def __init__(self, model: Model, settings: MMParetoSettings) -> None:
        super().__init__(model, settings)
        fusion = model.fusion
        self.heads = nn.ModuleDict({m: nn.Linear(w, fusion.classes) for m, w in fusion.widths.items()})

    def unimodal(self, model: Model, features: Features) -> dict[str, Tensor]:  # noqa: ARG002
        """Logits [N, C] of the modalities' own heads."""
        return {m: head(features[m]) for m, head in self.heads.items()}

    def loss(self, step: Step, output: Output) -> Tensor:
        unimodal = self.unimodal(step.model, output.features)
        own = {m: cross_entropy(logits, step.target) for m, logits in unimodal.items()}
        joint = super().loss(step, output)
        step.terms |= {"joint": joint, **{f"own.{m}": one for m, one in own.items()}}
        return joint + torch.stack(list(own.values())).sum()

    def backward(self, step: Step, loss: Tensor) -> None:  # noqa: ARG002
        """Two passes; by late fusion an encoder's share of the second is its own loss's alone."""
        towers = step.model.encoder_parameters
        own = torch.stack([step.terms[f"own.{m}"] for m in self.modalities]).sum()
        step.precision.scale(step.terms["joint"]).backward(retain_graph=True)  # type: ignore[no-untyped-call]
        joint = {m: [_taken(p) for p in parameters] for m, parameters in towers.items()}
        step.precision.scale(own).backward()  # type: ignore[no-untyped-call]  # so torch declares it
        for modality, parameters in towers.items():
            mixture = combine(joint[modality], [_taken(p) for p in parameters], self.settings.pareto_scale)
            for parameter, gradient in zip(parameters, mixture.gradients, strict=True):
                parameter.grad = gradient
            step.emit("gradient_cosine", {modality: mixture.cosine})
            step.emit("joint_weight", {modality: mixture.joint_weight})


class Mixture(NamedTuple):
    """Two gradients as one, tensor by tensor; their cosine and the joint one's weight, 0-D."""

    gradients: list[Tensor]
    cosine: Tensor
    joint_weight: Tensor


@torch.no_grad()
def combine(joint: list[Tensor], own: list[Tensor], scale: float) -> Mixture:
    """An encoder's gradients of the joint loss and of its own joined, tensor by tensor.

    Where all tensors together have a cosine above 0 both count alike, else they are weighed so that the sum
    is shortest. `n = 2 (a g + (1 − a) h)` of each tensor is lengthened to `‖g + h‖` if it is shorter, and
    multiplied by `scale`.
    """
    gg, hh, gh = _dot(joint, joint), _dot(own, own), _dot(joint, own)
    tiny = torch.finfo(gg.dtype).tiny
    cosine = gh / (gg.sqrt() * hh.sqrt()).clamp_min(tiny)
    shortest = (hh - gh) / (gg + hh - 2 * gh).clamp_min(tiny)
    shortest = torch.where(gh >= hh, torch.full_like(gh, ONE_SIDED), shortest)
    shortest = torch.where(gh >= gg, torch.full_like(gh, 1 - ONE_SIDED), shortest)
    weight = torch.where(cosine > 0, torch.full_like(gh, 0.5), shortest)
    mixed = [2 * (weight * g + (1 - weight) * h).to(g.dtype) for g, h in zip(joint, own, strict=True)]
    whole = torch.stack(torch._foreach_norm(torch._foreach_add(joint, own)))  # noqa: SLF001
    short = torch.stack(torch._foreach_norm(mixed))  # noqa: SLF001 -- foreach has no public name
    lengths = scale * (whole / short.clamp_min(torch.finfo(short.dtype).tiny)).clamp_min(1)
    return Mixture([n * length for n, length in zip(mixed, lengths, strict=True)], cosine, weight)


def _taken(parameter: nn.Parameter) -> Tensor:
    """A parameter's gradient, which it then has no more; zeros where it had none."""
    gradient, parameter.grad = parameter.grad, None
    return torch.zeros_like(parameter) if gradient is None else gradient


def _dot(one: list[Tensor], other: list[Tensor]) -> Tensor:
    """Inner product over all entries of all tensors, 0-D in double precision where the device has it."""
    precise = torch.float32 if one[0].device.type == "mps" else torch.float64
    return torch.stack([(a.to(precise) * b.to(precise)).sum() for a, b in zip(one, other, strict=True)]).sum()
