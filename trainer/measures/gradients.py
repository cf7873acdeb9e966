"""Norms of encoders' gradients, before and after a step changed them. Letters: M modalities, P parameters."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from rhoscope.torch.constants import whole_numbers
from rhoscope.torch.extent import segments, squares
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
        self._kind = every[0].dtype if every else torch.float32
        self._precise = bool(every) and every[0].is_cpu
        if self._precise:
            self._squares = squares(every)
            self.norms = self._squares.sqrt()
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
        factors = torch.cat([k, k.new_ones(1)]).index_select(0, whole_numbers(which, k.device))
        return self._lengths(self._squares * (factors * factors))

    def squares_of(self, grads: Sequence[Tensor]) -> Tensor | None:
        """Sums of squares of some of the gradients, double; None on a device where they are not precise."""
        if not self._precise:
            return None
        places = tuple(self._place[id(grad)] for grad in grads)
        return self._squares.index_select(0, whole_numbers(places, self._squares.device))

    def _lengths(self, squares: Tensor) -> Tensor:
        if not self.grads:
            return self.norms
        return segments(squares, self.counts).sqrt_().to(self._kind)
