"""How strongly a modality that is ahead is slowed down.

Peng et al., "Balanced Multimodal Learning via On-the-fly Gradient Modulation", CVPR 2022, section 3.3.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor
from torch.nn.functional import glu

from rhoscope.torch.constants import number
from rhoscope.torch.host import HostVector, host_vector

Rule = Literal["paper", "official-code", "journal"]


@dataclass(frozen=True)
class Lead:
    """Ratios [M], as quotients: `own` [M], or of two modalities `own` [2, 1] and `other` [1, 2]."""

    own: Tensor
    other: Tensor | None = None

    def ratios(self) -> Tensor:
        """Worked out, [M]."""
        return self.own if self.other is None else _beside(self.own / self.other)


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
    if rho.is_cpu:
        return plain_shares(HostVector(rho.tolist(), rho.dtype), alpha, rule).tensor()
    return Brake(rule)(Lead(rho), alpha)


def plain_shares(rho: HostVector, alpha: float | Tensor, rule: Rule = "paper") -> HostVector:
    """As `shares_kept`, where a device is not waited for: on a CPU."""
    (strength,) = host_vector([float(alpha)], rho.kind).values
    last = len(rho.values) - 1
    each = [_kept(r, strength, rule, first=i == 0 < last) for i, r in enumerate(rho.values)]
    return host_vector(each, rho.kind)


class Brake:
    """`shares_kept` on a device, in few kernels: of two modalities, four of them.

    A quotient that is no number is not ahead.
    """

    def __init__(self, rule: Rule) -> None:
        self._rule = rule
        self._factors: Tensor | None = None

    @torch.no_grad()
    def __call__(self, lead: Lead, alpha: float | Tensor) -> Tensor:
        """Shares [M] of gradients that are kept."""
        own = lead.own
        one = number(1.0, own.dtype, own.device)
        if not isinstance(alpha, Tensor) and alpha == 0:  # else 0 times infinity, of a score that is 0
            return one.expand(max(own.shape))
        other = one if lead.other is None else lead.other
        ahead = own > other
        if self._rule == "official-code" and len(own) > 1:
            ahead = torch.cat([own[:1] >= other, ahead[1:]])
        slowed = self._journal if self._rule == "journal" else self._paper
        kept = torch.where(ahead, slowed(own, other, alpha), one)
        return kept if lead.other is None else _beside(kept)

    def _journal(self, own: Tensor, other: Tensor, alpha: float | Tensor) -> Tensor:
        return (1 - alpha * torch.tanh(own / other - 1)).clamp(min=0)

    def _paper(self, own: Tensor, other: Tensor, alpha: float | Tensor) -> Tensor:
        """`1 - tanh(x) = 2 σ(-2x)`, the latter of which is one operator, and exact where x is large."""
        if isinstance(alpha, Tensor):
            own, alpha = own * alpha, 1.0
        shape = own.shape if other.ndim == 0 else (len(own), len(own))
        factors = self._factors
        if factors is None or factors.shape[1:] != shape or (factors.dtype, factors.device) != _kind(own):
            factors = self._factors = torch.full((2, *shape), 2.0, dtype=own.dtype, device=own.device)
        nothing = number(0.0, own.dtype, own.device)
        torch.addcdiv(nothing, own, other, value=-2 * alpha, out=factors[1])
        return glu(factors, 0)[0]


def _kind(tensor: Tensor) -> tuple[torch.dtype, torch.device]:
    return tensor.dtype, tensor.device


def _beside(square: Tensor) -> Tensor:
    """Of [2, 2] the two entries that stand beside the diagonal, [2]: a view."""
    return square.flatten()[1:3]


def _kept(rho: float, alpha: float, rule: Rule, *, first: bool) -> float:
    """The same of one number."""
    ahead = rho >= 1 if rule == "official-code" and first else rho > 1
    if not ahead:
        return 1.0
    return max(1 - alpha * math.tanh(rho - 1), 0.0) if rule == "journal" else 1 - math.tanh(alpha * rho)
