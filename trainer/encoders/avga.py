"""Audio-guided visual attention. Letters: N examples, S segments, R regions, C channels, D features."""

from collections.abc import Mapping
from typing import ClassVar, Literal

import torch
from torch import Tensor, nn
from typing_extensions import override

from rhoscope.errors import InvalidInput
from rhoscope.series import Series
from rhoscope.settings import setting
from trainer.encoder import Encoder
from trainer.segments import ReadingSettings, reading

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
        512, "Width of the hidden layers through which 'avga' encoders see regions and guide.", ge=1, le=8192
    )
    compared_width: int = setting(
        49, "Width of the space in which 'avga' encoders compare regions with their guide.", ge=1, le=8192
    )
    avga_variant: Literal["paper", "official-code"] = setting(
        "paper",
        "Where 'avga' encoders add the guide. paper: the same vector at every region, for any number of "
        "them; official-code: its entry r at region r, which needs as many regions as compared_width.",
    )


class AVGA(Encoder):
    """Attends to regions that match the sound, then reads the attended regions with an LSTM.

    Weights softmax(w tanh(W_v ReLU(U_v V) + W_g ReLU(U_g a))). Input segments × height × width × channels,
    such as VGG-19's last maps. The first other modality of segments × features is the guide; without one,
    regions are weighed by themselves.
    """

    title: ClassVar[str] = "Audio-guided visual attention"
    paper: ClassVar[str] = "Tian et al., ECCV 2018, Audio-Visual Event Localization in Unconstrained Videos"
    fidelity: ClassVar[str] = (
        "Equal to the published code (commit 93f843f of YapengTian/AVE-ECCV18), checked by "
        "tests/golden/avga.py, with avga_variant official-code; the default, paper, is the publication's "
        "formula, since the code only runs with as many regions as compared features. Its head and its loss "
        "are the fusion avga-head."
    )
    Settings = AVGASettings
    settings: AVGASettings
    series: tuple[Series, ...] = (ENTROPY,)

    def __init__(self, shape: tuple[int, ...], settings: AVGASettings) -> None:
        super().__init__(shape, settings)
        if len(shape) != 4:
            message = f"takes inputs of segments × height × width × channels, not of shape {shape}"
            raise InvalidInput.field("encoders", message, "avga")
        self.segments, self.width = shape[0], 2 * settings.lstm_width
        self.attention = Attention(shape[3], shape[1] * shape[2], settings)
        self.stages = nn.ModuleList([self.attention, *reading(shape[3], settings)])
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
    """Maps [N, S, h, w, C] to the mean of their regions [N, S, C], weighed as the guide [N, S, F] says.

    Raises:
        InvalidInput: when the official code's way of adding is asked for and does not fit the regions.

    """

    own_start: ClassVar[bool] = True
    entropy: Tensor

    def __init__(self, channels: int, regions: int, settings: AVGASettings) -> None:
        super().__init__()
        inner, compared = settings.attention_width, settings.compared_width
        self.by_region = settings.avga_variant == "official-code"
        if self.by_region and compared != regions:
            message = (
                f"the official code adds the guide's entries region by region, so compared_width must be the "
                f"number of regions, {regions}, and not {compared}; 'paper' takes any"
            )
            raise InvalidInput.field("avga_variant", message, settings.avga_variant)
        self.regions_in = nn.Linear(channels, inner)
        self.regions_out = nn.Linear(inner, compared, bias=False)
        self.guide_in: nn.Linear | None = None
        self.guide_out = nn.Linear(inner, compared, bias=False)
        self.weigh = nn.Linear(compared, 1, bias=False)
        for layer in (self.regions_in, self.regions_out, self.guide_out, self.weigh):
            nn.init.xavier_uniform_(layer.weight)

    def listen_to(self, features: int) -> None:
        """Accept a guide [N, S, F] with F = `features`."""
        self.guide_in = nn.Linear(features, self.guide_out.in_features)
        nn.init.xavier_uniform_(self.guide_in.weight)

    def weights(self, regions: Tensor, heard: Tensor | None) -> Tensor:
        """How much each of the regions [N, S, R, C] counts, [N, S, R]."""
        compared = self.regions_out(torch.relu(self.regions_in(regions)))
        if self.guide_in is not None and heard is not None:
            guide = self.guide_out(torch.relu(self.guide_in(heard)))
            compared = compared + guide.unsqueeze(-1 if self.by_region else -2)
        weights: Tensor = self.weigh(torch.tanh(compared)).squeeze(-1).softmax(-1)
        return weights

    @override
    def forward(self, maps: Tensor, heard: Tensor | None = None) -> Tensor:
        regions = maps.flatten(2, 3)  # [N, S, R, C]
        weights = self.weights(regions, heard)
        known = weights.detach().float()
        self.entropy = -(known * known.clamp_min(1e-12).log()).sum(-1).mean()
        attended: Tensor = torch.einsum("nsr,nsrc->nsc", weights, regions)
        return attended
