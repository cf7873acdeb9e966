"""Feature-wise linear modulation."""

from collections.abc import Mapping
from typing import ClassVar, Literal

import torch
from torch import Tensor, nn

from rhoscope.settings import setting
from trainer.fusion import AbsentSettings, Features, Inseparable, choose


class FiLMSettings(AbsentSettings):
    """Settings of FiLM."""

    conditioner: str = setting("", "Modality that conditions the others; empty: the first.", modalities=True)
    film_variant: Literal["paper", "official-code"] = setting(
        "paper",
        "What scales the features: 1 + W φ, as in the publication, or W φ, as in the code of OGM-GE.",
    )


class FiLM(Inseparable):
    """One modality scales and shifts the features of every other: γ(φ_c) ⊙ φ_u + β(φ_c), then a linear layer.

    γ starts near 1 and β near 0, so that training starts with the features about as they are. The scaled
    features are summed over the other modalities. Not additive: what one modality alone gives is measured
    with the others' features taken away.
    """

    title: ClassVar[str] = "FiLM"
    paper: ClassVar[str] = "Perez et al., AAAI 2018, FiLM: Visual Reasoning with a General Conditioning Layer"
    fidelity: ClassVar[str] = (
        "Equal to the published code (github.com/GeWu-Lab/OGM-GE_CVPR2022, commit 343dc1d) with film_variant "
        "official-code, checked by tests/trainer/fusions/test_film.py. The default, paper, has γ = 1 + W φ, "
        "as the publication of FiLM does, for γ = W φ there. It takes any number of modalities."
    )
    masked: ClassVar[bool] = True
    Settings = FiLMSettings
    settings: FiLMSettings

    def __init__(self, widths: Mapping[str, int], classes: int, settings: FiLMSettings) -> None:
        super().__init__(widths, classes, settings)
        self._offset = float(settings.film_variant == "paper")
        self.conditioner = choose(settings.conditioner, "conditioner", tuple(widths))
        given = widths[self.conditioner]
        others = [m for m in widths if m != self.conditioner] or [self.conditioner]
        self.scales = nn.ModuleDict({m: nn.Linear(given, widths[m]) for m in others})
        self.shifts = nn.ModuleDict({m: nn.Linear(given, widths[m]) for m in others})
        self.heads = nn.ModuleDict({m: nn.Linear(widths[m], classes) for m in others})

    def fuse(self, features: Features) -> Tensor:
        given = features[self.conditioner]
        logits = [
            head((self._offset + self.scales[m](given)) * features[m] + self.shifts[m](given))
            for m, head in self.heads.items()
        ]
        return torch.stack(logits).sum(0)
