"""Multimodal transfer module. Letters: N samples, S stage."""

from collections.abc import Mapping
from typing import ClassVar, Literal, cast

import torch
from torch import Tensor, nn

from rhoscope.series import Series
from rhoscope.settings import Settings, setting
from trainer.encoder import Encoder, stage_widths
from trainer.fusion import Features, Summed

GATE = Series(
    name="gate.{m}",
    title="Mean gate",
    unit="1",
    formula="mean of 2 σ(W_u ReLU(W_s [S_a; S_v; …])) over samples, channels and stages; σ(·) as the code",
    help="1 leaves the modality's feature maps unchanged; below 1 the others attenuate it, above 1 they "
    "amplify it.",
    reference=1.0,
    reduce="mean",
)


class MMTMSettings(Settings):
    """Settings of MMTM."""

    mmtm_stages: int = setting(
        2, "Number of last encoder stages after which they gate each other.", ge=1, le=64
    )
    mmtm_ratio: int = setting(
        4, "Twice the number of all channels divided by the width of the joint layer.", ge=1, le=1024
    )
    mmtm_variant: Literal["paper", "official-code"] = setting(
        "paper",
        "Gates. paper: 2 σ(·), so that training starts with the encoders' maps about as they are; "
        "official-code: σ(·), which halves them at the start.",
    )


class MMTM(Summed):
    """After the last stages every encoder's channels are gated by a squeeze of all; logits are summed.

    The joint layer has int(2 (C + C' + …) / ratio) units. Encoders may differ in the size of their maps but
    must have equally many stages to gate.
    """

    title: ClassVar[str] = "MMTM"
    paper: ClassVar[str] = "Joze et al., CVPR 2020, MMTM: Multimodal Transfer Module for CNN Fusion"
    fidelity: ClassVar[str] = (
        "Equal to the published code (commit 1c81cfe of haamoon/mmtm), checked by tests/golden/mmtm.py, with "
        "mmtm_variant official-code; the default, paper, doubles the gates as the publication does, so that "
        "they start at 1. The modalities' logits are summed, where that code averages them."
    )
    late: ClassVar[bool] = False
    Settings = MMTMSettings
    settings: MMTMSettings
    series: tuple[Series, ...] = (GATE,)

    def __init__(self, widths: Mapping[str, int], classes: int, settings: MMTMSettings) -> None:
        super().__init__(widths, classes, settings)
        self.gates: dict[str, Tensor] = {}

    def attach(self, encoders: Mapping[str, Encoder]) -> None:
        """A transfer module for each stage that is gated."""
        depth = min(len(encoder.stages) for encoder in encoders.values())
        gated = range(max(0, depth - self.settings.mmtm_stages), depth)
        widths = {m: stage_widths(encoder) for m, encoder in encoders.items()}
        self.transfers = nn.ModuleDict(
            {
                str(depth - stage): Transfer({m: w[stage - depth] for m, w in widths.items()}, self.settings)
                for stage in gated
            }
        )

    def encode(self, encoders: Mapping[str, Encoder], inputs: Mapping[str, Tensor]) -> Features:
        depth = max(len(encoder.stages) for encoder in encoders.values())
        states = dict(inputs)
        seen: dict[str, list[Tensor]] = {m: [] for m in encoders}
        for left in range(depth, 0, -1):  # counted from the end, so that last stages meet last stages
            for m, encoder in encoders.items():
                if left <= len(encoder.stages):
                    states[m] = encoder.stages[-left](states[m])
            if str(left) in self.transfers:
                transfer = cast("Transfer", self.transfers[str(left)])
                gates = transfer.gates({m: states[m] for m in encoders})
                states |= transfer.gated(states, gates)
                for m, gate in gates.items():
                    seen[m].append(gate.detach().float().mean())
        self.gates = {m: torch.stack(means).mean() for m, means in seen.items()}
        return {m: encoder.pool(states[m]) for m, encoder in encoders.items()}

    def values(self) -> dict[str, Tensor]:
        return {f"gate.{m}": gate for m, gate in self.gates.items()}


class Transfer(nn.Module):
    """From every modality's maps [N, channels, places, ...] to gates [N, channels] for each."""

    def __init__(self, widths: Mapping[str, int], settings: MMTMSettings) -> None:
        super().__init__()
        together = sum(widths.values())
        narrow = max(1, int(2 * together / settings.mmtm_ratio))
        self.strength = 2 if settings.mmtm_variant == "paper" else 1
        self.squeeze = nn.Linear(together, narrow)
        self.excite = nn.ModuleDict({m: nn.Linear(narrow, width) for m, width in widths.items()})

    def means(self, maps: Mapping[str, Tensor]) -> Tensor:
        """Every modality's mean over places, side by side [N, all channels]."""
        seen = [maps[m] for m in self.excite]
        return torch.cat([x.flatten(2).mean(2) if x.ndim > 2 else x for x in seen], 1)

    def joint(self, means: Tensor) -> Tensor:
        """The joint layer of all means, [N, narrow]."""
        return torch.relu(self.squeeze(means))

    def gates(self, maps: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Gates [N, channels] by modality."""
        joint = self.joint(self.means(maps))
        return {m: self.strength * torch.sigmoid(layer(joint)) for m, layer in self.excite.items()}

    def gated(self, maps: Mapping[str, Tensor], gates: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """The maps times their gates."""
        return {m: maps[m] * g.reshape(*g.shape, *(1 for _ in maps[m].shape[2:])) for m, g in gates.items()}
