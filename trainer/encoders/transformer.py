"""A small transformer over patches."""

import math
from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.nn.functional import pad
from typing_extensions import override

from rhoscope.errors import InvalidInput
from rhoscope.settings import Settings, setting
from trainer.encoder import Encoder


class TransformerSettings(Settings):
    """Settings of the transformer."""

    transformer_width: int = setting(64, "Width of 'transformer' encoders.", ge=4, le=4096)
    transformer_layers: int = setting(2, "Number of layers of 'transformer' encoders.", ge=1, le=48)
    transformer_heads: int = setting(
        4, "Number of attention heads per layer; they share its width.", ge=1, le=64
    )
    patch: int = setting(
        4, "Edge length of the patches of 'transformer' encoders, in pixels or steps.", ge=1, le=64
    )


class Transformer(Encoder):
    """Cuts its input into patches and lets them attend to each other: no convolution, no BatchNorm.

    Input steps × features, or channels × height × width; what does not fill a patch is filled up with zeros.
    With scope 'auto' all of its parameters are modulated.
    """

    title: ClassVar[str] = "Small transformer"
    paper: ClassVar[str] = "Dosovitskiy et al., ICLR 2021, An Image is Worth 16x16 Words"
    fidelity: ClassVar[str] = (
        "Differs from the published code in all of its layers: it is a small network of our own, for "
        "inputs on which the published ResNet-18 would be too large."
    )
    Settings = TransformerSettings
    settings: TransformerSettings

    def __init__(self, shape: tuple[int, ...], settings: TransformerSettings) -> None:
        super().__init__(shape, settings)
        if len(shape) not in (2, 3):
            message = f"takes steps × features, or channels × height × width, not {shape}"
            raise InvalidInput.field("encoders", message, "transformer")
        self.width, heads = settings.transformer_width, settings.transformer_heads
        if self.width % heads:
            message = f"{self.width} is not a multiple of the {heads} heads"
            raise InvalidInput.field("transformer_width", message, self.width)
        layers = [Layer(self.width, heads) for _ in range(settings.transformer_layers)]
        self.stages = nn.ModuleList([Patches(shape, settings.patch, self.width), *layers])


class Patches(nn.Module):
    """Inputs as tokens [N, D, tokens], each a patch projected, with what tells its place added."""

    def __init__(self, shape: tuple[int, ...], size: int, width: int) -> None:
        super().__init__()
        self.size = size
        self.flat = len(shape) == 2
        grid = shape[:1] if self.flat else shape[1:]
        inputs = size * shape[1] if self.flat else size * size * shape[0]
        self.project = nn.Linear(inputs, width)
        self.places = nn.Parameter(torch.empty(math.prod(-(-edge // size) for edge in grid), width))
        nn.init.trunc_normal_(self.places, std=0.02)

    @override
    def forward(self, x: Tensor) -> Tensor:
        size = self.size
        if self.flat:  # [N, T, F]
            x = pad(x, (0, 0, 0, -x.shape[1] % size))
            tokens = x.reshape(len(x), x.shape[1] // size, -1)
        else:  # [N, C, H, W]
            x = pad(x, (0, -x.shape[3] % size, 0, -x.shape[2] % size))
            n, c, h, w = x.shape
            cut = x.reshape(n, c, h // size, size, w // size, size).permute(0, 2, 4, 1, 3, 5)
            tokens = cut.reshape(n, -1, c * size * size)
        projected: Tensor = self.project(tokens) + self.places
        return projected.transpose(1, 2)


class Layer(nn.Module):
    """Attention and a network for each token [N, D, tokens], both beside a shortcut, normalized first."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.norms = nn.ModuleList([nn.LayerNorm(width), nn.LayerNorm(width)])
        self.attention = nn.MultiheadAttention(width, heads, batch_first=True)
        self.network = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))

    @override
    def forward(self, x: Tensor) -> Tensor:
        tokens = x.transpose(1, 2)
        query = self.norms[0](tokens)
        tokens = tokens + self.attention(query, query, query, need_weights=False)[0]
        output: Tensor = tokens + self.network(self.norms[1](tokens))
        return output.transpose(1, 2)
