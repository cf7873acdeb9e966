"""A linear head's own parts. Letters: N samples, C outputs, D features, M modalities."""

from collections.abc import Mapping

import torch
from torch import Tensor


def linear_parts(weight: Tensor, bias: Tensor | None, features: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Outputs `W_u φ_u + b / M` [N, C] by modality; their sum is the head's own output.

    `weight` [C, D], over `features` [N, D_u] side by side in their order; `bias` [C].
    """
    widths = [each.shape[1] for each in features.values()]
    weights = dict(zip(features, torch.split(weight.t(), widths), strict=True))
    if bias is None:
        return {m: each @ weights[m] for m, each in features.items()}
    share = 1 / len(features)
    return {m: torch.addmm(bias, each, weights[m], beta=share) for m, each in features.items()}
