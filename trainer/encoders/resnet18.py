"""ResNet-18, for pictures, spectrograms and clips of frames."""

import re
from pathlib import Path
from pickle import UnpicklingError
from typing import ClassVar

import torch
from torch import Tensor, nn
from typing_extensions import override

from rhoscope.errors import FieldError, InvalidInput
from rhoscope.settings import Settings, setting
from trainer.encoder import Encoder

CHANNELS = (64, 128, 256, 512)


class ResNet18Settings(Settings):
    """Settings of ResNet-18."""

    resnet_weights: str = setting(
        "",
        "File with weights that 'resnet18' encoders start from, named as torchvision names them; the RGB "
        "weights of the first convolution are summed for one channel. Empty: from scratch.",
    )


class ResNet18(Encoder):
    """ResNet-18 without its last layer, as the official code takes it for audio and for frames.

    Input channels × height × width, or channels × frames × height × width, whose frames go through alone and
    are averaged with their places. 11.2 million parameters, features of 512.
    """

    title: ClassVar[str] = "ResNet-18"
    paper: ClassVar[str] = "He et al., CVPR 2016, Deep Residual Learning for Image Recognition"
    fidelity: ClassVar[str] = (
        "Equal to the published code (commit 343dc1d of GeWu-Lab/OGM-GE_CVPR2022) in layers, number "
        "of parameters and their names, checked by tests/trainer/test_encoders.py and "
        "tests/golden/init.py."
    )
    Settings = ResNet18Settings
    settings: ResNet18Settings

    def __init__(self, shape: tuple[int, ...], settings: ResNet18Settings) -> None:
        super().__init__(shape, settings)
        if len(shape) not in (3, 4):
            message = f"takes channels × height × width, or channels × frames × height × width, not {shape}"
            raise InvalidInput.field("encoders", message, "resnet18")
        self.width = CHANNELS[-1]
        inputs, strides = (CHANNELS[0], *CHANNELS[:-1]), (1, 2, 2, 2)
        layers = [_layer(*facts) for facts in zip(inputs, CHANNELS, strides, strict=True)]
        self.stages = nn.ModuleList(EachFrame(stage) for stage in (_stem(shape[0]), *layers))
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
        if settings.resnet_weights:
            self._start_from(settings.resnet_weights)
            self.own_start = True

    def _start_from(self, file: str) -> None:
        """Raises: InvalidInput, when the file can't be read or holds another network."""
        try:
            given = torch.load(Path(file), map_location="cpu", weights_only=True)
            named = {_ours(name): value for name, value in given.items() if not name.startswith("fc.")}
            first = named["stages.0.inner.0.weight"]
            if self.shape[0] == 1 and first.shape[1] == 3:
                named["stages.0.inner.0.weight"] = first.sum(1, keepdim=True)
            self.load_state_dict(named)
        except (OSError, RuntimeError, KeyError, AttributeError, ValueError, UnpicklingError) as error:
            reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
            message = f"'{file}' does not hold a ResNet-18's weights ({reason})"
            refused = FieldError(field="resnet_weights", value=file, message=message)
            raise InvalidInput.of([refused]) from error


class EachFrame(nn.Module):
    """Runs a stage over pictures [N, C, H, W], or over every frame of clips [N, C, T, H, W]."""

    def __init__(self, inner: nn.Module) -> None:
        super().__init__()
        self.inner = inner

    @override
    def forward(self, x: Tensor) -> Tensor:
        if x.ndim == 4:
            pictures: Tensor = self.inner(x)
            return pictures
        n, frames = x.shape[0], x.shape[2]
        folded: Tensor = self.inner(x.transpose(1, 2).flatten(0, 1))
        return folded.reshape(n, frames, *folded.shape[1:]).transpose(1, 2)


class Block(nn.Module):
    """Two 3 × 3 convolutions with BatchNorm beside a shortcut."""

    def __init__(self, n_in: int, n_out: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(n_in, n_out, 3, stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(n_out)
        self.conv2 = nn.Conv2d(n_out, n_out, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(n_out)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = (
            nn.Sequential(nn.Conv2d(n_in, n_out, 1, stride, bias=False), nn.BatchNorm2d(n_out))
            if stride != 1 or n_in != n_out
            else nn.Identity()
        )

    @override
    def forward(self, x: Tensor) -> Tensor:
        inner = self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x)))))
        output: Tensor = self.relu(inner + self.downsample(x))
        return output


def _stem(channels: int) -> nn.Sequential:
    """A 7 × 7 convolution and a maximum, each of stride 2."""
    convolution = nn.Conv2d(channels, CHANNELS[0], 7, 2, padding=3, bias=False)
    return nn.Sequential(
        convolution, nn.BatchNorm2d(CHANNELS[0]), nn.ReLU(inplace=True), nn.MaxPool2d(3, 2, padding=1)
    )


def _layer(n_in: int, n_out: int, stride: int) -> nn.Sequential:
    return nn.Sequential(Block(n_in, n_out, stride), Block(n_out, n_out, 1))


def _ours(name: str) -> str:
    """Our name of what torchvision calls `name`.

    >>> _ours("layer2.0.bn1.weight"), _ours("conv1.weight"), _ours("bn1.bias")
    ('stages.2.inner.0.bn1.weight', 'stages.0.inner.0.weight', 'stages.0.inner.1.bias')
    """
    stem = {"conv1": "stages.0.inner.0", "bn1": "stages.0.inner.1"}
    first, _, rest = name.partition(".")
    if first in stem:
        return f"{stem[first]}.{rest}"
    return re.sub(r"^layer(\d)\.", r"stages.\1.inner.", name)
