"""The head over audio-guided visual attention. Letters: N samples, C classes."""

from collections.abc import Mapping
from typing import ClassVar, Literal

import torch
from torch import Tensor, nn
from torch.nn.functional import multilabel_soft_margin_loss, one_hot
from typing_extensions import override

from rhoscope.settings import setting
from trainer.fusion import AbsentSettings, Features, Inseparable


class AVGAHeadSettings(AbsentSettings):
    """Settings of AVGA's head."""

    avga_head_width: int = setting(64, "Width of the head's hidden layer.", ge=1, le=65_536)
    avga_loss: Literal["soft-margin", "cross-entropy"] = setting(
        "soft-margin",
        "soft-margin: the multi-label soft margin of the probabilities, as the published code; "
        "cross-entropy: as every other fusion.",
    )


class AVGAHead(Inseparable):
    """Concatenated features through a rectifier and a hidden layer, as published over 'avga' encoders.

    W₂ ReLU(W₁ ReLU([φ_a; φ_v; …])). Not additive: what one modality alone gives is measured with the others'
    features taken away.
    """

    title: ClassVar[str] = "AVGA's head"
    paper: ClassVar[str] = "Tian et al., ECCV 2018, Audio-Visual Event Localization in Unconstrained Videos"
    fidelity: ClassVar[str] = (
        "Equal to the published code (commit 93f843f of YapengTian/AVE-ECCV18) in layers, start and loss, "
        "checked by tests/trainer/test_localization.py; strategies with a loss of their own keep it, and "
        "validation losses are cross-entropies."
    )
    own_start: ClassVar[bool] = True
    Settings = AVGAHeadSettings
    settings: AVGAHeadSettings

    def __init__(self, widths: Mapping[str, int], classes: int, settings: AVGAHeadSettings) -> None:
        super().__init__(widths, classes, settings)
        self.hidden = nn.Linear(sum(widths.values()), settings.avga_head_width)
        self.head = nn.Linear(settings.avga_head_width, classes)
        for layer in (self.hidden, self.head):
            nn.init.xavier_uniform_(layer.weight)

    @override
    def fuse(self, features: Features) -> Tensor:
        together = torch.relu(torch.cat([features[m] for m in self.widths], 1))
        logits: Tensor = self.head(torch.relu(self.hidden(together)))
        return logits

    @override
    def task_loss(self, logits: Tensor, target: Tensor) -> Tensor:
        if self.settings.avga_loss == "cross-entropy":
            return super().task_loss(logits, target)
        right = one_hot(target, self.classes).to(logits.dtype)
        return multilabel_soft_margin_loss(logits.softmax(-1), right)
