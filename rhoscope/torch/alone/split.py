"""A linear head's own parts. Letters: N samples, D features, M modalities."""

from typing import Any

import torch
from torch import Tensor, nn

from rhoscope.torch.head import order_of
from rhoscope.torch.linear_parts import even_parts, linear_parts, stacked_parts
from rhoscope.torch.stand_in import Features, Material, StandIn, pooled


class Split(StandIn):
    """A linear head over features side by side: `W_u φ_u + b / M`, exactly the head's parts."""

    name = "split"
    way = "the modality's part of the linear head, and an equal share of its bias"
    rank = 10

    def __init__(self, head: nn.Linear, order: tuple[str, ...], widths: tuple[int, ...]) -> None:
        self._head, self._order, self._widths = head, order, widths

    @classmethod
    def of(cls, material: Material) -> "StandIn | None":
        head = material.head
        if not isinstance(head, nn.Linear):
            return None
        if head.weight.shape != (head.out_features, head.in_features):  # FSDP has flattened it
            material.say("the head's weights are in parts, so modalities are scored by probes")
            return None
        args = material.entered[0] if material.entered else ()
        if order := order_of(material.features, args[0] if args else None, head.in_features):
            return cls(head, order, tuple(pooled(material.features[m]).shape[1] for m in order))
        material.say("the head's input is not the features side by side, so modalities are scored by probes")
        return None

    @torch.no_grad()
    def __call__(self, features: Features, target: Tensor) -> dict[str, Tensor] | Tensor:  # noqa: ARG002
        weight, bias = _whole(self._head.weight), _whole(self._head.bias)
        if weight.is_cpu:  # as our own training does it, to the bit
            parts = linear_parts(weight, bias, self._each(features, weight.dtype))
            return {m: parts[m] for m in features}
        joined = self.joined
        if joined is not None and joined.ndim == 2 and len(set(self._widths)) == 1:
            stacked = even_parts(weight, bias, joined.to(weight.dtype), len(self._order))
        else:
            stacked = stacked_parts(weight, bias, self._each(features, weight.dtype))
        if self._order == tuple(features):
            return stacked
        own = dict(zip(self._order, stacked, strict=True))
        return {m: own[m] for m in features}

    def _each(self, features: Features, kind: torch.dtype) -> dict[str, Tensor]:
        return {m: pooled(features[m]).to(kind) for m in self._order}


def _whole(tensor: Any) -> Any:
    """A parameter that processes share, put together."""
    return tensor.full_tensor() if hasattr(tensor, "full_tensor") else tensor


ALONE = Split
