"""Which gradients belong to an encoder, and how long they are."""

import math
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.modules.conv import _ConvNd

from rhoscope.torch.constants import whole_numbers
from rhoscope.torch.extent import Extent, sums_of, vector
from rhoscope.torch.host import HostVector, Vector
from rhoscope.torch.rooms import Rooms


def gradients(parameters: Iterable[Tensor]) -> list[Tensor]:
    """Gradients of those parameters that have one."""
    return [p.grad for p in parameters if p.grad is not None]


Part = Tensor | tuple[Tensor, ...]
"""A vector, or its entries as 0-D tensors that nobody has put side by side yet."""
_rooms = Rooms()


def vector_of(part: Part) -> Tensor:
    """The entries side by side."""
    return part if isinstance(part, Tensor) else torch.stack(part)


def norm(tensors: list[Tensor]) -> Tensor:
    """L2 norm over all entries of all tensors, 0-D; 0 of none."""
    if tensors and tensors[0].is_cpu:
        return vector([math.sqrt(sum(Extent(tensors).squares))], tensors[0].dtype)[0]
    length: Tensor = torch.linalg.vector_norm(norms_of(tensors))
    return length


def norms_of(tensors: list[Tensor]) -> Tensor:
    """L2 norm of each tensor, [tensors]."""
    if not tensors:
        return torch.zeros(0)
    if tensors[0].is_cpu:
        return vector(np.sqrt(Extent(tensors).squares), tensors[0].dtype)
    return torch.stack(each_norm(tensors))


def lengths_of(squares: Tensor, counts: Sequence[int]) -> Tensor:
    """Roots of the sums of as many neighbors among `squares` as `counts` says, each at least one."""
    if squares.is_cpu:
        return vector(np.sqrt(sums_of(squares.numpy(), counts)), squares.dtype)
    lengths = whole_numbers(tuple(counts), squares.device)
    total: Tensor = torch.segment_reduce(squares, "sum", lengths=lengths, unsafe=True)
    return total.sqrt_()


def each_norm(tensors: list[Tensor]) -> tuple[Tensor, ...]:
    """L2 norm of each tensor on a device, 0-D."""
    return tuple(torch._foreach_norm(tensors))  # noqa: SLF001 -- foreach has no public name


def multiply(each: Sequence[list[Tensor]], factors: Vector) -> None:
    """Multiply lists of tensors in place by one factor each; a CPU leaves those alone whose factor is 1."""
    for tensors, factor in zip(each, _factors(factors), strict=True):
        if tensors and factor is not None:
            torch._foreach_mul_(tensors, factor)


def _factors(factors: Vector) -> Iterator[Tensor | None]:
    """Each as a 0-D tensor that holds until the next one; None where a CPU knows it to be 1."""
    if isinstance(factors, HostVector):
        yield from (None if k == 1.0 else _rooms.number(k, factors.kind) for k in factors.values)
    elif factors.is_cpu:
        yield from (None if k == 1.0 else factor for k, factor in zip(factors.tolist(), factors, strict=True))
    else:
        yield from factors.unbind()


def in_scope(encoder: nn.Module, scope: str) -> list[Tensor]:
    """An encoder's parameters that may be modulated: found by module, never by name."""
    weights = [module.weight for module in encoder.modules() if isinstance(module, _ConvNd)]
    if scope == "all" or (scope == "auto" and not weights):
        return list(encoder.parameters())
    return weights
