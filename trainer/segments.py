"""Shared parts of networks for segments. Letters: N examples, S segments, D features."""

from typing import ClassVar

from torch import Tensor, nn
from typing_extensions import override

from rhoscope.settings import Settings, setting


class ReadingSettings(Settings):
    """How wide segments are read."""

    lstm_width: int = setting(
        128, "Width of 'lstm' and 'avga' encoders in each of their two directions.", ge=1, le=4096
    )
    bottleneck: int = setting(
        0,
        "Middle width of two linear layers before the LSTM of 'lstm' and 'avga' encoders, which narrow its "
        "input to lstm_width; 0: none. PSP's code has 256.",
        ge=0,
        le=8192,
    )


class Bottleneck(nn.Sequential):
    """Two linear layers without bias from D features to lstm_width."""

    own_start: ClassVar[bool] = True

    def __init__(self, inputs: int, settings: ReadingSettings) -> None:
        middle = settings.bottleneck
        super().__init__(
            nn.Linear(inputs, middle, bias=False), nn.Linear(middle, settings.lstm_width, bias=False)
        )


class Reading(nn.Module):
    """Segments [N, S, D] to what both directions of an LSTM make of each [N, S, 2 width]."""

    def __init__(self, inputs: int, width: int) -> None:
        super().__init__()
        self.lstm = nn.LSTM(inputs, width, batch_first=True, bidirectional=True)

    @override
    def forward(self, x: Tensor) -> Tensor:
        read: Tensor = self.lstm(x)[0]
        return read


def reading(inputs: int, settings: ReadingSettings) -> list[nn.Module]:
    """The stages that read segments of D = `inputs` features."""
    if not settings.bottleneck:
        return [Reading(inputs, settings.lstm_width)]
    return [Bottleneck(inputs, settings), Reading(settings.lstm_width, settings.lstm_width)]
