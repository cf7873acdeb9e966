"""How features of several modalities become logits. Letters: N samples, C classes, D features."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import ClassVar

import torch
from torch import Tensor, nn

from rhoscope import settings as declared
from rhoscope.series import Series
from trainer.encoder import Encoder

Features = dict[str, Tensor]


class Fusion(nn.Module, ABC):
    """Joins features; a subclass overrides `fuse` and, when it can, `unimodal`.

    `additive` says that the fused logits are exactly the sum of the unimodal ones. A fusion that works inside
    the encoders overrides `encode`. What it wants drawn it declares in `series` and tells in `values`.
    Its docstring is its help text.
    """

    title: ClassVar[str]
    paper: ClassVar[str] = ""
    additive: ClassVar[bool] = False
    Settings: ClassVar[type[declared.Settings]] = declared.Settings
    series: ClassVar[tuple[Series, ...]] = ()

    def __init__(self, widths: Mapping[str, int], classes: int, settings: declared.Settings) -> None:
        super().__init__()
        self.widths = dict(widths)
        self.classes = classes
        self.settings = settings

    def encode(self, encoders: Mapping[str, Encoder], inputs: Mapping[str, Tensor]) -> Features:
        """Features [N, D_u] by modality; here each encoder works alone."""
        return {m: encoder(inputs[m]) for m, encoder in encoders.items()}

    @abstractmethod
    def fuse(self, features: Features) -> Tensor:
        """Logits [N, C]."""

    def unimodal(self, features: Features) -> dict[str, Tensor]:
        """Logits [N, C] of each modality alone.

        No exact split exists for a fusion that is not additive: here the other modalities' features are
        replaced by zeros.
        """
        zeros = {m: torch.zeros_like(f) for m, f in features.items()}
        return {m: self.fuse({**zeros, m: features[m]}) for m in features}

    def values(self) -> dict[str, Tensor]:
        """0-D tensors for the last batch, one for each of `series`."""
        return {}
