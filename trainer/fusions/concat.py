"""Concatenation."""

from collections.abc import Mapping
from typing import ClassVar

import torch
from torch import Tensor, nn

from rhoscope.settings import Settings
from rhoscope.torch.linear_parts import linear_parts
from trainer.fusion import Features, Fusion


class Concat(Fusion):
    """Concatenated features, then one linear layer.

    A modality's own logits are its part of that layer and an equal share of the bias.
    """

    title: ClassVar[str] = "Concatenation"
    fidelity: ClassVar[str] = (
        "Equal to the published code (commit 343dc1d of GeWu-Lab/OGM-GE_CVPR2022), checked by "
        "tests/golden/ogm_trajectory.py."
    )
    additive: ClassVar[bool] = True
    linear: ClassVar[bool] = True
    masked: ClassVar[bool] = True

    def __init__(self, widths: Mapping[str, int], classes: int, settings: Settings) -> None:
        super().__init__(widths, classes, settings)
        self.head = nn.Linear(sum(widths.values()), classes)

    def fuse(self, features: Features) -> Tensor:
        logits: Tensor = self.head(torch.cat([features[m] for m in self.widths], 1))
        return logits

    def unimodal(self, features: Features) -> dict[str, Tensor]:
        """Logits `W_u φ_u + b / M` [N, C], as equation 8 of Peng et al. 2022; their sum is the fused ones."""
        return linear_parts(self.head.weight, self.head.bias, {m: features[m] for m in self.widths})

    def class_weights(self) -> dict[str, Tensor]:
        weights = torch.split(self.head.weight, list(self.widths.values()), 1)
        return dict(zip(self.widths, weights, strict=True))
