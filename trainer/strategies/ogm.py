"""On-the-fly gradient modulation. Letters: N samples, C classes."""

from typing import ClassVar

from torch import Tensor

from rhoscope.settings import setting
from rhoscope.torch.balance import Balance, RatioRule, discrepancy_ratios
from rhoscope.torch.coefficients import Rule, coefficients, plain_shares, shares_kept
from rhoscope.torch.host import HostVector, Vector
from trainer.modulation import Modulation, ModulationSettings
from trainer.strategy import Step

__all__ = ["OGM", "coefficients", "discrepancy_ratios"]


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

    def modulate(self, step: Step) -> Vector | None:
        if not self.modulates(step):
            return None
        step.looked()  # before they change
        k = self.slow(step)
        self.emit_slowed(step, k)
        return k

    def slow(self, step: Step) -> Vector:
        """Multiply each encoder's gradient by k [M], by this step's ρ."""
        rho = step.values.vector([f"rho.{m}" for m in self.modalities])
        alpha, rule = self.settings.alpha, self.settings.k_rule
        k = plain_shares(rho, alpha, rule) if isinstance(rho, HostVector) else shares_kept(rho, alpha, rule)
        self.brake(k)
        return k
