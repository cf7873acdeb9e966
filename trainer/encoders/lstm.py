"""A bidirectional LSTM over an example's segments. Letters: N examples, S segments, D features."""

from typing import ClassVar

from torch import Tensor, nn
from typing_extensions import override

from rhoscope.errors import InvalidInput
from trainer.encoder import Encoder
from trainer.segments import Reading, ReadingSettings


class LSTM(Encoder):
    """Reads segments × features forwards and backwards, and gives features for each segment.

    With scope 'auto' all of its parameters are modulated.
    """

    title: ClassVar[str] = "Bidirectional LSTM"
    paper: ClassVar[str] = "Tian et al., ECCV 2018, Audio-Visual Event Localization in Unconstrained Videos"
    Settings = ReadingSettings
    settings: ReadingSettings

    def __init__(self, shape: tuple[int, ...], settings: ReadingSettings) -> None:
        super().__init__(shape, settings)
        if len(shape) != 2:
            message = f"takes inputs of segments × features, not of shape {shape}"
            raise InvalidInput.field("encoders", message, "lstm")
        self.segments, self.width = shape[0], 2 * settings.lstm_width
        self.stages = nn.ModuleList([Reading(shape[1], settings.lstm_width)])

    @override
    def pool(self, x: Tensor) -> Tensor:
        return x.flatten(0, 1)
