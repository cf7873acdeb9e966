"""Feature-wise linear modulation."""

from collections.abc import Mapping
from typing import ClassVar

import torch
from torch import Tensor, nn

from rhoscope.settings import setting
from trainer.fusion import AbsentSettings, Features, Inseparable, choose


class FiLMSettings(AbsentSettings):
    """Settings of FiLM."""

    conditioner: str = setting("", "Modality that conditions the others; empty: the first.", modalities=True)


class FiLM(Inseparable):
    """One modality scales and shifts the features of every other: γ(φ_c) ⊙ φ_u + β(φ_c), then a linear layer.

    γ starts near 1 and β near 0. The scaled features are summed over the other modalities. Not additive: what
    one modality alone gives is measured with the others' features taken away.
    """

    title: ClassVar[str] = "FiLM"
    paper: ClassVar[str] = "Perez et al., AAAI 2018, FiLM: Visual Reasoning with a General Conditioning Layer"
    fidelity: ClassVar[str] = (
        "Differs from the published code in γ, which is 1 + W φ here and W φ there (commit 343dc1d of "
        "GeWu-Lab/OGM-GE_CVPR2022), so that training starts with the features about as they are; and "
        "in taking any number of modalities."
    )
    masked: ClassVar[bool] = True
    Settings = FiLMSettings
    settings: FiLMSettings

    def __init__(self, widths: Mapping[str, int], classes: int, settings: FiLMSettings) -> None:
        super().__init__(widths, classes, settings)
        self.conditioner = choose(settings.conditioner, "conditioner", tuple(widths))
        given = widths[self.conditioner]
        others = [m for m in widths if m != self.conditioner] or [self.conditioner]
        self.scales = nn.ModuleDict({m: nn.Linear(given, widths[m]) for m in others})
        self.shifts = nn.ModuleDict({m: nn.Linear(given, widths[m]) for m in others})
        self.heads = nn.ModuleDict({m: nn.Linear(widths[m], classes) for m in others})

    def fuse(self, features: Features) -> Tensor:
        given = features[self.conditioner]
        logits = [
            head((1 + self.scales[m](given)) * features[m] + self.shifts[m](given))
            for m, head in self.heads.items()
        ]
        return torch.stack(logits).sum(0)
