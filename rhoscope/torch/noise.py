"""Gaussian noise for gradients, as strong as they are. Letter: T tensors."""

from collections.abc import Iterator, Sequence
from functools import lru_cache

import torch
from torch import Tensor

from rhoscope.torch.constants import whole_numbers
from rhoscope.torch.extent import Extent, Vector, vector
from rhoscope.torch.gradients import norm, norms_of

FLOOR = 1e-8
"""Added to every standard deviation by the official code."""
TOGETHER = 2**17
"""Entries that a CPU draws at once at most, unless one tensor alone has more: they stay in its cache."""
AT_ONCE = 2**22
"""Entries that a GPU draws at once at most, likewise."""
Deviations = Tensor | Sequence[Tensor]
"""Of T gradients: a vector [T], or tensors of the gradients' own shapes or 0-D."""


@torch.no_grad()
def tensor_stds(grads: Sequence[Tensor], scale: float | Tensor, known: Vector | None = None) -> Tensor:
    """The official code's estimate times `scale`: deviation of each gradient tensor's own entries, [T].

    `known`: the deviations, double [T], where gradients were looked at before.
    """
    if not grads:
        return torch.zeros(0)
    if grads[0].is_cpu:
        stds = vector(Extent(grads).deviations() if known is None else known, grads[0].dtype)
    else:
        stds = torch.stack([g.std() if g.numel() > 1 else torch.zeros_like(g).sum() for g in grads])
    stds = stds.add_(FLOOR)
    return stds if isinstance(scale, float | int) and scale == 1 else stds.mul_(scale)


@torch.no_grad()
def add_noise(
    grads: Sequence[Tensor],
    stds: Deviations,
    generator: torch.Generator | None = None,
    *,
    measured: bool = True,
) -> tuple[Tensor | None, Tensor]:
    """Add normal noise to gradients in place; its norm, and the root mean square of its deviations, both 0-D.

    The norm, which is one more look at all of it, only where it is to be `measured`; the noise is the same.
    """
    norms = [lengths for lengths in _draws(grads, stds, generator, measured=measured) if lengths is not None]
    return (torch.linalg.vector_norm(torch.cat(norms)) if norms else None), _spread(grads, stds)


def _draws(
    grads: Sequence[Tensor], stds: Deviations, generator: torch.Generator | None, *, measured: bool
) -> Iterator[Tensor | None]:
    """Gradients that are neighbors get theirs from one buffer, no larger than the largest gradient or so."""
    numbers = tuple(grad.numel() for grad in grads)
    most = TOGETHER if grads[0].is_cpu else AT_ONCE
    size = min(max(most, *numbers), sum(numbers))
    buffer = torch.empty(size, dtype=grads[0].dtype, device=grads[0].device)
    add = _one_by_one if buffer.is_cpu else _at_once
    place = 0
    for count in _counts(numbers, most):
        part = slice(place, place + count)
        place += count
        used = sum(numbers[part])
        noise = (buffer if used == size else buffer[:used]).normal_(generator=generator)
        parts = torch.split(noise, list(numbers[part])) if count > 1 else (noise,)
        pieces = [piece.view(grad.shape) for piece, grad in zip(parts, grads[part], strict=True)]
        left = add(grads[part], pieces, noise, stds if count == len(grads) else stds[part])
        lengths = norms_of(pieces) if measured else None
        yield lengths if lengths is None or left is None else lengths * left


def _counts(numbers: Sequence[int], most: int) -> Iterator[int]:
    """How many neighbors at a time have at most `most` entries together; at least one.

    >>> list(_counts([3, 2, 9, 1, 1], 5))
    [2, 1, 2]
    """
    count = total = 0
    for number in numbers:
        if count and total + number > most:
            yield count
            count = total = 0
        count, total = count + 1, total + number
    yield count


def _one_by_one(
    grads: Sequence[Tensor],
    pieces: list[Tensor],
    noise: Tensor,  # noqa: ARG001
    stds: Deviations,
) -> Tensor | None:
    """Add `pieces`, drawn with deviation 1, times `stds`; the factors that they still lack, [T], if any."""
    if isinstance(stds, Tensor):
        for grad, piece, std in zip(grads, pieces, stds.tolist(), strict=True):
            grad.add_(piece, alpha=std)  # a number of Python's is no further operator
        return stds
    for grad, piece, std in zip(grads, pieces, stds, strict=True):
        grad.add_(piece.mul_(std))
    return None


def _at_once(grads: Sequence[Tensor], pieces: list[Tensor], noise: Tensor, stds: Deviations) -> Tensor | None:
    """The same in few kernels; `noise` [entries] are all pieces, side by side."""
    if isinstance(stds, Tensor):
        lengths = whole_numbers(tuple(grad.numel() for grad in grads), noise.device)
        noise.mul_(torch.repeat_interleave(stds.to(noise.dtype), lengths, output_size=len(noise)))
    else:
        torch._foreach_mul_(pieces, list(stds))
    torch._foreach_add_(list(grads), pieces)
    return None


@lru_cache(maxsize=64)
def _shares(numbers: tuple[int, ...], device: torch.device, dtype: torch.dtype) -> Tensor:
    """Roots of each gradient's share of all entries [T]. Nobody may change it."""
    return whole_numbers(numbers, device).to(dtype).div_(sum(numbers)).sqrt_()


def _spread(grads: Sequence[Tensor], stds: Deviations) -> Tensor:
    numbers = tuple(grad.numel() for grad in grads)
    if isinstance(stds, Tensor):
        spread: Tensor = torch.linalg.vector_norm(stds * _shares(numbers, stds.device, stds.dtype))
        return spread
    means = [std if std.ndim == 0 else std.square().mean().sqrt() for std in stds]
    shares = torch._foreach_mul(means, [(n / sum(numbers)) ** 0.5 for n in numbers])  # noqa: SLF001 -- foreach has no public name
    return norm(list(shares))
