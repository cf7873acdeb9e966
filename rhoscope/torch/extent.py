"""Length and sum of each of many tensors, in few operations. Letter: T tensors."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor

JOINED = 2**15
"""Tensors of at most so many entries are looked at side by side in one copy; larger ones each where it is."""
DOUBTFUL = 1e-3
"""Of a tensor's squares at least this share is left around its mean; else the mean is taken off first."""


@dataclass(frozen=True)
class Extent:
    """Of each tensor the sum of its squares and of its entries; double, [T]."""

    squares: Tensor
    sums: Tensor

    def norms(self, dtype: torch.dtype) -> Tensor:
        """Length of each tensor [T]."""
        return self.squares.sqrt().to(dtype)

    def at(self, places: Sequence[int]) -> "Extent":
        """Of some of the tensors only."""
        order = sizes(tuple(places))
        return Extent(self.squares.index_select(0, order), self.sums.index_select(0, order))

    def split(self, counts: Sequence[int]) -> list["Extent"]:
        """Of neighbors, so many at a time."""
        columns = (torch.split(each, list(counts)) for each in (self.squares, self.sums))
        return [Extent(*one) for one in zip(*columns, strict=True)]

    def deviations(self, tensors: Sequence[Tensor]) -> Tensor:
        """Standard deviation of each tensor's entries [T]; 0 of a single one, or of none."""
        numbers = tuple(t.numel() for t in tensors)
        around = torch.addcmul(self.squares, self.sums * self.sums, _reciprocal(numbers, 0), value=-1)
        if any(number > JOINED for number in numbers):
            doubtful = (around < DOUBTFUL * self.squares).numpy().nonzero()[0]
            for place in (int(i) for i in doubtful if numbers[i] > 1):
                around[place] = tensors[place].var().double() * (numbers[place] - 1)
        return around.clamp_min_(0).mul_(_reciprocal(numbers, 1)).sqrt_()


@torch.no_grad()
def extent(tensors: Sequence[Tensor]) -> Extent:
    """What each of the tensors, all on a CPU, amounts to; those that are large are read once from memory."""
    if not tensors:
        nothing = torch.zeros(0, dtype=torch.float64)
        return Extent(nothing, nothing)
    small = [t.view(-1) for t in tensors if _joins(t)]
    squares, sums = _of_small(small)
    if len(small) == len(tensors):
        return Extent(squares, sums)
    large = [t for t in tensors if not _joins(t)]
    each = [(torch.linalg.vector_norm(t, dtype=_wide(t)), t.sum(dtype=_wide(t))) for t in large]
    lengths, totals = (torch.stack(one).double() for one in zip(*each, strict=True))
    order = _order(tuple(map(_joins, tensors)))
    return Extent(
        torch.cat([squares, lengths.square()]).index_select(0, order),
        torch.cat([sums, totals]).index_select(0, order),
    )


def segments(flat: Tensor, numbers: tuple[int, ...]) -> Tensor:
    """Sums [T] over consecutive parts of a vector, of so many entries each."""
    lengths = sizes(numbers, flat.device)
    total: Tensor = torch.segment_reduce(flat, "sum", lengths=lengths, unsafe=True)
    return total


@lru_cache(maxsize=64)
def sizes(numbers: tuple[int, ...], device: torch.device | None = None) -> Tensor:
    """These numbers as a tensor [T], sent once, without waiting for the device. Nobody may change it."""
    tensor = torch.tensor(numbers, dtype=torch.int64)
    if device is not None and device.type == "cuda":  # only from pinned memory does a copy not wait
        tensor = tensor.pin_memory()
    return tensor.to(device, non_blocking=True)


@lru_cache(maxsize=64)
def _reciprocal(numbers: tuple[int, ...], less: int) -> Tensor:
    """1 / (n - less) of each number [T], and 1 where that is not above 0. Nobody may change it."""
    return torch.tensor([1 / max(number - less, 1) for number in numbers], dtype=torch.float64)


def _joins(tensor: Tensor) -> bool:
    return tensor.numel() <= JOINED and tensor.is_contiguous()


def _wide(tensor: Tensor) -> torch.dtype:
    return torch.promote_types(tensor.dtype, torch.float32)


def _of_small(each: list[Tensor]) -> tuple[Tensor, Tensor]:
    if not each:
        nothing = torch.zeros(0, dtype=torch.float64)
        return nothing, nothing
    numbers = tuple(map(len, each))
    flat = torch.cat(each).double()
    return segments(flat * flat, numbers), segments(flat, numbers)


@lru_cache(maxsize=64)
def _order(joined: tuple[bool, ...]) -> Tensor:
    """Where each tensor's number stands when those of joined ones come first."""
    places = sorted(range(len(joined)), key=lambda i: not joined[i])
    order = torch.empty(len(joined), dtype=torch.int64)
    order[places] = torch.arange(len(joined))
    return order
