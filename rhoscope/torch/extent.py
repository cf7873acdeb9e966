"""Sums over each of many tensors on a CPU, in few operators. Letter: T tensors."""

import threading
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

Vector = NDArray[np.float64]
Places = NDArray[np.intp]

JOINED = 2**15
"""Tensors of at most this many entries are looked at side by side in one copy, larger ones in place."""
TOGETHER = 2**17
"""Entries of one such copy at most, which therefore stays in the cache, whatever the network's size."""
DOUBTFUL = 1e-3
"""Of a tensor's squares at least this share is left around its mean; else the mean is taken off first."""
_KNOWN = (torch.float32, torch.float64)
_own = threading.local()


class Extent:
    """One look at tensors: the sums of their entries' squares, double [T], and deviations without another.

    Small vectors are numpy's, whose operations cost a fraction of an operator's call.
    """

    @torch.no_grad()
    def __init__(self, tensors: Sequence[Tensor]) -> None:
        self._tensors = tuple(tensors)
        self._numbers = tuple([t.numel() for t in self._tensors])
        joins = [0 < n <= JOINED and t.is_contiguous() for t, n in zip(tensors, self._numbers, strict=True)]
        self._plan = _plan(self._numbers, tuple(joins))
        self.squares: Vector = np.zeros(len(self._numbers))
        self._joined: list[NDArray[Any]] = []
        for places, starts, end in self._plan.groups:
            joined = array(torch.cat([_flat(self._tensors[i]) for i in places]))
            self._joined.append(joined)
            entries = _room()[:end]
            np.multiply(joined, joined, out=entries, dtype=np.float64)
            self.squares[places] = np.add.reduceat(entries, starts)
        for i in self._plan.large:
            self.squares[i] = self._square(i)

    @torch.no_grad()
    def deviations(self, places: Sequence[int] | None = None) -> Vector:
        """Standard deviation of each tensor's entries, double [T]; 0 of a single one.

        Of those at some `places` only, if given. Tensors should be as they were.
        """
        chosen = range(len(self._tensors)) if places is None else places
        sums: Vector = np.zeros(len(self._numbers))
        for (places_of, starts, _), joined in zip(self._plan.groups, self._joined, strict=True):
            sums[places_of] = np.add.reduceat(joined, starts, dtype=np.float64)
        for i in self._plan.large.intersection(chosen):
            sums[i] = self._sum(i)
        few = self._plan.few
        with np.errstate(invalid="ignore"):
            around = self.squares - sums * sums / few
            for i in self._plan.large.intersection(chosen):
                if around[i] < DOUBTFUL * self.squares[i]:
                    around[i] = self._tensors[i].var().item() * (self._numbers[i] - 1)
            each = np.sqrt(np.maximum(around, 0) / np.maximum(few - 1, 1))
        return np.where(few > 1, each, 0.0)[list(chosen)]

    def _square(self, place: int) -> float:
        tensor = self._tensors[place]
        length: Tensor = torch.linalg.vector_norm(tensor, dtype=_single(tensor))
        return length.item() ** 2

    def _sum(self, place: int) -> float:
        tensor = self._tensors[place]
        return tensor.sum(dtype=_single(tensor)).item()


def vector(values: NDArray[Any], dtype: torch.dtype) -> Tensor:
    """Numbers of numpy's as a tensor of this kind."""
    if dtype == torch.float32:
        return torch.from_numpy(values.astype(np.float32))
    return torch.from_numpy(values) if dtype == torch.float64 else torch.from_numpy(values).to(dtype)


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


def _room() -> Vector:
    """The thread's own memory for copies: fresh memory would cost more than what is worked out in it."""
    if not hasattr(_own, "room"):
        _own.room = np.empty(TOGETHER)
    room: Vector = _own.room
    return room


def _flat(tensor: Tensor) -> Tensor:
    return tensor if tensor.ndim == 1 else tensor.view(-1)


def _single(tensor: Tensor) -> torch.dtype:
    return torch.promote_types(tensor.dtype, torch.float32)


class _Plan(NamedTuple):
    """Which tensors are joined: places, where each begins, and where the last ends; and the other ones."""

    groups: tuple[tuple[Places, Places, int], ...]
    large: frozenset[int]
    few: Vector
    """Numbers of entries, double [T], at least 1."""


@lru_cache(maxsize=64)
def _plan(numbers: tuple[int, ...], joins: tuple[bool, ...]) -> _Plan:
    """Nobody may change it."""
    groups: list[list[int]] = []
    end = TOGETHER
    for place in (i for i, joined in enumerate(joins) if joined):
        if end + numbers[place] > TOGETHER:
            groups.append([])
            end = 0
        groups[-1].append(place)
        end += numbers[place]
    ends = [np.cumsum([numbers[i] for i in group]) for group in groups]
    return _Plan(
        tuple(
            (np.array(group), np.array([0, *after[:-1]]), int(after[-1]))
            for group, after in zip(groups, ends, strict=True)
        ),
        frozenset(i for i, joined in enumerate(joins) if not joined),
        np.maximum(np.array(numbers, dtype=np.float64), 1),
    )
