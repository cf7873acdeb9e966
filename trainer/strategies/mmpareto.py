"""Pareto gradients of the joint and the unimodal losses."""

from typing import ClassVar

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from rhoscope.series import Series
from rhoscope.settings import Settings, setting
from rhoscope.torch.gradients import gradients
from trainer.model import Output
from trainer.strategy import Step, Strategy

SERIES = (
    Series(
        name="gradient_cosine.{m}",
        title="Cosine between joint and unimodal gradient",
        unit="1",
        formula="cos β_u = g_u · h_u / (‖g_u‖ ‖h_u‖), g_u of the joint loss, h_u of the modality's own",
        help="Below 0, the two losses pull the encoder in opposite directions and the weight differs from ½.",
        reference=0.0,
    ),
    Series(
        name="joint_weight.{m}",
        title="Weight of the joint gradient",
        unit="1",
        formula="a_u = argmin ‖a g_u + (1 − a) h_u‖ where cos β_u < 0, else ½",
        help="Share of the encoder's gradient that comes from the joint loss; the rest comes from its own.",
        reference=0.5,
    ),
)


class MMParetoSettings(Settings):
    """Settings of MMPareto."""

    pareto_scale: float = setting(
        1.5, "Norm of the combined gradient relative to that of g + h.", live=True, gt=0, le=100
    )


class MMPareto(Strategy):
    """Each encoder follows both the joint loss and its own, in a direction that harms neither.

    Where the two gradients agree they are added; where they conflict, the shortest vector between them takes
    their place. Its length is then that of the plain sum times a factor: short steps generalize worse.
    Heads and shared layers get the sum of all losses' gradients.
    """

    title: ClassVar[str] = "MMPareto"
    paper: ClassVar[str] = (
        "Wei and Hu, ICML 2024, MMPareto: Boosting Multimodal Learning with Innocent Unimodal Assistance"
    )
    requires: ClassVar[tuple[str, ...]] = ("late",)
    Settings = MMParetoSettings
    series: ClassVar[tuple[Series, ...]] = (*Strategy.series, *SERIES)
    settings: MMParetoSettings

    def loss(self, step: Step, output: Output) -> Tensor:
        unimodal = self.unimodal(step.model, output.features).values()
        own = torch.stack([cross_entropy(logits, step.target) for logits in unimodal]).sum()
        joint = super().loss(step, output)
        step.terms |= {"joint": joint, "unimodal": own}
        return joint + own

    def backward(self, step: Step, loss: Tensor) -> None:  # noqa: ARG002
        """Two passes; by late fusion an encoder's share of the second is its own loss's alone."""
        towers = step.model.encoder_parameters
        step.precision.scale(step.terms["joint"]).backward(retain_graph=True)  # type: ignore[no-untyped-call]
        joint = {m: [g.clone() for g in gradients(parameters)] for m, parameters in towers.items()}
        for parameters in towers.values():
            torch._foreach_zero_(gradients(parameters))
        step.precision.scale(step.terms["unimodal"]).backward()  # type: ignore[no-untyped-call]
        for modality, parameters in towers.items():
            self._combine(step, modality, joint[modality], gradients(parameters))

    @torch.no_grad()
    def _combine(self, step: Step, modality: str, joint: list[Tensor], own: list[Tensor]) -> None:
        """Put the combination into `own`, in place."""
        gg, hh, gh = _dot(joint, joint), _dot(own, own), _dot(joint, own)
        tiny = torch.finfo(gg.dtype).tiny
        cosine = gh / (gg * hh).sqrt().clamp_min(tiny)
        shortest = ((hh - gh) / (gg + hh - 2 * gh).clamp_min(tiny)).clamp(0, 1)
        weight = torch.where(cosine < 0, shortest, torch.full_like(shortest, 0.5))
        whole = (gg + hh + 2 * gh).clamp_min(0).sqrt()
        rest = 1 - weight
        combined = (weight**2 * gg + rest**2 * hh + 2 * weight * rest * gh).clamp_min(0).sqrt()
        length = self.settings.pareto_scale * whole / combined.clamp_min(tiny)
        torch._foreach_mul_(own, rest * length)
        torch._foreach_mul_(joint, weight * length)
        torch._foreach_add_(own, joint)
        step.emit("gradient_cosine", {modality: cosine})
        step.emit("joint_weight", {modality: weight})


def _dot(one: list[Tensor], other: list[Tensor]) -> Tensor:
    """Inner product over all entries of all tensors, 0-D in double precision where the device has it."""
    precise = torch.float32 if one[0].device.type == "mps" else torch.float64
    return torch.stack([(a * b).sum(dtype=precise) for a, b in zip(one, other, strict=True)]).sum()
