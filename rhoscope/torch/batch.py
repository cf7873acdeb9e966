"""One micro-batch of a network that is not ours. Letters: N samples, M modalities."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import torch
from torch import Tensor

Again = Callable[[str, int], Tensor]
"""The network's output once more on the first rows, without one modality; of an empty name, with all."""


@dataclass(frozen=True)
class Batch:
    """Everything `observe` was given, with what hooks kept of the forward pass.

    `target`: of any shape, None where the task has none; `features`: by modality, in their order;
    `unimodal`: predictions of each modality alone, where the network makes some; `present` bool [N] by
    modality; `weight` [N], at least 0; `again`: where the network can be asked again, and `removable`:
    without which modalities; `shifted`: the output at a place predicts the token at the next one.
    """

    target: Tensor | None = None
    features: Mapping[str, Tensor] = field(default_factory=dict)
    unimodal: Mapping[str, Tensor] | None = None
    logits: Tensor | None = None
    present: Mapping[str, Tensor] | None = None
    weight: Tensor | None = None
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
