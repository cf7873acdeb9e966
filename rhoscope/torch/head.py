"""How a network's head takes features: learned from one call of it. Letters: N samples, D features."""

from collections.abc import Callable, Mapping
from itertools import permutations
from typing import Any

import torch
from torch import Tensor, nn

from rhoscope.torch.stand_in import Features, Material, mixed, pooled, quiet

MOST_ORDERS = 5
"""Modalities whose order in the head's input is found out by trying."""
Question = Callable[[Features], Tensor]


def order_of(features: Features, entered: object, width: int) -> tuple[str, ...] | None:
    """The order in which pooled features make up the head's input [N, width]; None when they do not.

    Waits for the device.
    """
    parts = {m: pooled(f.detach()) for m, f in features.items()}
    if sum(part.shape[1] for part in parts.values()) != width:
        return None
    if not isinstance(entered, Tensor) or entered.device.type == "meta":
        return tuple(features)
    for order in permutations(features) if len(features) <= MOST_ORDERS else [tuple(features)]:
        if torch.equal(torch.cat([parts[m] for m in order], 1), pooled(entered.detach())):
            return order
    return None


def question_of(material: Material) -> Question:
    """The head as a function of features by modality; called without gradient and in evaluation mode.

    It is called as the forward pass called it: with the features side by side, or with each where it was.

    Raises:
        ValueError: when no call of it was seen that is made of the features.
    """
    head = material.head
    if head is None:
        raise ValueError("the head is asked again, so Balance needs head=")
    call = _form(material)

    @torch.no_grad()
    def ask(features: Features) -> Tensor:
        with quiet(head), mixed(features.values()):
            answer: Tensor = call(head, features)
        return answer

    return ask


def _form(material: Material) -> Callable[[nn.Module, Features], Tensor]:
    features = material.features
    args, named = material.entered or ((), {})
    joined = args[0] if len(args) == 1 and isinstance(args[0], Tensor) else None
    names: set[str] = set()
    _given(args, features, features, names)
    _given(named, features, features, names)
    if names == set(features):
        return lambda head, given: head(
            *_given(args, features, given, names), **_given(named, features, given, names)
        )
    width = getattr(material.head, "in_features", None) or (joined.shape[-1] if joined is not None else 0)
    if order := order_of(features, joined, width):
        return lambda head, given: head(torch.cat([pooled(given[m]) for m in order], 1))
    if material.entered is None:
        return lambda head, given: head(given)
    raise ValueError(
        "the head was not called with the encoders' features; pass to observe, as "
        "features=, what it is called with"
    )


def _given(value: Any, old: Features, new: Features, names: set[str]) -> Any:
    """A call's arguments with `new` features where the `old` ones were; their modalities go into `found`."""
    if isinstance(value, Tensor):
        for m, feature in old.items():
            if value.shape == feature.shape and value.data_ptr() == feature.data_ptr():
                names.add(m)
                return new[m]
        return value
    if isinstance(value, Mapping):
        return {key: _given(one, old, new, names) for key, one in value.items()}
    if isinstance(value, tuple | list):
        return type(value)(_given(one, old, new, names) for one in value)
    return value
