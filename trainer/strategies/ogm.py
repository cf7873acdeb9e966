"""On-the-fly gradient modulation. Letters: N samples, C classes."""

import math
from collections.abc import Mapping
from typing import ClassVar, Literal

import torch
from torch import Tensor

from rhoscope.settings import setting
from trainer.measures.balance import Balance, RatioRule, discrepancy_ratios
from trainer.modulation import Modulation, ModulationSettings
from trainer.strategy import Step

__all__ = ["OGM", "coefficients", "discrepancy_ratios"]

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
    ahead = {m: r > 1 for m, r in rho.items()}
    if rule == "official-code" and len(rho) > 1:
        first = next(iter(rho))
        ahead[first] = rho[first] >= 1
    return {m: torch.where(ahead[m], _brake(r, alpha, rule), torch.ones_like(r)) for m, r in rho.items()}


def _brake(rho: Tensor, alpha: float | Tensor, rule: Rule) -> Tensor:
    if rule == "journal":
        return (1 - alpha * torch.tanh(rho - 1)).clamp(min=0)
    return 1 - torch.tanh(alpha * rho)


class OGMSettings(ModulationSettings):
    """Settings of the modulation."""

    alpha: float = setting(
        1.5,
        "Strength of the modulation: how much the dominant modality is slowed down; 0: joint training.",
        live=True,
        ge=0,
        le=100,
    )
    ratio: RatioRule = setting(
        "mean",
        "With three modalities and more: ρ is the mean of the pairwise ratios, or against the weakest.",
    )
    k_rule: Rule = setting(
        "paper",
        "paper: k = 1 − tanh(α ρ) above ρ = 1; official-code: the same, but an exact tie brakes the first "
        "modality; journal: k = 1 − α tanh(ρ − 1), without the jump at 1.",
        live=True,
    )


class OGM(Modulation):
    """Slows down the encoder of the modality that is ahead: its gradient is multiplied by k at each step.

    Only encoders are modulated, never the head or shared layers.
    """

    title: ClassVar[str] = "OGM"
    replicated: ClassVar[bool] = True
    masked: ClassVar[bool] = True
    paper: ClassVar[str] = (
        "Peng et al., CVPR 2022, Balanced Multimodal Learning via On-the-fly Gradient Modulation"
    )
    fidelity: ClassVar[str] = (
        "Equal to the published code (github.com/GeWu-Lab/OGM-GE_CVPR2022, commit 343dc1d) with k_rule "
        "official-code, checked by tests/golden/ogm_trajectory.py. The default rule, paper, differs at an "
        "exact tie, and scope auto modulates all parameters of encoders that have no convolutions."
    )
    Settings = OGMSettings
    settings: OGMSettings

    def ratios(self, balance: Balance) -> Tensor:
        return balance.ratios(self.settings.ratio)

    def modulate(self, step: Step) -> dict[str, Tensor] | None:
        if not self.modulates(step):
            return None
        k = coefficients(step.by_modality("rho"), self.settings.alpha, self.settings.k_rule)
        self.brake(k)
        return k
