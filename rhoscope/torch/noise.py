"""Gaussian noise for gradients, as strong as they are."""

from collections.abc import Sequence

import torch
from torch import Tensor

from rhoscope.torch.gradients import norm

FLOOR = 1e-8
"""Added to every standard deviation by the official code."""


def tensor_stds(grads: Sequence[Tensor], scale: float | Tensor) -> list[Tensor]:
    """The official code's estimate times `scale`: deviation of each gradient tensor's own entries, 0-D."""
    stds = [grad.std() if grad.numel() > 1 else torch.zeros_like(grad).sum() for grad in grads]
    if stds:
        torch._foreach_add_(stds, FLOOR)
        torch._foreach_mul_(stds, scale)
    return stds


@torch.no_grad()
def add_noise(
    grads: Sequence[Tensor], stds: Sequence[Tensor], generator: torch.Generator | None = None
) -> tuple[Tensor, Tensor]:
    """Add normal noise to gradients in place; its norm, and the root mean square of its deviations, both 0-D.

    `stds`: for each gradient a 0-D tensor or one of its shape.
    """
    add = _one_by_one if grads[0].device.type == "cpu" else _at_once
    norms = add(grads, stds, generator)
    sizes = [grad.numel() for grad in grads]
    means = [std if std.ndim == 0 else std.square().mean().sqrt() for std in stds]
    shares = torch._foreach_mul(means, [(n / sum(sizes)) ** 0.5 for n in sizes])  # noqa: SLF001 -- foreach has no public name
    return norm(norms), norm(list(shares))


def _one_by_one(
    grads: Sequence[Tensor], stds: Sequence[Tensor], generator: torch.Generator | None
) -> list[Tensor]:
    """In one buffer as large as the largest gradient, so that each is still in the cache when it is added."""
    largest = max(grads, key=Tensor.numel)
    buffer = torch.empty(largest.numel(), dtype=largest.dtype)
    norms = []
    for grad, std in zip(grads, stds, strict=True):
        noise = buffer[: grad.numel()].normal_(generator=generator).view(grad.shape)
        if std.ndim == 0:
            grad.addcmul_(noise, std)
            norms.append(torch.linalg.vector_norm(noise) * std)
        else:
            grad.add_(noise.mul_(std))
            norms.append(torch.linalg.vector_norm(noise))
    return norms


def _at_once(
    grads: Sequence[Tensor], stds: Sequence[Tensor], generator: torch.Generator | None
) -> list[Tensor]:
    """In as few kernels as can be."""
    sizes = [grad.numel() for grad in grads]
    flat = torch.randn(sum(sizes), generator=generator, device=grads[0].device, dtype=grads[0].dtype)
    noise = [part.view_as(grad) for part, grad in zip(torch.split(flat, sizes), grads, strict=True)]
    torch._foreach_mul_(noise, list(stds))
    torch._foreach_add_(list(grads), noise)
    return noise
