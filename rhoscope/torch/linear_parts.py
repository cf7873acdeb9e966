"""A linear head's own parts. Letters: N samples, C outputs, D features, M modalities."""

from collections.abc import Mapping

import torch
from torch import Tensor


def linear_parts(weight: Tensor, bias: Tensor | None, features: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Outputs `W_u φ_u + b / M` [N, C] by modality; their sum is the head's own output.

    `weight` [C, D], over `features` [N, D_u] side by side in their order; `bias` [C].
    """
    widths = [each.shape[1] for each in features.values()]
    weights = dict(zip(features, weight.t().split_with_sizes(widths), strict=True))
    if bias is None:
        return {m: each @ weights[m] for m, each in features.items()}
    share = 1 / len(features)
    return {m: torch.addmm(bias, each, weights[m], beta=share) for m, each in features.items()}


@torch.no_grad()
def stacked_parts(weight: Tensor, bias: Tensor | None, features: Mapping[str, Tensor]) -> Tensor:
    """The same side by side in one tensor, [M, N, C]; not differentiable."""
    each = list(features.values())
    parts = each[0].new_empty(len(each), len(each[0]), len(weight))
    weights = torch.split(weight.t(), [one.shape[1] for one in each])
    for part, one, own in zip(parts, each, weights, strict=True):
        if bias is None:
            torch.mm(one, own, out=part)
        else:
            torch.addmm(bias, one, own, beta=1 / len(each), out=part)
    return parts


@torch.no_grad()
def even_parts(weight: Tensor, bias: Tensor | None, joined: Tensor, modalities: int) -> Tensor:
    """The same as one product, of features of one width each, which `joined` [N, D] holds side by side."""
    n, d = joined.shape
    inputs = joined.reshape(n, modalities, d // modalities).transpose(0, 1)  # [M, N, D_u]
    weights = weight.reshape(-1, modalities, d // modalities).permute(1, 2, 0)  # [M, D_u, C]
    if bias is None:
        return torch.bmm(inputs, weights)
    return torch.baddbmm(bias, inputs, weights, beta=1 / modalities)
