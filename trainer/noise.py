"""Gradient noise: SGD's own, estimated, and what generalization enhancement adds. Letter: N samples."""

from collections.abc import Callable, Sequence
from typing import Literal

import torch
from torch import Tensor
from torch.nn.modules.batchnorm import _BatchNorm

from rhoscope.errors import InvalidInput
from rhoscope.settings import Settings, setting
from rhoscope.torch.gradients import gradients
from rhoscope.torch.host import Vector
from rhoscope.torch.noise import FLOOR, Deviations, add_noise, tensor_stds
from trainer.model import Model
from trainer.modulation import Modulation
from trainer.strategy import Step, Strategy


class NoiseSettings(Settings):
    """Noise added to gradients."""

    noise: Literal["tensor-std", "sgd-diagonal"] = setting(
        "tensor-std",
        "Where the noise's strength comes from. tensor-std, the official code: the spread of the entries of "
        "each gradient tensor. sgd-diagonal, the paper: SGD's own noise per entry, estimated from "
        "micro-batches.",
        live=True,
    )
    noise_scale: float = setting(
        1.0, "Factor of the noise's standard deviation; 0: no noise.", live=True, ge=0, le=100
    )
    micro_batches: int = setting(
        4,
        "For sgd-diagonal: parts of the batch whose gradients are compared; costs about one more step. As "
        "many as the batch size are per-sample gradients, which encoders with BatchNorm can't have.",
        ge=2,
        le=4096,
    )


def check(settings: NoiseSettings, model: Model, batch_size: int) -> None:
    """Raises: InvalidInput, when the wanted estimator can't work with batches of this size."""
    if settings.noise == "sgd-diagonal":
        check_micro_batches(model, settings.micro_batches, batch_size, "micro_batches")


@torch.no_grad()
def enhance(
    strategy: Modulation, step: Step, settings: NoiseSettings, brake: Callable[[], Vector]
) -> Vector | None:
    """Let `brake` change the gradients, then add noise as strong as they were before; what `brake` gave.

    Outside the modulation window neither happens.
    """
    if not strategy.modulates(step):
        nothing = torch.zeros(2, len(strategy.modalities), device=step.target.device)
        step.emit_each(("noise", "noise_std"), strategy.modalities, nothing)
        return None
    touched = {m: grads for m, ps in strategy.modulated.items() if (grads := gradients(ps))}
    stds = deviations(strategy, step, touched, settings)
    k = brake()
    if touched:
        length, std = add_noise(list(touched.values()), stds, measured=step.measures_effects)
        step.emit_each(("noise_std",), tuple(touched), std)
        if length is not None:
            step.emit_each(("noise",), tuple(touched), length)
    idle = [m for m in strategy.modalities if m not in touched]  # no example of the batch has them
    step.withhold(*(f"{name}.{m}" for name in ("noise", "noise_std") for m in idle))
    if not step.measures_effects:
        step.withhold(*(f"{n}.{m}" for n in ("noise", "grad_norm_modulated") for m in strategy.modalities))
    return k


def check_micro_batches(model: Model, parts: int, batch_size: int, field: str) -> None:
    """Raises: InvalidInput, when a batch can't be cut into `parts` that every layer can work with."""
    normalized = any(isinstance(module, _BatchNorm) for module in model.modules())
    least = 2 if normalized else 1
    if batch_size // parts < least:
        message = (
            f"a batch of {batch_size} can't be cut into {parts} parts of at least {least}"
            f"{', which BatchNorm needs' if normalized else ''}; at most {batch_size // least} fit"
        )
        raise InvalidInput.field(field, message, parts)


def deviations(
    strategy: Modulation, step: Step, touched: dict[str, list[Tensor]], settings: NoiseSettings
) -> Deviations:
    """The noise's standard deviation for each gradient: a vector, or tensors of their shapes."""
    if settings.noise == "tensor-std":
        every = [grad for grads in touched.values() for grad in grads]
        return tensor_stds(every, settings.noise_scale, step.looked().deviations_of(every))
    parameters = [p for ps in strategy.modulated.values() for p in ps if p.grad is not None]
    estimated = sgd_deviations(strategy, step, parameters, settings.micro_batches)
    return [each * settings.noise_scale for each in estimated]


@torch.enable_grad()
def sgd_deviations(strategy: Strategy, step: Step, parameters: Sequence[Tensor], parts: int) -> list[Tensor]:
    """Standard deviation of each entry of the mini-batch gradient, as SGD draws it.

    The batch is cut into `parts` micro-batches of b examples; the unbiased variance V of their mean gradients
    estimates Σ₁ / b, Σ₁ the covariance of one example's gradient, so that the batch's own is V · b / N. Each
    micro-batch goes through the strategy's own forward pass and loss. BatchNorm then normalizes over b
    examples, which adds its own small share to V. All buffers, running statistics among them, are put back.
    """
    replicas = step.replicas
    n = len(step.target) * replicas.size
    size = len(step.target) // parts
    buffers = [b for module in (step.model, strategy) for b in module.buffers() if b.numel()]
    before = [b.clone() for b in buffers]
    samples: list[list[Tensor]] = [[] for _ in parameters]
    for part in range(parts):
        rows = slice(part * size, (part + 1) * size)
        small = step.narrowed(rows)
        with step.precision.autocast():
            loss = strategy.loss(small, strategy.forward(small))
        grads = torch.autograd.grad(step.precision.scale(loss), parameters, materialize_grads=True)
        for collected, grad in zip(samples, grads, strict=True):
            collected.append(grad)
    with torch.no_grad():
        for buffer, value in zip(buffers, before, strict=True):
            buffer.copy_(value)
        factor = step.precision.inverse_scale() * (size / n) ** 0.5
        return [replicas.joined(torch.stack(g)).flatten(0, 1).std(0) * factor + FLOOR for g in samples]
