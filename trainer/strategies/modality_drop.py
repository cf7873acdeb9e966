"""Modality dropout."""

from typing import ClassVar, Literal

import torch
from torch import Tensor

from rhoscope.series import Series
from rhoscope.settings import Settings, setting
from rhoscope.torch.presence import Partial, Presence, presence_of
from trainer.fusion import choose
from trainer.model import Model, Output
from trainer.strategy import Step, Strategy

DROPPED = Series(
    name="dropped.{m}",
    title="Dropped examples",
    unit="1",
    formula="1/N Σᵢ 1[features of u set to 0 for example i]",
    help="Share of examples in this batch that were fused without this modality's features.",
    reduce="mean",
)


class ModalityDropSettings(Settings):
    """Settings of modality dropout."""

    drop: str = setting(
        "", "Modality whose features are dropped; empty: any, one at a time.", modalities=True
    )
    drop_rate: float = setting(0.5, "Probability of dropping them.", live=True, ge=0, le=1)
    drop_per: Literal["step", "sample"] = setting(
        "step", "Drop the modality for a whole batch, or independently for each example.", live=True
    )


class ModalityDrop(Strategy):
    """Drops the features of one modality at random, so that the others must manage without it.

    Dropped features are zeros. One modality alone is never dropped, nor the only one that an example has.
    """

    title: ClassVar[str] = "Modality-Drop"
    paper: ClassVar[str] = "Neverova et al., TPAMI 2016, ModDrop: Adaptive Multi-modal Gesture Recognition"
    fidelity: ClassVar[str] = (
        "Differs from the published code in an unknown degree: none was at hand to compare with. It follows "
        "the publication's description, dropping one modality at a time."
    )
    requires: ClassVar[tuple[str, ...]] = ("late",)
    masked: ClassVar[bool] = True
    Settings = ModalityDropSettings
    series: ClassVar[tuple[Series, ...]] = (*Strategy.series, DROPPED)
    settings: ModalityDropSettings

    def check(self, model: Model, batch_size: int) -> None:  # noqa: ARG002
        choose(self.settings.drop, "drop", model.modalities)

    def forward(self, step: Step) -> Output:
        features = step.model.encode(step.inputs)
        there = presence_of(features)
        lots = 1 if self.settings.drop_per == "step" else len(step.target)
        draws = torch.rand(2, lots, 1, device=step.target.device)
        dropped = draws[0] < (self.settings.drop_rate if len(features) > 1 else 0.0)
        victim = (draws[1] * len(features)).floor()
        kept = {}
        for place, (modality, feature) in enumerate(features.items()):
            chosen = (victim == place) if not self.settings.drop else modality == self.settings.drop
            gone = (dropped & chosen).expand(len(feature), 1)
            if there:
                gone = _spared(gone, there, modality)
            kept[modality] = feature.masked_fill(gone, 0)
            known = gone if there is None else gone[there.rows[modality]]
            step.emit("dropped", {modality: known.to(torch.float32).mean()})
        return Output(features, step.model.fusion.fuse(Partial(kept, there) if there else kept))


def _spared(gone: Tensor, there: Presence, modality: str) -> Tensor:
    """Of what is to be dropped [N, 1], that which is there and not the only one that is."""
    return gone & there.of(modality) & (there.table.sum(0) > 1).unsqueeze(1)
