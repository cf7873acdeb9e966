"""How strongly a modality that is ahead is slowed down.

Peng et al., "Balanced Multimodal Learning via On-the-fly Gradient Modulation", CVPR 2022, section 3.3.
"""

import math
from collections.abc import Mapping
from typing import Literal

import torch
from torch import Tensor

from rhoscope.torch.constants import number

Rule = Literal["paper", "official-code", "journal"]


@torch.no_grad()
def coefficients(rho: Mapping[str, Tensor], alpha: float | Tensor, rule: Rule = "paper") -> dict[str, Tensor]:
    """How much of each encoder's gradient is kept, `k_u` in [0, 1], as 0-D tensors.

    `paper` (equation 10): `k = 1 - tanh(alpha * rho)` where `rho > 1`, else 1; a tie brakes nobody.
    `official-code`: the same, but a tie at exactly 1 brakes the first modality.
    `journal`: `k = max(0, 1 - alpha * tanh(rho - 1))` where `rho > 1`, which has no jump at 1.
    `rho` 0-D tensors by modality; `alpha` at least 0. Not differentiable.

    Raises:
        ValueError: for a negative or non-finite number `alpha`.

    >>> k = coefficients({"audio": torch.tensor(2.0), "visual": torch.tensor(0.5)}, alpha=0.5)
    >>> round(k["audio"].item(), 4), k["visual"].item()
    (0.2384, 1.0)
    """
    if not isinstance(alpha, Tensor) and not (math.isfinite(alpha) and alpha >= 0):
        raise ValueError(f"`alpha` should be a finite number of at least 0. Found {alpha}.")
    if not rho:
        return {}
    kept = shares_kept(torch.stack(list(rho.values())), alpha, rule)
    return dict(zip(rho, kept.unbind(), strict=True))


def shares_kept(rho: Tensor, alpha: float | Tensor, rule: Rule = "paper") -> Tensor:
    """As `coefficients`, of ratios [M] in the modalities' order: [M]. `alpha` 0 keeps everything."""
    strength = alpha if isinstance(alpha, Tensor) else number(float(alpha), rho.dtype, rho.device)
    if rho.is_cpu:
        known, each = strength.item(), enumerate(rho.tolist())
        return rho.new_tensor([_kept(r, known, rule, first=place == 0 < len(rho) - 1) for place, r in each])
    one = number(1.0, rho.dtype, rho.device)
    ahead = rho > one
    if rule == "official-code" and len(rho) > 1:
        ahead = torch.cat([rho[:1] >= one, ahead[1:]])
    return torch.where(ahead, _brake(rho, strength, one, rule), one)


def _brake(rho: Tensor, alpha: Tensor, one: Tensor, rule: Rule) -> Tensor:
    if rule == "journal":
        return (one - alpha * torch.tanh(rho - one)).clamp(min=0)
    return one - torch.tanh(alpha * rho)


def _kept(rho: float, alpha: float, rule: Rule, *, first: bool) -> float:
    """The same of one number, where a device is not waited for: on a CPU."""
    ahead = rho >= 1 if rule == "official-code" and first else rho > 1
    if not ahead:
        return 1.0
    return max(1 - alpha * math.tanh(rho - 1), 0.0) if rule == "journal" else 1 - math.tanh(alpha * rho)
