"""Sums over each of many tensors on a CPU, in few operators. Letter: T tensors."""

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

Vector = NDArray[np.float64]
Places = NDArray[np.intp]

JOINED = 2**15
"""Tensors of at most this many entries are looked at side by side in one copy, larger ones in place."""
DOUBTFUL = 1e-3
"""Of a tensor's squares at least this share is left around its mean; else the mean is taken off first."""


class Extent:
    """One look at tensors: the sums of their entries' squares, double [T], and deviations without another.

    Small vectors are numpy's, whose operations cost a fraction of an operator's call.
    """

    @torch.no_grad()
    def __init__(self, tensors: Sequence[Tensor]) -> None:
        self._tensors = tuple(tensors)
        self._numbers = tuple(t.numel() for t in self._tensors)
        joins = tuple(
            0 < n <= JOINED and t.is_contiguous() for t, n in zip(self._tensors, self._numbers, strict=True)
        )
        self._small, self._large, self._starts = _places(self._numbers, joins)
        small = [_flat(self._tensors[i]) for i in self._small]
        self._joined = _single_numbers(torch.cat(small)) if small else np.zeros(0)
        entries = np.multiply(self._joined, self._joined, dtype=np.float64)
        self.squares: Vector = self._sums(entries, [self._square(i) for i in self._large])

    @torch.no_grad()
    def deviations(self, places: Sequence[int] | None = None) -> Vector:
        """Standard deviation of each tensor's entries, double [T]; 0 of a single one.

        Of those at some `places` only, if given. Tensors should be as they were.
        """
        chosen = range(len(self._tensors)) if places is None else places
        needed = set(chosen)
        sums = self._sums(self._joined, [self._sum(i) if i in needed else 0.0 for i in self._large]).tolist()
        squares, large = self.squares.tolist(), set(self._large.tolist())
        return np.array([self._deviation(i, sums[i], squares[i], precise=i not in large) for i in chosen])

    def _deviation(self, place: int, total: float, square: float, *, precise: bool) -> float:
        number = self._numbers[place]
        if number < 2:
            return 0.0
        around = square - total * total / number
        if not precise and around < DOUBTFUL * square:
            around = self._tensors[place].var().item() * (number - 1)
        return math.nan if math.isnan(around) else math.sqrt(max(around, 0.0) / (number - 1))

    def _sums(self, entries: NDArray[Any], large: Sequence[float]) -> Vector:
        """Over `entries` of small tensors, side by side, and those of `large` ones."""
        sums = np.empty(len(self._tensors))
        if len(self._small):
            sums[self._small] = np.add.reduceat(entries, self._starts, dtype=np.float64)
        sums[self._large] = large
        return sums

    def _square(self, place: int) -> float:
        tensor = self._tensors[place]
        length: Tensor = torch.linalg.vector_norm(tensor, dtype=_single(tensor))
        return length.item() ** 2

    def _sum(self, place: int) -> float:
        tensor = self._tensors[place]
        return tensor.sum(dtype=_single(tensor)).item()


def squares(tensors: Sequence[Tensor]) -> Tensor:
    """Sum of the squares of each tensor's entries, double [T]."""
    return torch.from_numpy(Extent(tensors).squares)


def vector(values: Vector, dtype: torch.dtype) -> Tensor:
    """Numbers of numpy's as a tensor of this kind."""
    if dtype == torch.float32:
        return torch.from_numpy(values.astype(np.float32))
    return torch.from_numpy(values) if dtype == torch.float64 else torch.from_numpy(values).to(dtype)


def _single_numbers(tensor: Tensor) -> NDArray[Any]:
    """As numpy has them, which knows no bfloat16."""
    known = tensor if tensor.dtype in (torch.float32, torch.float64) else tensor.to(_single(tensor))
    return known.numpy()


def _flat(tensor: Tensor) -> Tensor:
    return tensor if tensor.ndim == 1 else tensor.view(-1)


def _single(tensor: Tensor) -> torch.dtype:
    return torch.promote_types(tensor.dtype, torch.float32)


@lru_cache(maxsize=64)
def _places(numbers: tuple[int, ...], joins: tuple[bool, ...]) -> tuple[Places, Places, Places]:
    """Which tensors are joined, which are not, and where each of the former begins. Nobody may change it."""
    joined = np.array(joins, dtype=bool)
    small = joined.nonzero()[0]
    sizes = np.array(numbers, dtype=np.intp)[small]
    return small, (~joined).nonzero()[0], np.cumsum(sizes) - sizes
