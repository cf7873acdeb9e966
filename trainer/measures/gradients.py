"""Norms of encoders' gradients, before and after a step changed them. Letters: M modalities, P parameters."""

import math
from collections.abc import Mapping, Sequence
from functools import cached_property

import torch
from torch import Tensor

from rhoscope.torch.constants import whole_numbers
from rhoscope.torch.extent import Extent, roots_of_sums
from rhoscope.torch.gradients import gradients, lengths_of, norms_of
from rhoscope.torch.host import HostVector, Vector, host_vector, tensor_of


class GradientNorms:
    """One look at the gradients of all encoders, of those that have some; P parameters with a gradient.

    What follows from it takes no further one: the norms after a coefficient, and on a CPU deviations too.
    """

    def __init__(self, parameters: Mapping[str, Sequence[Tensor]]) -> None:
        """`parameters` of each encoder by modality."""
        self.grads = {m: grads for m, ps in parameters.items() if (grads := gradients(ps))}
        self._counts = tuple(map(len, self.grads.values()))
        every = [grad for grads in self.grads.values() for grad in grads]
        self._every = every
        self._kind = every[0].dtype if every else torch.float32
        self._extent = Extent(every) if every and every[0].is_cpu else None
        if self._extent is not None:
            self.norms: Vector = HostVector(list(map(math.sqrt, self._extent.squares)), torch.float64)
        else:
            self.norms = norms_of(every)

    @cached_property
    def _place(self) -> dict[int, int]:
        return {id(grad): place for place, grad in enumerate(self._every)}

    @property
    def modalities(self) -> tuple[str, ...]:
        """Those whose encoder has a gradient."""
        return tuple(self.grads)

    def lengths(self) -> Vector:
        """L2 norm of each encoder's whole gradient, one for each of `modalities`."""
        if self._extent is not None:
            return self._known_lengths(self._extent.squares)
        norms = tensor_of(self.norms)
        return self._lengths(norms * norms)

    def slowed(self, touched: Mapping[str, Sequence[Tensor]], k: Vector) -> Vector:
        """The same after `touched` gradients were multiplied by k [one for each of `modalities`]."""
        owner = {id(g): i for i, m in enumerate(self.grads) for g in touched.get(m, ())}
        which = tuple(owner.get(number, len(self.grads)) for number in self._place)
        if self._extent is not None:
            known = [*(k.values if isinstance(k, HostVector) else k.tolist()), 1.0]
            squares = zip(self._extent.squares, which, strict=True)
            return self._known_lengths([square * known[i] * known[i] for square, i in squares])
        k = tensor_of(k)
        factors = torch.cat([k, k.new_ones(1)]).index_select(0, whole_numbers(which, k.device))
        norms = tensor_of(self.norms)
        return self._lengths(norms * norms * (factors * factors))

    def deviations_of(self, grads: Sequence[Tensor]) -> list[float] | None:
        """Standard deviations of some of the gradients' entries, double; None where a device works them out.

        Gradients should be as they were.
        """
        if self._extent is None:
            return None
        return self._extent.deviations([self._place[id(grad)] for grad in grads])

    def _known_lengths(self, squares: Sequence[float]) -> HostVector:
        return host_vector(roots_of_sums(squares, self._counts), self._kind)

    def _lengths(self, squares: Tensor) -> Tensor:
        return lengths_of(squares, self._counts).to(self._kind) if self.grads else squares
