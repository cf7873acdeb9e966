"""Sums over each of many tensors on a CPU, in few operations. Letter: T tensors."""

from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from rhoscope.torch.constants import whole_numbers

JOINED = 2**15
"""Tensors of at most this many entries are looked at side by side in one copy, larger ones in place."""
DOUBTFUL = 1e-3
"""Of a tensor's squares at least this share is left around its mean; else the mean is taken off first."""


@torch.no_grad()
def squares(tensors: Sequence[Tensor]) -> Tensor:
    """Sum of the squares of each tensor's entries, double [T]."""

    def of_large(tensor: Tensor) -> Tensor:
        length = torch.linalg.vector_norm(tensor, dtype=torch.promote_types(tensor.dtype, torch.float32))
        square: Tensor = length.double().square()
        return square

    return _sums(tensors, of_large, lambda flat: flat * flat)


@torch.no_grad()
def deviations(tensors: Sequence[Tensor], known: Tensor) -> Tensor:
    """Standard deviation of each tensor's entries, double [T]; 0 of a single one. `known`: `squares`."""
    numbers = tuple(t.numel() for t in tensors)
    sums = _sums(tensors, lambda t: t.sum(dtype=torch.promote_types(t.dtype, torch.float32)).double(), None)
    around = torch.addcmul(known, sums * sums, _reciprocal(numbers, 0), value=-1)
    if any(number > JOINED for number in numbers):  # whose sums are single precision
        doubtful = (around < DOUBTFUL * known).numpy().nonzero()[0]
        for place in (int(i) for i in doubtful if numbers[i] > 1):
            around[place] = tensors[place].var().double() * (numbers[place] - 1)
    return around.clamp_min_(0).mul_(_reciprocal(numbers, 1)).sqrt_()


def segments(flat: Tensor, numbers: tuple[int, ...]) -> Tensor:
    """Sums [T] over consecutive parts of a vector; `numbers` of entries in each."""
    if flat.is_cpu and all(numbers):  # where numpy's is an order of magnitude faster
        return torch.from_numpy(np.add.reduceat(flat.numpy(), _starts(numbers)))
    lengths = whole_numbers(numbers, flat.device)
    total: Tensor = torch.segment_reduce(flat, "sum", lengths=lengths, unsafe=True)
    return total


def _sums(
    tensors: Sequence[Tensor],
    of_large: Callable[[Tensor], Tensor],
    of_entries: Callable[[Tensor], Tensor] | None,
) -> Tensor:
    """Of each tensor: `of_large`, double, or the sum over `of_entries` of small ones side by side."""
    joins = tuple(0 < t.numel() <= JOINED and t.is_contiguous() for t in tensors)
    small = [t.view(-1) for t, joined in zip(tensors, joins, strict=True) if joined]
    large = [of_large(t) for t, joined in zip(tensors, joins, strict=True) if not joined]
    parts = [torch.stack(large)] if large else []
    if small:
        flat = torch.cat(small).double()
        parts.insert(0, segments(of_entries(flat) if of_entries else flat, tuple(map(len, small))))
    if len(parts) == 1:
        return parts[0]
    return torch.cat(parts).index_select(0, _order(joins)) if parts else torch.zeros(0, dtype=torch.float64)


@lru_cache(maxsize=64)
def _starts(numbers: tuple[int, ...]) -> NDArray[np.intp]:
    return np.cumsum((0, *numbers[:-1]), dtype=np.intp)


@lru_cache(maxsize=64)
def _reciprocal(numbers: tuple[int, ...], less: int) -> Tensor:
    """1 / (n - less) of each number [T], and 1 where that is not above 0. Nobody may change it."""
    return torch.tensor([1 / max(number - less, 1) for number in numbers], dtype=torch.float64)


@lru_cache(maxsize=64)
def _order(joined: tuple[bool, ...]) -> Tensor:
    """Places of all tensors in an order in which joined ones come first."""
    places = sorted(range(len(joined)), key=lambda i: not joined[i])
    order = torch.empty(len(joined), dtype=torch.int64)
    order[places] = torch.arange(len(joined))
    return order
