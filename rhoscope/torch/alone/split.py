"""A linear head's own parts. Letters: N samples, D features, M modalities."""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import linear

from rhoscope.torch.head import order_of
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
        args = material.entered[0] if material.entered else ()
        if order := order_of(material.features, args[0] if args else None, head.in_features):
            return cls(head, order)
        material.say("the head's input is not the features side by side, so modalities are scored by probes")
        return None

    @torch.no_grad()
    def __call__(self, features: Features, target: Tensor) -> dict[str, Tensor]:  # noqa: ARG002
        parts = {m: pooled(features[m]) for m in self._order}
        weight, bias = _whole(self._head.weight), _whole(self._head.bias)
        weights = torch.split(weight, [part.shape[1] for part in parts.values()], 1)
        share = None if bias is None else bias / len(parts)
        own = dict(zip(self._order, weights, strict=True))
        return {m: linear(parts[m].to(weight.dtype), own[m], share) for m in features}


def _whole(tensor: Any) -> Any:
    """A parameter that processes share, put together."""
    return tensor.full_tensor() if hasattr(tensor, "full_tensor") else tensor


ALONE = Split
