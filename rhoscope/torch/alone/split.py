"""A linear head's own parts. Letters: N samples, D features, M modalities."""

from typing import Any

import torch
from torch import Tensor, nn

from rhoscope.torch.head import order_of
from rhoscope.torch.linear_parts import linear_parts
from rhoscope.torch.stand_in import Features, Material, StandIn, pooled


class Split(StandIn):
    """A linear head over features side by side: `W_u φ_u + b / M`, exactly the head's parts."""

    name = "split"
    way = "the modality's part of the linear head, and an equal share of its bias"
    rank = 10

    def __init__(self, head: nn.Linear, order: tuple[str, ...]) -> None:
        self._head, self._order = head, order

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
            return cls(head, order)
        material.say("the head's input is not the features side by side, so modalities are scored by probes")
        return None

    @torch.no_grad()
    def __call__(self, features: Features, target: Tensor) -> dict[str, Tensor]:  # noqa: ARG002
        weight, bias = _whole(self._head.weight), _whole(self._head.bias)
        parts = linear_parts(weight, bias, {m: pooled(features[m]).to(weight.dtype) for m in self._order})
        return {m: parts[m] for m in features}


def _whole(tensor: Any) -> Any:
    """A parameter that processes share, put together."""
    return tensor.full_tensor() if hasattr(tensor, "full_tensor") else tensor


ALONE = Split
