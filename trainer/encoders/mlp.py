"""A fully connected network."""

import math
from typing import ClassVar

from torch import nn

from rhoscope.settings import Settings, setting
from trainer.encoder import Encoder


class MLPSettings(Settings):
    """Settings of the MLP."""

    hidden: int = setting(64, "Width of the two hidden layers of 'mlp' encoders.", ge=1, le=65_536)


class MLP(Encoder):
    """Two fully connected layers, for inputs of any shape.

    Without convolutions: with scope 'auto' all of its parameters are modulated.
    """

    title: ClassVar[str] = "Fully connected network"
    fidelity: ClassVar[str] = (
        "Differs from the published code in all of its layers: it is a small network of our own, for "
        "inputs on which the published ResNet-18 would be too large."
    )
    Settings = MLPSettings
    settings: MLPSettings

    def __init__(self, shape: tuple[int, ...], settings: MLPSettings) -> None:
        super().__init__(shape, settings)
        self.width = settings.hidden
        first = nn.Sequential(nn.Flatten(), nn.Linear(math.prod(shape), self.width), nn.ReLU())
        self.stages = nn.ModuleList([first, nn.Sequential(nn.Linear(self.width, self.width), nn.ReLU())])
