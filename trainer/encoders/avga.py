"""Audio-guided visual attention. Letters: N examples, S segments, R regions, C channels, D features."""

from collections.abc import Mapping
from typing import ClassVar

import torch
from torch import Tensor, nn
from typing_extensions import override

from rhoscope.errors import InvalidInput
from rhoscope.series import Series
from rhoscope.settings import setting
from trainer.encoder import Encoder
from trainer.segments import Reading, ReadingSettings

ENTROPY = Series(
    name="attention_entropy.{m}",
    title="Entropy of the attention",
    unit="nats",
    formula="−1/(N S) Σ Σᵣ wᵣ log wᵣ",
    help="How widely attention is spread over a picture's regions: log R when all count alike (3.89 for 49), "
    "0 when one is all it sees.",
)


class AVGASettings(ReadingSettings):
    """Settings of AVGA."""

    attention_width: int = setting(
        512, "Width of the space in which 'avga' encoders compare regions with their guide.", ge=1, le=8192
    )


class AVGA(Encoder):
    """Attends to regions that match the sound: weights softmax(w tanh(W_v V + W_g a)), then an LSTM.

    Input segments × height × width × channels, such as VGG-19's last maps. The first other modality of
    segments × features is the guide; without one, regions are weighed by themselves.
    """

    title: ClassVar[str] = "Audio-guided visual attention"
    paper: ClassVar[str] = "Tian et al., ECCV 2018, Audio-Visual Event Localization in Unconstrained Videos"
    Settings = AVGASettings
    settings: AVGASettings
    series: tuple[Series, ...] = (ENTROPY,)

    def __init__(self, shape: tuple[int, ...], settings: AVGASettings) -> None:
        super().__init__(shape, settings)
        if len(shape) != 4:
            message = f"takes inputs of segments × height × width × channels, not of shape {shape}"
            raise InvalidInput.field("encoders", message, "avga")
        self.segments, self.width = shape[0], 2 * settings.lstm_width
        self.attention = Attention(shape[3], settings.attention_width)
        self.stages = nn.ModuleList([self.attention, Reading(shape[3], settings.lstm_width)])
        self._guide = ""

    @override
    def meet(self, others: Mapping[str, tuple[int, ...]]) -> None:
        for modality, shape in others.items():
            if len(shape) == 2 and shape[0] == self.segments:
                self._guide = modality
                self.attention.listen_to(shape[1])
                return

    @override
    def see(self, modality: str, inputs: Mapping[str, Tensor]) -> Tensor:
        x: Tensor = self.attention(inputs[modality], inputs.get(self._guide))
        for stage in list(self.stages)[1:]:
            x = stage(x)
        return self.pool(x)

    @override
    def pool(self, x: Tensor) -> Tensor:
        return x.flatten(0, 1)

    @override
    def values(self) -> dict[str, Tensor]:
        return {"attention_entropy": self.attention.entropy}


class Attention(nn.Module):
    """Maps [N, S, h, w, C] to the mean of their regions [N, S, C], weighed as the guide [N, S, F] says."""

    entropy: Tensor

    def __init__(self, channels: int, width: int) -> None:
        super().__init__()
        self.regions = nn.Linear(channels, width)
        self.guide: nn.Linear | None = None
        self.weigh = nn.Linear(width, 1, bias=False)
        self.width = width

    def listen_to(self, features: int) -> None:
        """Accept a guide [N, S, F] with F = `features`."""
        self.guide = nn.Linear(features, self.width, bias=False)

    @override
    def forward(self, maps: Tensor, heard: Tensor | None = None) -> Tensor:
        regions = maps.flatten(2, 3)  # [N, S, R, C]
        compared = self.regions(regions)
        if self.guide is not None and heard is not None:
            compared = compared + self.guide(heard)[:, :, None]
        weights = self.weigh(torch.tanh(compared)).squeeze(-1).softmax(-1)  # [N, S, R]
        known = weights.detach().float()
        self.entropy = -(known * known.clamp_min(1e-12).log()).sum(-1).mean()
        attended: Tensor = torch.einsum("nsr,nsrc->nsc", weights, regions)
        return attended
