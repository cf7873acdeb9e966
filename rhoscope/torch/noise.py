"""Gaussian noise for gradients, as strong as they are."""

from collections.abc import Sequence

import torch
from torch import Tensor

FLOOR = 1e-8
"""Added to every standard deviation by the official code."""


def tensor_std(grad: Tensor) -> Tensor:
    """The official code's estimate: standard deviation of one gradient tensor's own entries, 0-D."""
    return (grad.std() if grad.numel() > 1 else torch.zeros_like(grad).sum()) + FLOOR


@torch.no_grad()
def add_noise(
    grads: Sequence[Tensor], stds: Sequence[Tensor], generator: torch.Generator | None = None
) -> tuple[Tensor, Tensor]:
    """Add normal noise to gradients in place; its norm, and the root mean square of its deviations, both 0-D.

    `stds`: for each gradient a 0-D tensor or one of its shape. One tensor after the other, in one buffer of
    the largest one's size, so that a tensor is still in the cache when it is used again.
    """
    largest = max(grads, key=Tensor.numel)
    buffer = torch.empty(largest.numel(), device=largest.device, dtype=largest.dtype)
    norms = []
    for grad, std in zip(grads, stds, strict=True):
        noise = buffer[: grad.numel()].normal_(generator=generator).view(grad.shape)
        if std.ndim == 0:
            grad.addcmul_(noise, std)
            norms.append(torch.linalg.vector_norm(noise) * std)
        else:
            grad.add_(noise.mul_(std))
            norms.append(torch.linalg.vector_norm(noise))
    sizes = [grad.numel() for grad in grads]
    squares = torch.stack([std.square().mean() * n for std, n in zip(stds, sizes, strict=True)])
    return torch.linalg.vector_norm(torch.stack(norms)), (squares.sum() / sum(sizes)).sqrt()
