"""The work of an optimizer on gradients: how far weights move, and, if asked, less of it."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from rhoscope.torch.gradients import norm

ENTRIES = 2**20
"""Of an encoder's weights at most this many are compared: of a larger one each tensor's first rows."""
EVERY = 10
"""Steps between two comparisons."""
Parts = dict[str, Tensor]


class Updates:
    """Compares weights before and after a step, on a part of them that is bounded in memory.

    With `scaled` parameters by modality their update is multiplied by k, which an optimizer that divides by
    the gradient's own size, such as Adam, would otherwise cancel. That takes a copy of them during each step.
    """

    def __init__(
        self,
        parameters: Mapping[str, Sequence[Tensor]],
        scaled: Mapping[str, Sequence[Tensor]] | None,
        every: int,
    ) -> None:
        self._parameters, self._scaled, self._every = parameters, scaled, every
        self._before: dict[str, tuple[list[Tensor], list[Tensor]]] = {}
        self._whole: dict[str, tuple[list[Tensor], list[Tensor]]] = {}

    @property
    def scales(self) -> bool:
        """Whether k acts on the update, not on the gradient."""
        return self._scaled is not None

    @torch.no_grad()
    def begin(self, step: int, *, modulates: bool) -> None:
        """Remember weights: the optimizer is about to take its step."""
        self._before, self._whole = {}, {}
        if step % self._every == 0:
            for m, parameters in self._parameters.items():
                if parts := _parts([p for p in parameters if p.grad is not None]):
                    self._before[m] = (parts, [part.clone() for part in parts])
        if modulates and self._scaled is not None:
            for m, parameters in self._scaled.items():
                if trained := [_own(p) for p in parameters if p.grad is not None]:
                    self._whole[m] = (trained, [p.clone() for p in trained])

    @torch.no_grad()
    def end(self, k: Mapping[str, Tensor]) -> Parts:
        """The optimizer took its step: `moved.{m}` and `length.{m}`, each [1], where compared."""
        for m, (now, back) in self._whole.items():
            torch._foreach_sub_(back, now)
            torch._foreach_mul_(back, 1 - k[m])
            torch._foreach_add_(now, back)
        parts: Parts = {}
        for m, (now, before) in self._before.items():
            length = _length(before)
            torch._foreach_sub_(before, now)
            parts |= {f"moved.{m}": _length(before), f"length.{m}": length}
        self._before, self._whole = {}, {}
        return parts


def _own(parameter: Tensor) -> Tensor:
    """A parameter's values; of one that processes share, this process's own part."""
    value = parameter.detach()
    return value.to_local() if hasattr(value, "to_local") else value


def _parts(parameters: Sequence[Tensor]) -> list[Tensor]:
    """Views of the parameters' first rows, `ENTRIES` entries at most, whole where they fit."""
    values = [_own(p) for p in parameters]
    sizes = [value.numel() for value in values]
    limit = max(sizes, default=0)
    while sum(min(size, limit) for size in sizes) > ENTRIES and limit > 1:
        limit //= 2
    return [_first(value, limit) for value in values if value.numel()]


def _first(value: Tensor, limit: int) -> Tensor:
    if value.numel() <= limit or value.ndim == 0:
        return value
    return value[: max(1, limit * len(value) // value.numel())]


def _length(tensors: list[Tensor]) -> Tensor:
    return norm(tensors)[None]
