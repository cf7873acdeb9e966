"""Sums over a batch of predictions, in few kernels. Letters: M modalities, N samples, C classes."""

from functools import lru_cache

import torch
from torch import Tensor

from rhoscope.torch.tally import precise_on

COLD = 2.0**40
"""Logits times this give the likeliest class the probability 1, the others 0; a power of 2 rounds nothing."""
LOWER = 128.0
"""Each class is lowered by it against the one before, so that the first of equal ones is the likeliest."""


@torch.no_grad()
def summed(logits: Tensor, classes: Tensor) -> Tensor:
    """Over the samples of `logits` [M, N, C]: [3, M], single precision.

    Sums of the logarithm of the probability given to the `classes` [N], of truth values whether they are the
    likeliest, and of the probability. Truth values are probabilities at a temperature of almost 0, so that
    they come with the others; a search for the likeliest class would be two more kernels.
    """
    m, n, c = logits.shape
    lowered, factors = _temperatures(c, logits.device)
    both = torch.addcmul(lowered, logits, factors).log_softmax(-1)  # [2, M, N, C], the cold one first
    each = torch.empty(4, m, n, dtype=both.dtype, device=both.device)
    torch.gather(both, -1, classes.expand(2, m, n).unsqueeze(-1), out=each[:2].unsqueeze(-1))
    torch.exp(each[:2], out=each[2:])
    return each[1:].sum(-1, dtype=torch.float32)


@lru_cache(maxsize=64)
def _temperatures(classes: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """The terms that are added to logits, [2, 1, 1, C], after their factors, [2, 1, 1, 1]."""
    kind = precise_on(device)
    places = torch.arange(classes, dtype=kind, device=device)
    lowered = torch.stack([-LOWER * places, torch.zeros_like(places)]).view(2, 1, 1, classes)
    factors = torch.ones(2, 1, 1, 1, dtype=kind, device=device)
    factors[0] = COLD
    return lowered, factors
