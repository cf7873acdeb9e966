"""Norms of encoders' gradients, before and after a step changed them. Letters: M modalities, P parameters."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from rhoscope.torch.extent import Extent, extent, segments, sizes
from rhoscope.torch.gradients import gradients, norms_of


class GradientNorms:
    """One look at the gradients of all encoders, of those that have some; P parameters with a gradient.

    What follows from it takes no further one: the norms after a coefficient, and on a CPU deviations too.
    """

    def __init__(self, parameters: Mapping[str, Sequence[Tensor]]) -> None:
        """`parameters` of each encoder by modality."""
        self.grads = {m: grads for m, ps in parameters.items() if (grads := gradients(ps))}
        self.counts = tuple(map(len, self.grads.values()))
        every = [grad for grads in self.grads.values() for grad in grads]
        self._place = {id(grad): place for place, grad in enumerate(every)}
        self._extent: Extent | None = None
        if every and every[0].device.type == "cpu":
            self._extent = extent(every)
            self.norms = self._extent.norms(every[0].dtype)
            self._squares = self._extent.squares
        else:
            self.norms = norms_of(every)
            self._squares = self.norms * self.norms

    @property
    def modalities(self) -> tuple[str, ...]:
        """Those whose encoder has a gradient."""
        return tuple(self.grads)

    def lengths(self) -> Tensor:
        """L2 norm of each encoder's whole gradient, one for each of `modalities`."""
        return self._lengths(self._squares)

    def slowed(self, touched: Mapping[str, Sequence[Tensor]], k: Tensor) -> Tensor:
        """The same after `touched` gradients were multiplied by k [one for each of `modalities`]."""
        owner = {id(g): i for i, m in enumerate(self.grads) for g in touched.get(m, ())}
        which = tuple(owner.get(number, len(self.grads)) for number in self._place)
        factors = torch.cat([k, k.new_ones(1)]).index_select(0, sizes(which, k.device))
        return self._lengths(self._squares * (factors * factors))

    def of(self, grads: Sequence[Tensor]) -> Extent | None:
        """The extent of some of the gradients; None on a device where it is not known."""
        if self._extent is None:
            return None
        return self._extent.at([self._place[id(grad)] for grad in grads])

    def _lengths(self, squares: Tensor) -> Tensor:
        if not self.grads:
            return self.norms
        return segments(squares, self.counts).sqrt_().to(self.norms.dtype)
