"""On-the-fly gradient modulation with generalization enhancement."""

from functools import partial
from typing import ClassVar

from rhoscope.series import Series
from rhoscope.torch.host import Vector
from trainer import noise
from trainer.measures.series import noisy
from trainer.model import Model
from trainer.noise import NoiseSettings
from trainer.strategies.ogm import OGM, OGMSettings
from trainer.strategy import Step


class OGMGESettings(OGMSettings, NoiseSettings):
    """Settings of the modulation and of the added noise."""


class OGMGE(OGM):
    """OGM with generalization enhancement: Gaussian noise restores the randomness that k removed.

    Drawn in every step of the window for every encoder, also for one with k = 1, with a strength taken from
    the gradients as they were before k.
    """

    title: ClassVar[str] = "OGM-GE"
    fidelity: ClassVar[str] = (
        "Equal to the published code (github.com/GeWu-Lab/OGM-GE_CVPR2022, commit 343dc1d) with k_rule "
        "official-code: its modulation checked by tests/golden/ogm_trajectory.py, its noise compared over "
        "400 draws. The default rule, paper, differs at an exact tie."
    )
    masked: ClassVar[bool] = True
    Settings = OGMGESettings
    series: ClassVar[tuple[Series, ...]] = noisy(OGM.series)
    settings: OGMGESettings

    def check(self, model: Model, batch_size: int) -> None:
        noise.check(self.settings, model, batch_size)

    def modulate(self, step: Step) -> Vector | None:
        return noise.enhance(self, step, self.settings, partial(self.slow, step))
