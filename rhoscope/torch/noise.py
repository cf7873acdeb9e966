"""Gaussian noise for gradients, as strong as they are. Letters: T tensors, in M groups of neighbors."""

import math
import threading
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import accumulate

import torch
from torch import Tensor

from rhoscope.torch.constants import whole_numbers
from rhoscope.torch.extent import Extent
from rhoscope.torch.gradients import lengths_of, norms_of
from rhoscope.torch.host import HostVector, Vector, host_vector, tensor_of
from rhoscope.torch.rooms import MOST, TOGETHER, Rooms

FLOOR = 1e-8
"""Added to every standard deviation by the official code."""
AT_ONCE = 2**22
"""Entries that a GPU draws at once at most; a CPU draws `TOGETHER`, unless one tensor alone has more."""
Deviations = Vector | Sequence[Tensor]
"""Of T gradients: a vector [T], or tensors of the gradients' own shapes or 0-D."""


@torch.no_grad()
def tensor_stds(
    grads: Sequence[Tensor], scale: float | Tensor, known: Sequence[float] | None = None
) -> Vector:
    """The official code's estimate times `scale`: deviation of each gradient tensor's own entries, [T].

    `known`: the deviations [T], where gradients were looked at before.
    """
    if not grads:
        return torch.zeros(0)
    if grads[0].is_cpu:
        factor = float(scale)
        each = Extent(grads).deviations() if known is None else known
        return host_vector([(std + FLOOR) * factor for std in each], grads[0].dtype)
    stds = torch.stack([g.std() if g.numel() > 1 else torch.zeros_like(g).sum() for g in grads]).add_(FLOOR)
    return stds if isinstance(scale, float | int) and scale == 1 else stds.mul_(scale)


@torch.no_grad()
def add_noise(
    groups: Sequence[Sequence[Tensor]],
    stds: Deviations,
    generator: torch.Generator | None = None,
    *,
    measured: bool = True,
) -> tuple[Tensor | None, Vector]:
    """Add normal noise to gradients in place; its norms, and the roots of its mean variances, both [M].

    The norms, which are one more look at all of it, only where they are to be `measured`; the noise is the
    same. No group is empty; `stds` are those of all gradients.
    """
    counts = [len(group) for group in groups]
    if len({(group[0].dtype, group[0].device) for group in groups}) > 1:
        return _apart(groups, stds, generator, measured=measured)
    grads = [grad for group in groups for grad in group]
    norms = [lengths for lengths in _draws(grads, stds, generator, measured=measured) if lengths is not None]
    length = None if not norms else lengths_of(torch.cat(norms).square(), counts)
    return length, _spreads(grads, counts, stds)


def _apart(
    groups: Sequence[Sequence[Tensor]],
    stds: Deviations,
    generator: torch.Generator | None,
    *,
    measured: bool,
) -> tuple[Tensor | None, Vector]:
    """As `add_noise`, of groups of several types or devices, one at a time."""
    ends = accumulate(map(len, groups))
    each = [
        add_noise([group], _some(stds, slice(end - len(group), end)), generator, measured=measured)
        for group, end in zip(groups, ends, strict=True)
    ]
    lengths = [length for length, _ in each if length is not None]
    return (torch.cat(lengths) if lengths else None), torch.cat([tensor_of(spread) for _, spread in each])


def _some(stds: Deviations, part: slice) -> Deviations:
    return HostVector(stds.values[part], stds.kind) if isinstance(stds, HostVector) else stds[part]


def _draws(
    grads: Sequence[Tensor], stds: Deviations, generator: torch.Generator | None, *, measured: bool
) -> Iterator[Tensor | None]:
    """Gradients that are neighbors get theirs from one buffer, no larger than the largest gradient or so."""
    numbers = tuple([grad.numel() for grad in grads])
    most = TOGETHER if grads[0].is_cpu else AT_ONCE
    add = _one_by_one if grads[0].is_cpu else _at_once
    if grads[0].is_cpu and sum(numbers) <= most:
        noise, pieces = _memory.taken(grads, numbers)
        left = add(grads, pieces, noise.normal_(generator=generator), stds)
        yield _norms(pieces, left) if measured else None
        return
    size = min(max(most, *numbers), sum(numbers))
    buffer = torch.empty(size, dtype=grads[0].dtype, device=grads[0].device)
    place = 0
    for count in _counts(numbers, most):
        part = slice(place, place + count)
        place += count
        used = sum(numbers[part])
        noise = (buffer if used == size else buffer[:used]).normal_(generator=generator)
        pieces = _pieces(noise, grads[part], numbers[part])
        left = add(grads[part], pieces, noise, stds if count == len(grads) else _some(stds, part))
        yield _norms(pieces, left) if measured else None


