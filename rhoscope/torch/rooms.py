"""A thread's own memory for copies on a CPU: fresh memory costs as much as what is worked out in it."""

import threading
from typing import Any

import torch
from numpy.typing import NDArray
from torch import Tensor

TOGETHER = 2**17
"""Entries of a room, which therefore stays in a processor's cache."""
MOST = 64
"""Views of rooms that a thread keeps at most."""


class Rooms(threading.local):
    """One room for each type; what is in it holds until it is taken again.

    Who needs a room while somebody else's is in use has rooms of its own.
    """

    def __init__(self) -> None:
        self._whole: dict[torch.dtype, Tensor] = {}
        self._tensors: dict[tuple[int, torch.dtype], Tensor] = {}
        self._arrays: dict[tuple[int, torch.dtype], NDArray[Any]] = {}
        self._numbers: dict[torch.dtype, tuple[Tensor, NDArray[Any]]] = {}

    def number(self, value: float, dtype: torch.dtype) -> Tensor:
        """As a 0-D tensor in single or double precision: a plain number would be cast by each operator."""
        if dtype not in self._numbers:
            number = torch.empty((), dtype=dtype)
            self._numbers[dtype] = number, number.numpy()
        tensor, array = self._numbers[dtype]
        array[()] = value
        return tensor

    def tensor(self, entries: int, dtype: torch.dtype) -> Tensor:
        """The room's first entries, of which there are at most `TOGETHER`."""
        if (entries, dtype) not in self._tensors:
            if dtype not in self._whole:
                self._whole[dtype] = torch.empty(TOGETHER, dtype=dtype)
            if len(self._tensors) >= MOST:
                self._tensors.clear()
            self._tensors[entries, dtype] = self._whole[dtype][:entries]
        return self._tensors[entries, dtype]

    def array(self, entries: int, dtype: torch.dtype) -> NDArray[Any]:
        """The same memory as numpy has it, in single or double precision."""
        if (entries, dtype) not in self._arrays:
            if len(self._arrays) >= MOST:
                self._arrays.clear()
            self._arrays[entries, dtype] = self.tensor(entries, dtype).numpy()
        return self._arrays[entries, dtype]
