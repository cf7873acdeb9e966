"""One micro-batch of a network that is not ours. Letters: N samples, M modalities."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypedDict

import torch
from torch import Tensor

Again = Callable[[str, int], Tensor]
"""The network's output once more on the first rows, without one modality; of an empty name, with all."""


class Seen(TypedDict, total=False):
    """Everything that a loop may hand over with a micro-batch, N samples.

    `features` by modality, where no hook keeps them; `unimodal`: predictions of each modality alone, if the
    network makes some; `logits`: its own; `loss`, one number: to be recorded; `present` bool [N] by modality:
    which samples have it; `weight` [N], at least 0: how much each sample counts.
    """

    features: Mapping[str, Tensor] | None
    unimodal: Mapping[str, Tensor] | None
    logits: Tensor | None
    loss: Tensor | float | None
    present: Mapping[str, Tensor] | None
    weight: Tensor | None


@dataclass(frozen=True)
class Batch:
    """Everything `observe` was given, with what hooks kept of the forward pass.

    `target`: of any shape, None where the task has none; `features`: by modality, in their order;
    `unimodal`: predictions of each modality alone, where the network makes some; `alone` [M, N, ...]: those
    that a stand-in made, side by side; `present` bool [N] by modality; `weight` [N], at least 0;
    `joined`: the head's only input, where hooks kept it with the features; `again`: where the network can be
    asked again, and `removable`: without which modalities; `shifted`: the output at a place predicts the
    token at the next one.
    """

    target: Tensor | None = None
    features: Mapping[str, Tensor] = field(default_factory=dict)
    unimodal: Mapping[str, Tensor] | None = None
    logits: Tensor | None = None
    present: Mapping[str, Tensor] | None = None
    weight: Tensor | None = None
    joined: Tensor | None = None
    alone: Tensor | None = None
    again: Again | None = None
    removable: tuple[str, ...] = ()
    shifted: bool = True

    def truth(self) -> Tensor:
        """The target. Raises: ValueError, where there is none."""
        if self.target is None:
            raise ValueError("this task needs a target; pass it to observe")
        return self.target

    def there(self, modalities: tuple[str, ...], like: Tensor) -> Tensor | None:
        """Which of the samples of `like` [M, N] have which modality, bool [M, N]; None: all have all."""
        if self.present is None:
            return None
        everyone = torch.ones(like.shape[1], dtype=torch.bool, device=like.device)
        each = [self.present.get(m, everyone).to(like.device, torch.bool) for m in modalities]
        return torch.stack(each)


def check_seen(modalities: tuple[str, ...], target: Tensor | None, seen: Seen) -> Tensor | None:
    """The loss, if one was given. Raises: ValueError, for what fits no batch."""
    if odd := sorted(seen.keys() - Seen.__annotations__.keys()):
        raise ValueError(f"observe has no '{odd[0]}'; expected {', '.join(Seen.__annotations__)}")
    if target is not None and not isinstance(target, Tensor):
        raise ValueError(f"the target should be a tensor. Found {type(target).__name__}")
    for m, mask in (seen.get("present") or {}).items():
        if m not in modalities:
            raise ValueError(f"present names '{m}'; expected some of {', '.join(modalities)}")
        _one_per_sample(f"present['{m}']", mask, target)
    if (weight := seen.get("weight")) is not None:
        _one_per_sample("weight", weight, target)
    loss = seen.get("loss")
    if loss is None:
        return None
    value = torch.as_tensor(loss).detach()
    if value.numel() != 1:
        raise ValueError(f"the loss should be one number. Found shape {tuple(value.shape)}")
    return value.reshape(())


def _one_per_sample(name: str, values: object, target: Tensor | None) -> None:
    if not isinstance(values, Tensor) or values.ndim != 1:
        raise ValueError(f"{name} should be a tensor with one number per sample")
    if target is not None and len(values) != len(target):
        raise ValueError(f"{name} should have {len(target)} numbers, one per sample. Found {len(values)}")
