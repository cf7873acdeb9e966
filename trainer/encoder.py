"""The interface of networks for one modality."""

from collections.abc import Mapping
from typing import ClassVar

import torch
from torch import Tensor, nn

from rhoscope.series import Series
from rhoscope.settings import Settings as PluginSettings


class Encoder(nn.Module):
    """Turns one modality's input [N, *shape] into features [N, width].

    A subclass's `__init__(shape, settings)` sets `width` and `stages`, which run in order (fusions inside the
    encoders walk them together), and raises InvalidInput when it can't take that shape. It may override
    `pool`, and `meet` and `see` where other modalities guide it. What it wants drawn it declares in `series`,
    named `something.{m}`, and reports in `values`. Its docstring is its help text.
    """

    title: ClassVar[str]
    paper: ClassVar[str] = ""
    fidelity: ClassVar[str] = ""
    """How it compares with its authors' program: "Equal to the published code ..." or "Differs from ..."."""
    own_start: bool = False
    """Whether its layers start as it says, whatever the run's `initialization`."""
    Settings: ClassVar[type[PluginSettings]] = PluginSettings
    series: tuple[Series, ...] = ()
    width: int
    stages: nn.ModuleList
    masked: ClassVar[bool] = True
    """Whether it can do without the other modalities: not one that they guide."""
    segments: int = 1
    """Rows of features that each example gives, one after the other: 1, or one for each of its segments."""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.masked = cls.see is Encoder.see

    def __init__(self, shape: tuple[int, ...], settings: PluginSettings) -> None:
        super().__init__()
        self.shape = shape
        self.settings = settings

    def meet(self, others: Mapping[str, tuple[int, ...]]) -> None:
        """Learn the shapes of what the other encoders show; called once, before training."""

    @property
    def shown_shape(self) -> tuple[int, ...]:
        """Shape of what `shown` gives of an example."""
        return self.shape

    def shown(self, x: Tensor) -> Tensor:
        """The part of its input [N, *shape] that encoders guided by it see; here the input itself."""
        return x

    def see(self, modality: str, inputs: Mapping[str, Tensor]) -> Tensor:
        """Features [N, width] of one of all modalities' inputs, for an encoder that others guide.

        Of the others, `inputs` holds what they show.
        """
        features: Tensor = self(inputs[modality])
        return features

    def values(self) -> dict[str, Tensor]:
        """0-D tensors for the last batch, one for each of `series`, by their names without the modality."""
        return {}

    def pool(self, x: Tensor) -> Tensor:
        """Features [N, width] of the last stage's output; here the mean over all but channels."""
        return x.flatten(2).mean(2) if x.ndim > 2 else x

    def forward(self, x: Tensor) -> Tensor:
        for stage in self.stages:
            x = stage(x)
        return self.pool(x)


@torch.no_grad()
def stage_widths(encoder: Encoder) -> list[int]:
    """Channels that each stage gives, found by sending two blank inputs through; nothing in it changes."""
    training = encoder.training
    encoder.eval()
    state = torch.zeros(2, *encoder.shape, device=next(encoder.parameters()).device)
    widths = []
    for stage in encoder.stages:
        state = stage(state)
        widths.append(int(state.shape[1]))
    encoder.train(training)
    return widths
