"""Gaussian noise for gradients, as strong as they are."""

from collections.abc import Sequence

import torch
from torch import Tensor

FLOOR = 1e-8
"""Added to every standard deviation by the official code."""


def tensor_std(grad: Tensor) -> Tensor:
    """The official code's estimate: standard deviation of one gradient tensor's own entries, 0-D."""
    return (grad.std() if grad.numel() > 1 else torch.zeros_like(grad).sum()) + FLOOR


def draw(
    stds: Sequence[Tensor], parameters: Sequence[Tensor], generator: torch.Generator | None = None
) -> tuple[list[Tensor], Tensor]:
    """Normal noise shaped like each parameter, and the root mean square of its standard deviations, 0-D.

    `stds`: for each parameter a 0-D tensor or one of its shape.
    """
    sizes = [p.numel() for p in parameters]
    first = parameters[0]
    flat = torch.randn(sum(sizes), generator=generator, device=first.device, dtype=first.dtype)
    noise = [part.view_as(p) for part, p in zip(torch.split(flat, sizes), parameters, strict=True)]
    torch._foreach_mul_(noise, list(stds))
    squares = torch.stack([s.square().mean() * n for s, n in zip(stds, sizes, strict=True)])
    return noise, (squares.sum() / sum(sizes)).sqrt()
