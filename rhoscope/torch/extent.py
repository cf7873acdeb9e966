"""Sums over each of many tensors on a CPU, in few operators. Letter: T tensors."""

import math
from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from rhoscope.torch.rooms import TOGETHER, Rooms

Vector = NDArray[np.float64]
Places = NDArray[np.intp]

JOINED = 2**15
"""Tensors of at most this many entries are looked at side by side in one copy, larger ones in place."""
DOUBTFUL = 1e-3
"""Of a large tensor's squares at least this share is left around its mean; else the mean is taken off."""
_KNOWN = (torch.float32, torch.float64)
_copies, _entries = Rooms(), Rooms()


class Extent:
    """One look at tensors: the sums of their entries' squares [T], and deviations without another.

    Copies are made and summed by numpy, whose calls cost a fraction of an operator's.
    """

    @torch.no_grad()
    def __init__(self, tensors: Sequence[Tensor]) -> None:
        self._tensors = tuple(tensors)
        self._numbers = tuple([t.numel() for t in self._tensors])
        self._sums = [0.0] * len(self._numbers)
        self.squares = [0.0] * len(self._numbers)
        plan = _plan(self._numbers)
        with np.errstate(invalid="ignore", over="ignore"):
            for group in plan.groups:
                self._join(group)
        for place in plan.large:
            self.squares[place] = self._square(place)

    def _join(self, group: "_Group") -> None:
        """Sum up neighbors in one copy, in double precision."""
        kind = torch.float64 if self._tensors[group.places[0]].dtype == torch.float64 else torch.float32
        joined = [_flat(self._tensors[place], kind) for place in group.places]
        torch.cat(joined, out=_copies.tensor(group.end, kind))
        entries = _entries.array(group.end, torch.float64)
        np.copyto(entries, _copies.array(group.end, kind))
        sums = np.add.reduceat(entries, group.starts).tolist()
        squares = np.add.reduceat(np.multiply(entries, entries, out=entries), group.starts).tolist()
        for place, total, square in zip(group.places, sums, squares, strict=True):
            self._sums[place], self.squares[place] = total, square

    @torch.no_grad()
    def deviations(self, places: Sequence[int] | None = None) -> list[float]:
        """Standard deviation of each tensor's entries [T]; 0 of a single one.

        Of those at some `places` only, if given. Tensors should be as they were.
        """
        return [self._deviation(place) for place in (range(len(self._numbers)) if places is None else places)]

    def _deviation(self, place: int) -> float:
        """`√((Σ x² − (Σ x)² / n) / (n − 1))`."""
        n, square = self._numbers[place], self.squares[place]
        if n < 2:
            return 0.0
        large = n > JOINED
        total = self._sum(place) if large else self._sums[place]
        around = square - total * total / n
        if large and around < DOUBTFUL * square:
            around = self._tensors[place].var().item() * (n - 1)
        return math.sqrt(max(around, 0.0) / (n - 1))

    def _square(self, place: int) -> float:
        tensor = self._tensors[place]
        length: float = torch.linalg.vector_norm(tensor, dtype=_single(tensor)).item()
        return length * length

    def _sum(self, place: int) -> float:
        tensor = self._tensors[place]
        return tensor.sum(dtype=_single(tensor)).item()


def vector(values: NDArray[Any] | Sequence[float], dtype: torch.dtype) -> Tensor:
    """Plain numbers, or numpy's, as a tensor of this kind."""
    if dtype == torch.float32:
        return torch.from_numpy(np.array(values, dtype=np.float32))
    given = torch.from_numpy(np.asarray(values, dtype=np.float64))
    return given if dtype == torch.float64 else given.to(dtype)


def array(tensor: Tensor) -> NDArray[Any]:
    """A CPU's tensor as numpy has it, in the same memory; of one in half precision, a copy in single."""
    if tensor.requires_grad:
        tensor = tensor.detach()
    if tensor.dtype not in _KNOWN and tensor.is_floating_point():
        tensor = tensor.to(torch.float32)
    return tensor.numpy()


def sums_of(values: NDArray[Any], counts: Sequence[int]) -> Vector:
    """Sums of as many neighbors among `values` as `counts` says, each at least one."""
    starts = np.cumsum((0, *counts[:-1]))
    sums: Vector = np.add.reduceat(values, starts)
    return sums


def roots_of_sums(squares: Sequence[float], counts: Sequence[int]) -> list[float]:
    """Roots of the sums of as many neighbors among `squares` as `counts` says."""
    ends = accumulate(counts)
    return [math.sqrt(sum(squares[end - count : end])) for count, end in zip(counts, ends, strict=True)]


def _flat(tensor: Tensor, kind: torch.dtype) -> Tensor:
    if tensor.ndim != 1:
        tensor = tensor.view(-1) if tensor.is_contiguous() else tensor.reshape(-1)
    return tensor if tensor.dtype == kind else tensor.to(kind)


def _single(tensor: Tensor) -> torch.dtype:
    return torch.promote_types(tensor.dtype, torch.float32)


class _Group(NamedTuple):
    """Tensors that are joined: their places, where each one's entries begin, and where the last ones end."""

    places: tuple[int, ...]
    starts: Places
    end: int


class _Plan(NamedTuple):
    """Which tensors are joined, and the others that have entries."""

    groups: tuple[_Group, ...]
    large: tuple[int, ...]


@lru_cache(maxsize=64)
def _plan(numbers: tuple[int, ...]) -> _Plan:
    """Nobody may change it."""
    groups: list[list[int]] = []
    end = TOGETHER
    for place in (i for i, number in enumerate(numbers) if 0 < number <= JOINED):
        if end + numbers[place] > TOGETHER:
            groups.append([])
            end = 0
        groups[-1].append(place)
        end += numbers[place]
    large = tuple(i for i, number in enumerate(numbers) if number > JOINED)
    return _Plan(tuple(_group(places, numbers) for places in groups), large)


def _group(places: Sequence[int], numbers: Sequence[int]) -> _Group:
    ends = tuple(accumulate(numbers[place] for place in places))
    return _Group(tuple(places), np.array((0, *ends[:-1]), dtype=np.intp), ends[-1])
