"""Summation."""

from typing import ClassVar, Literal, cast

from torch import Tensor, nn

from rhoscope.settings import Settings, setting
from trainer.fusion import Features, Summed


class SumSettings(Settings):
    """Settings of the sum fusion."""

    test_bias: Literal["full", "half"] = setting(
        "full",
        "How much of its bias a modality's own logits have in testing. half: as the official code, whose "
        "unimodal numbers therefore disagree between training and testing.",
    )


class Sum(Summed):
    """A linear layer per modality, and their logits summed.

    A modality's own logits are its layer's, with the whole of its bias in training and in testing by
    default.
    """

    title: ClassVar[str] = "Summation"
    fidelity: ClassVar[str] = (
        "Equal to the published code (commit 343dc1d of GeWu-Lab/OGM-GE_CVPR2022), checked by "
        "tests/golden/ogm_trajectory.py; with the default test_bias, full, a modality's own logits "
        "have the whole of its bias in testing too, where that code leaves half of it away."
    )
    masked: ClassVar[bool] = True
    Settings = SumSettings
    settings: SumSettings

    def unimodal(self, features: Features) -> dict[str, Tensor]:
        logits = super().unimodal(features)
        if self.training or self.settings.test_bias == "full":
            return logits
        return {m: z - cast("nn.Linear", self.heads[m]).bias / 2 for m, z in logits.items()}
