"""Generalization enhancement alone."""

from typing import ClassVar

import torch
from torch import Tensor

from rhoscope.series import Series
from trainer import noise
from trainer.declared import NOISE
from trainer.model import Model
from trainer.modulation import Modulation, ModulationSettings
from trainer.noise import NoiseSettings
from trainer.strategy import Step


class GESettings(ModulationSettings, NoiseSettings):
    """Where noise is added, when, and how strong."""


class GE(Modulation):
    """Adds Gaussian noise to every encoder's gradient as OGM-GE does, and brakes none: k stays 1.

    Shows which share of OGM-GE's effect is the noise's. With the paper's estimator the
    variance of plain SGD's own noise is doubled.
    """

    title: ClassVar[str] = "GE alone"
    paper: ClassVar[str] = (
        "Peng et al., CVPR 2022, Balanced Multimodal Learning via On-the-fly Gradient Modulation"
    )
    Settings = GESettings
    series: ClassVar[tuple[Series, ...]] = (*Modulation.series, *NOISE)
    settings: GESettings

    def check(self, model: Model, batch_size: int) -> None:
        if self.settings.noise == "sgd-diagonal":
            noise.check_micro_batches(model, self.settings.micro_batches, batch_size, "micro_batches")

    @torch.no_grad()
    def modulate(self, step: Step) -> dict[str, Tensor] | None:
        if not self.modulates(step):
            noise.add_none(step)
            return None
        parameters = {m: [p for p in ps if p.grad is not None] for m, ps in self.modulated.items()}
        noise.add(step, parameters, noise.deviations(self, step, parameters, self.settings))
        return {m: torch.ones((), device=step.target.device) for m in self.modalities}
