"""What a network for one modality is."""

from typing import ClassVar

import torch
from torch import Tensor, nn

from rhoscope import settings as declared


class Encoder(nn.Module):
    """Turns one modality's input [N, *shape] into features [N, width].

    A subclass's `__init__(shape, settings)` sets `width` and `stages`, which run in order (fusions inside the
    encoders walk them together), and raises InvalidInput when it can't take that shape. It may override
    `pool`. Its docstring is its help text.
    """

    title: ClassVar[str]
    paper: ClassVar[str] = ""
    Settings: ClassVar[type[declared.Settings]] = declared.Settings
    width: int
    stages: nn.ModuleList

    def __init__(self, shape: tuple[int, ...], settings: declared.Settings) -> None:
        super().__init__()
        self.shape = shape
        self.settings = settings

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
