"""A bidirectional LSTM over an example's segments. Letters: N examples, S segments, D features."""

from typing import ClassVar

from torch import Tensor, nn
from typing_extensions import override

from rhoscope.errors import InvalidInput
from trainer.encoder import Encoder
from trainer.segments import Bottleneck, ReadingSettings, reading


class LSTM(Encoder):
    """Reads segments × features forwards and backwards, and gives features for each segment.

    With scope 'auto' all of its parameters are modulated.
    """

    title: ClassVar[str] = "Bidirectional LSTM"
    paper: ClassVar[str] = "Tian et al., ECCV 2018, Audio-Visual Event Localization in Unconstrained Videos"
    fidelity: ClassVar[str] = (
        "Equal to the published code (commit 93f843f of YapengTian/AVE-ECCV18) in its one layer of 128 units "
        "a direction and in how it starts, checked by tests/golden/init.py."
    )
    Settings = ReadingSettings
    settings: ReadingSettings

    def __init__(self, shape: tuple[int, ...], settings: ReadingSettings) -> None:
        super().__init__(shape, settings)
        if len(shape) != 2:
            message = f"takes inputs of segments × features, not of shape {shape}"
            raise InvalidInput.field("encoders", message, "lstm")
        self.segments, self.width = shape[0], 2 * settings.lstm_width
        self.stages = nn.ModuleList(reading(shape[1], settings))

    @property
    @override
    def shown_shape(self) -> tuple[int, ...]:
        return (self.shape[0], self.settings.lstm_width) if self.settings.bottleneck else self.shape

    @override
    def shown(self, x: Tensor) -> Tensor:
        first = self.stages[0]
        return first(x) if isinstance(first, Bottleneck) else x

    @override
    def pool(self, x: Tensor) -> Tensor:
        return x.flatten(0, 1)
