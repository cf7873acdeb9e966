"""Summation."""

from collections.abc import Mapping
from typing import ClassVar, cast

import torch
from torch import Tensor, nn

from rhoscope.settings import Settings
from trainer.fusion import Features, Fusion


class Sum(Fusion):
    """A linear layer per modality, and their logits summed.

    A modality's own logits are its layer's, with the whole of its bias in training and in testing.
    """

    title: ClassVar[str] = "Summation"
    additive: ClassVar[bool] = True
    linear: ClassVar[bool] = True

    def __init__(self, widths: Mapping[str, int], classes: int, settings: Settings) -> None:
        super().__init__(widths, classes, settings)
        self.heads = nn.ModuleDict({m: nn.Linear(width, classes) for m, width in widths.items()})

    def fuse(self, features: Features) -> Tensor:
        return torch.stack(list(self.unimodal(features).values())).sum(0)

    def unimodal(self, features: Features) -> dict[str, Tensor]:
        """Logits `W_u φ_u + b_u` [N, C]; their sum is the fused logits."""
        return {m: head(features[m]) for m, head in self.heads.items()}

    def class_weights(self) -> dict[str, Tensor]:
        return {m: cast("nn.Linear", head).weight for m, head in self.heads.items()}