def _norms(pieces: list[Tensor], left: Vector | None) -> Tensor:
    """L2 norm of each piece times the factor that it still lacks."""
    lengths = norms_of(pieces)
    return lengths if left is None else lengths * tensor_of(left)


def _pieces(noise: Tensor, grads: Sequence[Tensor], numbers: Sequence[int]) -> list[Tensor]:
    """Views of `noise` [entries] in the gradients' shapes, side by side."""
    starts = accumulate((0, *numbers[:-1]))
    return [noise.as_strided(g.shape, _strides(g.shape), at) for g, at in zip(grads, starts, strict=True)]


class _Memory(threading.local):
    """The thread's own memory for noise of few entries, and its pieces in gradients' shapes."""

    def __init__(self) -> None:
        self._rooms = Rooms()
        self._pieces: dict[object, list[Tensor]] = {}

    def taken(self, grads: Sequence[Tensor], numbers: Sequence[int]) -> tuple[Tensor, list[Tensor]]:
        """Memory and pieces, whose contents hold until the next noise is drawn."""
        noise = self._rooms.tensor(sum(numbers), grads[0].dtype)
        key = (noise.dtype, *[grad.shape for grad in grads])
        if key not in self._pieces:
            if len(self._pieces) >= MOST:
                self._pieces.clear()
            self._pieces[key] = _pieces(noise, grads, numbers)
        return noise, self._pieces[key]


_memory = _Memory()


@lru_cache(maxsize=256)
def _strides(shape: torch.Size) -> tuple[int, ...]:
    """As of a tensor that is whole."""
    return torch.empty(shape, device="meta").stride()


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
) -> Vector | None:
    """Add `pieces`, drawn with deviation 1, times `stds`; the factors that they still lack, [T], if any."""
    if isinstance(stds, Tensor | HostVector):
        for grad, piece, std in zip(grads, pieces, _plain(stds), strict=True):
            grad.add_(piece, alpha=std)  # a number of Python's is no further operator
        return stds
    for grad, piece, each in zip(grads, pieces, stds, strict=True):
        grad.add_(piece.mul_(each))
    return None


def _plain(stds: Vector) -> list[float]:
    plain: list[float] = stds.values if isinstance(stds, HostVector) else stds.tolist()
    return plain


def _at_once(grads: Sequence[Tensor], pieces: list[Tensor], noise: Tensor, stds: Deviations) -> Vector | None:
    """The same in few kernels; `noise` [entries] are all pieces, side by side."""
    if isinstance(stds, HostVector):
        stds = stds.tensor()
    if isinstance(stds, Tensor):
        lengths = whole_numbers(tuple(grad.numel() for grad in grads), noise.device)
        noise.mul_(torch.repeat_interleave(stds.to(noise.dtype), lengths, output_size=len(noise)))
    else:
        torch._foreach_mul_(pieces, list(stds))
    torch._foreach_add_(list(grads), pieces)
    return None


def _spreads(grads: Sequence[Tensor], counts: Sequence[int], stds: Deviations) -> Vector:
    """Root of the mean variance over the entries of each group, [M]."""
    if not isinstance(stds, Tensor | HostVector):
        stds = torch.stack([std if std.ndim == 0 else std.square().mean().sqrt() for std in stds])
    numbers = tuple([grad.numel() for grad in grads])
    if isinstance(stds, HostVector):
        known = [n * std * std for n, std in zip(numbers, stds.values, strict=True)]
        groups = [slice(end - n, end) for n, end in zip(counts, accumulate(counts), strict=True)]
        return host_vector([math.sqrt(sum(known[g]) / sum(numbers[g])) for g in groups], stds.kind)
    return lengths_of(stds.square() * _shares(numbers, tuple(counts), stds.device, stds.dtype), counts)


@lru_cache(maxsize=64)
def _shares(
    numbers: tuple[int, ...], counts: tuple[int, ...], device: torch.device, dtype: torch.dtype
) -> Tensor:
    """Each gradient's share of all entries of its group, [T]. Nobody may change it."""
    ends = tuple(accumulate(counts))
    totals = [sum(numbers[end - n : end]) for n, end in zip(counts, ends, strict=True)]
    each = tuple(total for n, total in zip(counts, totals, strict=True) for _ in range(n))
    return (whole_numbers(numbers, device) / whole_numbers(each, device)).to(dtype)
