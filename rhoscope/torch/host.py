"""Small vectors on a CPU as plain numbers: after a pass that took the caches, an operator's call costs 30 µs.

The first call of any function of torch or numpy in a step does, however little it computes; plain arithmetic
on as many numbers as there are modalities or gradients costs a fraction of it.
"""

from array import array
from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(slots=True)
class HostVector:
    """Numbers that a CPU worked out without an operator, rounded to the type `kind` that they stand for."""

    values: list[float]
    kind: torch.dtype = torch.float32

    def __len__(self) -> int:
        return len(self.values)

    def tensor(self) -> Tensor:
        """The same as a tensor, 1-D."""
        return torch.tensor(self.values, dtype=self.kind)


Vector = Tensor | HostVector
"""Numbers side by side; of a CPU either."""


def host_vector(values: Iterable[float], kind: torch.dtype) -> HostVector:
    """These numbers, rounded as a tensor of this kind would round them."""
    if kind == torch.float64:
        return HostVector(list(values), kind)
    single = array("f", values).tolist()
    return HostVector(single if kind == torch.float32 else torch.tensor(single, dtype=kind).tolist(), kind)


def tensor_of(vector: Vector) -> Tensor:
    """As a tensor, whatever it is."""
    return vector.tensor() if isinstance(vector, HostVector) else vector


def numbers_of(tensor: Tensor) -> list[float]:
    """The entries of a CPU's tensor of at most one dimension."""
    return tensor.tolist() if tensor.ndim else [tensor.item()]
