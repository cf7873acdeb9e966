"""First values of all layers, by the laws of published code.

For a weight, fan_in and fan_out are its two widths, each times the places of a convolution's kernel.
"""

from collections.abc import Iterator
from typing import Literal

from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.modules.conv import _ConvNd

Law = Literal["ogm-ge", "agm", "mmpareto", "pytorch"]
DEFAULT: Law = "ogm-ge"


def initialize(network: nn.Module, law: Law) -> None:
    """Start all layers of a network by a law, but those of parts that have their `own_start`.

    `ogm-ge`, also the code of BML and PMR: linear weights Xavier normal with bias 0, convolutions Kaiming
    normal by fan_out, BatchNorm's weights 1 and biases 0. `agm`: convolutions Kaiming uniform by fan_out, all
    else alike. `mmpareto`: convolutions Kaiming normal, BatchNorm's weights normal(1, 0.02) and biases 0,
    linear layers as PyTorch makes them. `pytorch`: everything stays as it was made. Other layers, such as
    LSTMs, always do.
    """
    for layer in _layers(network):
        if isinstance(layer, nn.Linear) and law in {"ogm-ge", "agm"}:
            nn.init.xavier_normal_(layer.weight)
            _zero(layer)
        elif isinstance(layer, _ConvNd) and law != "pytorch":
            normal = law != "agm"
            start = nn.init.kaiming_normal_ if normal else nn.init.kaiming_uniform_
            start(layer.weight, mode="fan_out", nonlinearity="relu")
        elif isinstance(layer, _BatchNorm) and law != "pytorch":
            _normalization(layer, law)


def _normalization(layer: _BatchNorm, law: Law) -> None:
    if not layer.affine:
        return
    if law == "mmpareto":
        nn.init.normal_(layer.weight, 1.0, 0.02)
    else:
        nn.init.ones_(layer.weight)
    _zero(layer)


def _zero(layer: nn.Linear | _BatchNorm) -> None:
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)


def _layers(network: nn.Module) -> Iterator[nn.Module]:
    """The network's modules, outside first, without those of parts that start by themselves."""
    if getattr(network, "own_start", False):
        return
    yield network
    for part in network.children():
        yield from _layers(part)
