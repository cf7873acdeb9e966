"""The network: one encoder per modality and a fusion."""

from collections.abc import Mapping
from functools import cached_property
from typing import NamedTuple, cast

from torch import Tensor, nn

from rhoscope.series import Series
from trainer.encoder import Encoder
from trainer.fusion import Features, Fusion


class Output(NamedTuple):
    """Result of one forward pass: features [N, D_u] by modality, fused logits [N, C]."""

    features: Features
    logits: Tensor


class Model(nn.Module):
    """Encoders by modality, in the data set's order, and the fusion over them."""

    def __init__(self, encoders: Mapping[str, Encoder], fusion: Fusion) -> None:
        super().__init__()
        self.modalities = tuple(encoders)
        self.towers = nn.ModuleDict(encoders)
        self.fusion = fusion
        for m, encoder in encoders.items():
            encoder.meet({other: e.shown_shape for other, e in encoders.items() if other != m})
        fusion.attach(encoders)

    @property
    def encoders(self) -> dict[str, Encoder]:
        """Encoder by modality."""
        return {m: cast("Encoder", tower) for m, tower in self.towers.items()}

    @cached_property
    def encoder_parameters(self) -> dict[str, tuple[nn.Parameter, ...]]:
        """Each encoder's parameters; found once, since finding them costs as much as using them."""
        return {m: tuple(encoder.parameters()) for m, encoder in self.encoders.items()}

    def encode(self, inputs: Mapping[str, Tensor]) -> Features:
        """Features [N, D_u] by modality."""
        return self.fusion.encode(self.encoders, inputs)

    def forward(self, inputs: Mapping[str, Tensor]) -> Output:
        features = self.encode(inputs)
        return Output(features, self.fusion.fuse(features))

    @property
    def series(self) -> tuple[Series, ...]:
        """Additional series of encoders and fusion, by modality."""
        own = [one for m, e in self.encoders.items() for s in e.series for one in s.expand((m,))]
        return (*own, *(one for s in self.fusion.series for one in s.expand(self.modalities)))

    def values(self) -> dict[str, Tensor]:
        """0-D tensors for the last batch, one for each of `series`."""
        own = {f"{name}.{m}": v for m, e in self.encoders.items() for name, v in e.values().items()}
        return own | self.fusion.values()

    def parameter_counts(self) -> dict[str, int]:
        """Number of parameters of each encoder, and of the fusion under the name `fusion`."""
        parts: dict[str, nn.Module] = {**self.encoders, "fusion": self.fusion}
        return {name: sum(p.numel() for p in part.parameters()) for name, part in parts.items()}
