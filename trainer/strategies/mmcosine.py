"""Cosine logits per modality."""

from typing import ClassVar

import torch
from torch import Tensor
from torch.nn.functional import normalize

from rhoscope.series import Series
from rhoscope.settings import Settings, setting
from rhoscope.torch.presence import presence_of
from trainer.fusion import Features
from trainer.model import Model, Output
from trainer.strategy import Step, Strategy

COSINE = Series(
    name="cosine.{m}",
    title="Cosine to the correct class",
    unit="1",
    formula="1/N Σᵢ cos(φ_u,ᵢ, W_u,yᵢ)",
    help="Alignment of the modality's features with the correct class's weights, regardless of their norms.",
    reduce="mean",
)


class MMCosineSettings(Settings):
    """Settings of MMCosine."""

    cosine_scale: float = setting(
        10.0, "s, the factor of the cosines before softmax.", live=True, gt=0, le=1000
    )


class MMCosine(Strategy):
    """Features and class weights are normalized in the loss, so that no modality wins by larger norms.

    The fused logits are s times the sum of each modality's cosines, in training and in testing.
    """

    title: ClassVar[str] = "MMCosine"
    paper: ClassVar[str] = (
        "Xu et al., ICASSP 2023, MMCosine: Multi-Modal Cosine Loss toward Balanced Audio-Visual "
        "Fine-Grained Learning"
    )
    fidelity: ClassVar[str] = (
        "Differs from the published code in its training recipe, which is not reproduced; its logits and "
        "loss are equal, compared by running that code, of which no golden values are kept."
    )
    requires: ClassVar[tuple[str, ...]] = ("linear",)
    masked: ClassVar[bool] = True
    Settings = MMCosineSettings
    series: ClassVar[tuple[Series, ...]] = (*Strategy.series, COSINE)
    settings: MMCosineSettings

    def unimodal(self, model: Model, features: Features) -> dict[str, Tensor]:
        """`s cos(φ_u, W_u,c)` [N, C]; their sum is the fused logits."""
        scale, weights = self.settings.cosine_scale, model.fusion.class_weights()
        return {m: scale * normalize(features[m]) @ normalize(w).mT for m, w in weights.items()}

    def forward(self, step: Step) -> Output:
        features = step.model.encode(step.inputs)
        unimodal = self.unimodal(step.model, features)
        with torch.no_grad():
            chosen, there = step.target.unsqueeze(1), presence_of(features)
            for m, z in unimodal.items():
                rows = slice(None) if there is None else there.rows[m]
                step.emit("cosine", {m: z[rows].gather(1, chosen[rows]).mean() / self.settings.cosine_scale})
        return Output(features, torch.stack(list(unimodal.values())).sum(0))

    @torch.no_grad()
    def predict(self, model: Model, inputs: dict[str, Tensor]) -> tuple[Tensor, dict[str, Tensor]]:
        unimodal = self.unimodal(model, model.encode(inputs))
        return torch.stack(list(unimodal.values())).sum(0), unimodal
