"""On-the-fly gradient modulation with generalization enhancement. Letters: N samples, G micro-batches."""

from collections.abc import Sequence
from typing import ClassVar, Literal

import torch
from torch import Tensor
from torch.nn.modules.batchnorm import _BatchNorm

from rhoscope.errors import FieldError, InvalidInput
from rhoscope.series import Series
from rhoscope.settings import setting
from trainer.declared import NOISE
from trainer.model import Model
from trainer.strategies.ogm import OGM, OGMSettings
from trainer.strategy import Step, gradients, norm

FLOOR = 1e-8
"""Added to every standard deviation by the official code."""


class OGMGESettings(OGMSettings):
    """What modulation and the added noise can be told."""

    noise: Literal["tensor-std", "sgd-diagonal"] = setting(
        "tensor-std",
        "Where the noise's strength comes from. tensor-std, the official code: the spread of the entries of "
        "each gradient tensor. sgd-diagonal, the paper: SGD's own noise per entry, estimated from "
        "micro-batches.",
    )
    noise_scale: float = setting(
        1.0, "Times the noise's standard deviation; 0 is OGM.", live=True, ge=0, le=100
    )
    micro_batches: int = setting(
        4,
        "For sgd-diagonal: parts of the batch whose gradients are compared; costs about one more step. As "
        "many as the batch size are per-sample gradients, which encoders with BatchNorm can't have.",
        ge=2,
        le=4096,
    )


class OGMGE(OGM):
    """OGM with generalization enhancement: Gaussian noise gives back the randomness that k took.

    Drawn in every step of the window for every encoder, also for one with k = 1, with a strength taken from
    the gradients as they were before k.
    """

    title: ClassVar[str] = "OGM-GE"
    Settings = OGMGESettings
    series: ClassVar[tuple[Series, ...]] = (*OGM.series, *NOISE)
    settings: OGMGESettings

    def __init__(self, model: Model, settings: OGMGESettings) -> None:
        super().__init__(model, settings)
        self._normalised = any(isinstance(m, _BatchNorm) for m in model.modules())

    def check(self, batch_size: int) -> None:
        parts, least = self.settings.micro_batches, 2 if self._normalised else 1
        if self.settings.noise == "sgd-diagonal" and batch_size // parts < least:
            message = (
                f"a batch of {batch_size} can't be cut into {parts} parts of at least {least}"
                f"{', which BatchNorm needs' if self._normalised else ''}; at most {batch_size // least} fit"
            )
            raise InvalidInput.of([FieldError(field="micro_batches", value=parts, message=message)])

    @torch.no_grad()
    def modulate(self, step: Step) -> dict[str, Tensor] | None:
        if not self.modulates(step.epoch):
            zeros = {m: torch.zeros((), device=step.target.device) for m in self.modalities}
            step.emit("noise", zeros)
            step.emit("noise_std", zeros)
            return None
        parameters = {m: [p for p in ps if p.grad is not None] for m, ps in self.modulated.items()}
        stds = self._standard_deviations(step, parameters)
        k = super().modulate(step)
        for modality, touched in parameters.items():
            noise, std = draw(stds[modality], touched)
            torch._foreach_add_(gradients(touched), noise)
            step.emit("noise", {modality: norm(noise)})
            step.emit("noise_std", {modality: std})
        return k

    def _standard_deviations(
        self, step: Step, parameters: dict[str, list[Tensor]]
    ) -> dict[str, list[Tensor]]:
        """By modality, for each parameter: 0-D, or of its shape."""
        if self.settings.noise == "tensor-std":
            stds = {m: [tensor_std(grad) for grad in gradients(ps)] for m, ps in parameters.items()}
        else:
            everything = [p for ps in parameters.values() for p in ps]
            estimated = iter(self.sgd_deviations(step, everything))
            stds = {m: [next(estimated) for _ in ps] for m, ps in parameters.items()}
        for each in stds.values():
            torch._foreach_mul_(each, self.settings.noise_scale)
        return stds

    @torch.enable_grad()
    def sgd_deviations(self, step: Step, parameters: Sequence[Tensor]) -> list[Tensor]:
        """Standard deviation of each entry of the mini-batch gradient, as SGD draws it.

        The batch is cut into G micro-batches of b examples; the unbiased variance V of their mean gradients
        estimates Σ₁ / b, Σ₁ the covariance of one example's gradient, so that the batch's own is V · b / N.
        Each micro-batch goes through the strategy's own forward pass and loss. BatchNorm then normalises
        over b examples, which adds its own small share to V; its running statistics are put back afterwards.
        """
        n = len(step.target)
        size = n // self.settings.micro_batches
        buffers = [b for b in step.model.buffers() if b.numel()]
        before = [b.clone() for b in buffers]
        samples: list[list[Tensor]] = [[] for _ in parameters]
        for part in range(self.settings.micro_batches):
            rows = slice(part * size, (part + 1) * size)
            inputs = {m: x[rows] for m, x in step.inputs.items()}
            small = Step(step.model, step.optimizer, step.precision, inputs, step.target[rows], step.epoch)
            with step.precision.autocast():
                loss = self.loss(small, self.forward(small))
            grads = torch.autograd.grad(step.precision.scale(loss), parameters)
            for collected, grad in zip(samples, grads, strict=True):
                collected.append(grad)
        with torch.no_grad():
            for buffer, value in zip(buffers, before, strict=True):
                buffer.copy_(value)
            factor = step.precision.inverse_scale() * (size / n) ** 0.5
            return [torch.stack(grads).std(0) * factor + FLOOR for grads in samples]


def tensor_std(grad: Tensor) -> Tensor:
    """The official code's estimate: standard deviation of one gradient tensor's own entries, 0-D."""
    return (grad.std() if grad.numel() > 1 else torch.zeros_like(grad).sum()) + FLOOR


def draw(stds: Sequence[Tensor], parameters: Sequence[Tensor]) -> tuple[list[Tensor], Tensor]:
    """Normal noise shaped like each parameter, and the root mean square of its standard deviations, 0-D.

    `stds`: for each parameter a 0-D tensor or one of its shape.
    """
    sizes = [p.numel() for p in parameters]
    flat = torch.randn(sum(sizes), device=parameters[0].device, dtype=parameters[0].dtype)
    noise = [part.view_as(p) for part, p in zip(torch.split(flat, sizes), parameters, strict=True)]
    torch._foreach_mul_(noise, list(stds))
    squares = torch.stack([s.square().mean() * n for s, n in zip(stds, sizes, strict=True)])
    return noise, (squares.sum() / sum(sizes)).sqrt()
