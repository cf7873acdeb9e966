"""On-the-fly gradient modulation with generalization enhancement."""

from typing import ClassVar

import torch
from torch import Tensor

from rhoscope.series import Series
from trainer import noise
from trainer.declared import NOISE
from trainer.model import Model
from trainer.noise import NoiseSettings
from trainer.strategies.ogm import OGM, OGMSettings
from trainer.strategy import Step


class OGMGESettings(OGMSettings, NoiseSettings):
    """What modulation and the added noise can be told."""


class OGMGE(OGM):
    """OGM with generalization enhancement: Gaussian noise gives back the randomness that k took.

    Drawn in every step of the window for every encoder, also for one with k = 1, with a strength taken from
    the gradients as they were before k.
    """

    title: ClassVar[str] = "OGM-GE"
    Settings = OGMGESettings
    series: ClassVar[tuple[Series, ...]] = (*OGM.series, *NOISE)
    settings: OGMGESettings

    def check(self, model: Model, batch_size: int) -> None:
        if self.settings.noise == "sgd-diagonal":
            noise.check_micro_batches(model, self.settings.micro_batches, batch_size, "micro_batches")

    @torch.no_grad()
    def modulate(self, step: Step) -> dict[str, Tensor] | None:
        if not self.modulates(step):
            noise.add_none(step)
            return None
        parameters = {m: [p for p in ps if p.grad is not None] for m, ps in self.modulated.items()}
        stds = noise.deviations(self, step, parameters, self.settings)
        k = super().modulate(step)
        noise.add(step, parameters, stds)
        return k
