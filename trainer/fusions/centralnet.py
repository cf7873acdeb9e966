"""A central network between the encoders. Letter: N samples."""

from collections.abc import Mapping
from typing import ClassVar, cast

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from rhoscope.series import Series
from rhoscope.settings import Settings, setting
from trainer.encoder import Encoder, stage_widths
from trainer.fusion import Features, Fusion

CENTRAL = "central"
"""Name of the central network's state among the features."""


class CentralNetSettings(Settings):
    """Settings of CentralNet."""

    central_width: int = setting(64, "Width of the central network's layers.", ge=1, le=65_536)
    central_weight: float = setting(
        1.0, "Weight of each modality's own loss beside the central one.", live=True, ge=0, le=1000
    )


class CentralNet(Fusion):
    """A third network runs beside the encoders and takes a weighted sum of their states at every stage.

    h ← ReLU(W (α_c h + Σ_u α_u P_u s_u)), s_u the mean over places of the encoder's stage, P_u a projection
    to the common width; the α are learned. The central head answers; each modality's own head has a loss of
    its own, so its logits are exact.
    """

    title: ClassVar[str] = "CentralNet"
    paper: ClassVar[str] = (
        "Vielzeuf et al., ECCV Workshops 2018, CentralNet: a Multilayer Approach for Multimodal Fusion"
    )
    fidelity: ClassVar[str] = (
        "Differs from the published code in projecting every encoder's states to one width, so that "
        "encoders of any widths can meet; the weighted sums are the publication's formula, and no "
        "golden values are kept."
    )
    late: ClassVar[bool] = False
    Settings = CentralNetSettings
    settings: CentralNetSettings

    def __init__(self, widths: Mapping[str, int], classes: int, settings: CentralNetSettings) -> None:
        super().__init__(widths, classes, settings)
        self.heads = nn.ModuleDict({m: nn.Linear(width, classes) for m, width in widths.items()})
        self.head = nn.Linear(settings.central_width, classes)

    def attach(self, encoders: Mapping[str, Encoder]) -> None:
        """Projections, a layer and weights for each depth that all encoders reach, counted from the end."""
        depth, width = min(len(e.stages) for e in encoders.values()), self.settings.central_width
        widths = {m: stage_widths(encoder)[-depth:] for m, encoder in encoders.items()}
        self.projections = nn.ModuleList(
            nn.ModuleDict({m: nn.Linear(w[level], width) for m, w in widths.items()})
            for level in range(depth)
        )
        self.layers = nn.ModuleList(nn.Linear(width, width) for _ in range(depth))
        self.alphas = nn.ParameterList(torch.ones(len(encoders) + 1) for _ in range(depth))
        self.series = tuple(_mix(level + 1, depth) for level in range(depth))

    def encode(self, encoders: Mapping[str, Encoder], inputs: Mapping[str, Tensor]) -> Features:
        depth = len(self.layers)
        states = dict(inputs)
        for m, encoder in encoders.items():
            for stage in encoder.stages[: len(encoder.stages) - depth]:
                states[m] = stage(states[m])
        central = torch.zeros(())
        for level, (projections, layer, alphas) in enumerate(
            zip(self.projections, self.layers, self.alphas, strict=True)
        ):
            mixed = []
            for place, (m, encoder) in enumerate(encoders.items()):
                states[m] = encoder.stages[level - depth](states[m])
                squeezed = states[m].flatten(2).mean(2) if states[m].ndim > 2 else states[m]
                mixed.append(alphas[place] * cast("nn.ModuleDict", projections)[m](squeezed))
            if level:
                mixed.append(alphas[-1] * central)
            central = torch.relu(layer(torch.stack(mixed).sum(0)))
        return {m: encoder.pool(states[m]) for m, encoder in encoders.items()} | {CENTRAL: central}

    def fuse(self, features: Features) -> Tensor:
        logits: Tensor = self.head(features[CENTRAL])
        return logits

    def unimodal(self, features: Features) -> dict[str, Tensor]:
        """Logits [N, C] of the modalities' own heads."""
        return {m: head(features[m]) for m, head in self.heads.items()}

    def own_loss(self, features: Features, target: Tensor) -> Tensor | None:
        own = torch.stack([cross_entropy(z, target) for z in self.unimodal(features).values()]).sum()
        return self.settings.central_weight * own

    def values(self) -> dict[str, Tensor]:
        values: dict[str, Tensor] = {}
        for level, alphas in enumerate(self.alphas, 1):
            shares = alphas.detach().float()
            values |= {f"mix.{level}.{m}": shares[place].clone() for place, m in enumerate(self.widths)}
        return values


def _mix(level: int, depth: int) -> Series:
    return Series(
        name=f"mix.{level}.{{m}}",
        title=f"Weight α in the central network, level {level} of {depth}",
        unit="1",
        formula="α_u in h ← ReLU(W (α_c h + Σ_u α_u P_u s_u))",
        help="Weight of the modality's state in the central network at this depth; initially 1.",
        reference=1.0,
    )
