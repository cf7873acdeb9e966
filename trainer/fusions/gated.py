"""Gated fusion."""

from collections.abc import Mapping
from typing import ClassVar

import torch
from torch import Tensor, nn

from rhoscope.settings import setting
from trainer.fusion import AbsentSettings, Features, Inseparable, choose


class GatedSettings(AbsentSettings):
    """Settings of the gated fusion."""

    gate: str = setting("", "Modality that gates the others; empty: the first.", modalities=True)
    gated_width: int = setting(128, "Width of the gated layer.", ge=1, le=65_536)


class Gated(Inseparable):
    """One modality's hidden layer, through a sigmoid, gates the hidden layers of the others.

    W (σ(U_g φ_g) ⊙ Σ_u U_u φ_u), u every other modality. Not additive: what one modality alone gives is
    measured with the others' features taken away.
    """

    title: ClassVar[str] = "Gated"
    paper: ClassVar[str] = "Kiela et al., AAAI 2018, Efficient Large-Scale Multi-Modal Classification"
    fidelity: ClassVar[str] = (
        "Differs from the published code in its default width, 128 where the code (commit 343dc1d of "
        "GeWu-Lab/OGM-GE_CVPR2022) has 512, which the recipes set, and in taking any number of "
        "modalities; the formula is the code's."
    )
    masked: ClassVar[bool] = True
    Settings = GatedSettings
    settings: GatedSettings

    def __init__(self, widths: Mapping[str, int], classes: int, settings: GatedSettings) -> None:
        super().__init__(widths, classes, settings)
        self.gate = choose(settings.gate, "gate", tuple(widths))
        self.others = [m for m in widths if m != self.gate] or [self.gate]
        self.hidden = nn.ModuleDict({m: nn.Linear(w, settings.gated_width) for m, w in widths.items()})
        self.head = nn.Linear(settings.gated_width, classes)

    def fuse(self, features: Features) -> Tensor:
        hidden = {m: layer(features[m]) for m, layer in self.hidden.items()}
        gated = torch.sigmoid(hidden[self.gate]) * torch.stack([hidden[m] for m in self.others]).sum(0)
        logits: Tensor = self.head(gated)
        return logits
