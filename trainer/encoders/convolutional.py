"""A small convolutional network."""

from typing import ClassVar

from torch import nn

from rhoscope.errors import InvalidInput
from rhoscope.settings import Settings
from trainer.encoder import Encoder

CHANNELS = (16, 32, 64)
STRIDES = (1, 2, 2)


class Convolutional(Encoder):
    """Three 3 × 3 convolutions of 16, 32 and 64 channels with BatchNorm, then the mean over all places.

    23,000 parameters, for small pictures and spectrograms.
    """

    title: ClassVar[str] = "Small convolutional network"
    fidelity: ClassVar[str] = (
        "Differs from the published code in all of its layers: it is a small network of our own, for "
        "inputs on which the published ResNet-18 would be too large."
    )

    def __init__(self, shape: tuple[int, ...], settings: Settings) -> None:
        super().__init__(shape, settings)
        if len(shape) != 3:
            message = f"takes inputs of channels × height × width, not of shape {shape}"
            raise InvalidInput.field("encoders", message, "convolutional")
        inputs = (shape[0], *CHANNELS[:-1])
        self.width = CHANNELS[-1]
        self.stages = nn.ModuleList(_stage(*stage) for stage in zip(inputs, CHANNELS, STRIDES, strict=True))


def _stage(n_in: int, n_out: int, stride: int) -> nn.Sequential:
    """Convolution, normalization, rectifier."""
    convolution = nn.Conv2d(n_in, n_out, 3, stride, padding=1, bias=False)
    return nn.Sequential(convolution, nn.BatchNorm2d(n_out), nn.ReLU(inplace=True))
