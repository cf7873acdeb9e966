"""On-the-fly prediction modulation."""

from typing import ClassVar

import torch

from rhoscope.series import Series
from rhoscope.settings import Settings, setting
from rhoscope.torch.balance import measure
from trainer.model import Output
from trainer.strategy import Step, Strategy

RATE = Series(
    name="drop_probability.{m}",
    title="Probability of being dropped",
    unit="1",
    formula="q_u = min(1, q (1 + λ tanh(ρ_u − 1))) where ρ_u > 1, else 0",
    help="Probability that the features of a modality that is ahead are left out of this step's prediction.",
)


class OPMSettings(Settings):
    """Settings of OPM."""

    opm_rate: float = setting(
        0.5, "q, the minimum probability of dropping a dominant modality.", live=True, ge=0, le=1
    )
    opm_lambda: float = setting(
        0.5, "λ, the growth of that probability with the modality's lead.", live=True, ge=0, le=10
    )


class OPM(Strategy):
    """Leaves the dominant modality's features out of the fused prediction: more often the further it leads.

    ρ comes from the current batch; examples are drawn independently. A modality that lags is never dropped.
    """

    title: ClassVar[str] = "OPM"
    paper: ClassVar[str] = "Wei et al., TPAMI 2024, On-the-fly Modulation for Balanced Multimodal Learning"
    requires: ClassVar[tuple[str, ...]] = ("late",)
    Settings = OPMSettings
    series: ClassVar[tuple[Series, ...]] = (*Strategy.series, RATE)
    settings: OPMSettings

    def forward(self, step: Step) -> Output:
        features = step.model.encode(step.inputs)
        with torch.no_grad():
            balance = measure(self.unimodal(step.model, features), step.target)
            ratios = self.ratios(balance)
            lead = self.settings.opm_rate * (1 + self.settings.opm_lambda * (ratios - 1).tanh())
            rate = torch.where(ratios > 1, lead.clamp(max=1), torch.zeros_like(lead))
            step.emit("drop_probability", balance.by_modality(rate))
            lots = torch.rand(len(rate), len(step.target), 1, device=step.target.device)
            gone = lots < rate[:, None, None]
        kept = {m: f.masked_fill(drop, 0) for (m, f), drop in zip(features.items(), gone, strict=True)}
        return Output(features, step.model.fusion.fuse(kept))
