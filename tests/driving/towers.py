"""Networks of two encoders and batches for them, small enough for a test of arithmetic."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn


class Late(nn.Module):
    """Two encoders whose outputs are a linear head's input, side by side."""

    def __init__(self, outputs: int = 4) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.a = nn.Sequential(nn.Linear(6, 8), nn.ReLU())
        self.b = nn.Sequential(nn.Linear(3, 5), nn.ReLU())
        self.head = nn.Linear(13, outputs)

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        answer: Tensor = self.head(torch.cat([self.a(x), self.b(y)], 1))
        return answer


def batch(n: int = 32, seed: int = 1) -> tuple[Tensor, Tensor, Tensor]:
    """Inputs [N, 6] and [N, 3], and classes [N]."""
    generator = torch.Generator().manual_seed(seed)
    x, y = torch.randn(n, 6, generator=generator), torch.randn(n, 3, generator=generator)
    return x, y, torch.randint(0, 4, (n,), generator=generator)


def plain(values: Mapping[str, Tensor]) -> dict[str, float]:
    """A row as numbers."""
    return {name: value.item() for name, value in values.items()}
