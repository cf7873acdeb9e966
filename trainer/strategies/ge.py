"""Generalization enhancement alone."""

from typing import ClassVar

from rhoscope.series import Series
from rhoscope.torch.constants import ones
from rhoscope.torch.host import Vector
from trainer import noise
from trainer.measures.series import noisy
from trainer.model import Model
from trainer.modulation import Modulation, ModulationSettings
from trainer.noise import NoiseSettings
from trainer.strategy import Step


class GESettings(ModulationSettings, NoiseSettings):
    """Scope, window and strength of the noise."""


class GE(Modulation):
    """Adds Gaussian noise to every encoder's gradient like OGM-GE, without modulation: k stays 1.

    Shows how much of OGM-GE's effect is due to the noise. With the paper's estimator the
    variance of plain SGD's own noise is doubled.
    """

    title: ClassVar[str] = "GE alone"
    replicated: ClassVar[bool] = True
    masked: ClassVar[bool] = True
    paper: ClassVar[str] = (
        "Peng et al., CVPR 2022, Balanced Multimodal Learning via On-the-fly Gradient Modulation"
    )
    fidelity: ClassVar[str] = (
        "Differs from the published code in adding the noise without the modulation; the noise is that of "
        "github.com/GeWu-Lab/OGM-GE_CVPR2022, commit 343dc1d, compared over 400 draws."
    )
    Settings = GESettings
    series: ClassVar[tuple[Series, ...]] = noisy(Modulation.series)
    settings: GESettings

    def check(self, model: Model, batch_size: int) -> None:
        noise.check(self.settings, model, batch_size)

    def modulate(self, step: Step) -> Vector | None:
        return noise.enhance(
            self, step, self.settings, lambda: ones(len(self.modalities), step.target.device)
        )
