"""On-the-fly gradient modulation. Letters: N samples, C classes."""

import math
from collections.abc import Mapping
from typing import ClassVar, Literal

import torch
from torch import Tensor, nn
from torch.nn.modules.conv import _ConvNd

from rhoscope.errors import FieldError, InvalidInput
from rhoscope.settings import Settings, setting
from trainer.balance import Balance, RatioRule, discrepancy_ratios
from trainer.model import Model
from trainer.strategy import Step, Strategy, gradients

__all__ = ["OGM", "coefficients", "discrepancy_ratios"]

Rule = Literal["paper", "journal"]


@torch.no_grad()
def coefficients(rho: Mapping[str, Tensor], alpha: float | Tensor, rule: Rule = "paper") -> dict[str, Tensor]:
    """How much of each encoder's gradient is kept, `k_u` in [0, 1], as 0-D tensors.

    `paper` (equation 10): `k = 1 - tanh(alpha * rho)` where `rho > 1`, else 1; a tie brakes nobody.
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
    return {m: torch.where(r > 1, _brake(r, alpha, rule), torch.ones_like(r)) for m, r in rho.items()}


def _brake(rho: Tensor, alpha: float | Tensor, rule: Rule) -> Tensor:
    if rule == "journal":
        return (1 - alpha * torch.tanh(rho - 1)).clamp(min=0)
    return 1 - torch.tanh(alpha * rho)


class OGMSettings(Settings):
    """What modulation can be told."""

    alpha: float = setting(
        1.5, "How hard the dominant modality is braked; 0 is joint training.", live=True, ge=0, le=100
    )
    modulation_starts: int = setting(0, "First epoch that is modulated, from 0.", live=True, ge=0)
    modulation_ends: int | None = setting(
        None,
        "Last epoch that is modulated; empty: to the end. The official code stops at 50 of 100.",
        live=True,
        ge=0,
    )
    ratio: RatioRule = setting(
        "mean",
        "With three modalities and more: ρ is the mean of the pairwise ratios, or against the weakest.",
    )
    k_rule: Rule = setting(
        "paper",
        "paper: k = 1 − tanh(α ρ) above ρ = 1; journal: k = 1 − α tanh(ρ − 1), without the jump at 1.",
    )
    scope: Literal["auto", "conv", "all"] = setting(
        "auto",
        "Which parameters of an encoder. conv: convolution weights, as the official code; all: every one; "
        "auto: conv for encoders that have convolutions, all for others.",
    )


class OGM(Strategy):
    """Brakes the encoder of the modality that is ahead: its gradient is multiplied by k, once per step.

    Only encoders are modulated, never the head or what modalities share.
    """

    title: ClassVar[str] = "OGM"
    paper: ClassVar[str] = (
        "Peng et al., CVPR 2022, Balanced Multimodal Learning via On-the-fly Gradient Modulation"
    )
    Settings = OGMSettings
    settings: OGMSettings

    def __init__(self, model: Model, settings: OGMSettings) -> None:
        super().__init__(model, settings)
        self.modulated = {m: in_scope(encoder, settings.scope) for m, encoder in model.encoders.items()}
        for modality, parameters in self.modulated.items():
            if not parameters:
                kind = type(model.encoders[modality]).__name__
                message = (
                    f"the encoder of '{modality}' ({kind}) has no convolution weights, so "
                    "nothing of it would be modulated; scope 'all' takes every parameter"
                )
                raise InvalidInput.of([FieldError(field="scope", value=settings.scope, message=message)])

    def ratios(self, balance: Balance) -> Tensor:
        return balance.ratios(self.settings.ratio)

    @torch.no_grad()
    def modulate(self, step: Step) -> dict[str, Tensor] | None:
        if not self.modulates(step.epoch):
            return None
        k = coefficients(step.by_modality("rho"), self.settings.alpha, self.settings.k_rule)
        for modality, parameters in self.modulated.items():
            torch._foreach_mul_(gradients(parameters), k[modality])
        return k

    def modulates(self, epoch: int) -> bool:
        """Whether the modulation window holds this epoch; both ends belong to it."""
        last = self.settings.modulation_ends
        return self.settings.modulation_starts <= epoch and (last is None or epoch <= last)


def in_scope(encoder: nn.Module, scope: str) -> list[Tensor]:
    """An encoder's parameters that may be modulated: found by module, never by name."""
    weights = [module.weight for module in encoder.modules() if isinstance(module, _ConvNd)]
    if scope == "all" or (scope == "auto" and not weights):
        return list(encoder.parameters())
    return weights
