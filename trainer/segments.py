"""Shared parts of networks for segments. Letters: N examples, S segments, D features."""

from torch import Tensor, nn
from typing_extensions import override

from rhoscope.settings import Settings, setting


class ReadingSettings(Settings):
    """How wide segments are read."""

    lstm_width: int = setting(
        128, "Width of 'lstm' and 'avga' encoders in each of their two directions.", ge=1, le=4096
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
