"""Unimodal teachers."""

import copy
from typing import ClassVar, Self

import torch
from torch import Tensor, nn
from torch.nn.functional import mse_loss
from typing_extensions import override

from rhoscope.series import Series
from rhoscope.settings import Settings, setting
from trainer.model import Model, Output
from trainer.rehearsal import Rehearsal
from trainer.strategy import Step, Strategy

SERIES = (
    Series(
        name="distillation.{m}",
        title="Distance to the teacher's features",
        unit="1",
        formula="1/(N D) Σᵢ ‖φ_u,ᵢ − t_u,ᵢ‖²",
        help="Mean squared distance between the encoder's features and those of its teacher.",
        scale="log",
        reduce="mean",
    ),
    Series(
        name="teacher.accuracy.{m}",
        role="teacher",
        title="Accuracy of the teacher",
        unit="1",
        formula="1/N Σᵢ 1[argmax of the teacher alone = yᵢ] over the validation split",
        help="Accuracy of the modality trained alone before the run: the target for its branch.",
        chart="accuracy",
        sparse=True,
    ),
)


class UMTSettings(Settings):
    """Settings of UMT."""

    teacher_epochs: int = setting(
        10, "Number of epochs for which each modality's teacher trains before the run.", ge=1
    )
    distillation_weight: float = setting(
        1.0, "Weight of the distance to the teachers' features.", live=True, ge=0, le=10_000
    )


class UMT(Strategy):
    """Keeps each encoder near the features of a frozen teacher: the same encoder, trained alone beforehand.

    The teachers train before the first step, from the run's initial weights; meanwhile the run's progress
    does not advance, and its log reports on them.
    """

    title: ClassVar[str] = "UMT"
    paper: ClassVar[str] = (
        "Du et al., ICML 2023, On Uni-Modal Feature Learning in Supervised Multi-Modal Learning"
    )
    fidelity: ClassVar[str] = (
        "Differs from the published code in its teachers: they are trained here, before the run, from the "
        "run's first weights and with its settings. The loss was equal to the code's when both were run; no "
        "golden values are kept."
    )
    requires: ClassVar[tuple[str, ...]] = ("late", "validation")
    live: ClassVar[bool] = False
    Settings = UMTSettings
    series: ClassVar[tuple[Series, ...]] = (*Strategy.series, *SERIES)
    settings: UMTSettings
    accuracies: Tensor

    def __init__(self, model: Model, settings: UMTSettings) -> None:
        super().__init__(model, settings)
        self.teachers = nn.ModuleDict({m: copy.deepcopy(e) for m, e in model.encoders.items()})
        self.teachers.requires_grad_(requires_grad=False)
        self.register_buffer("accuracies", torch.zeros(len(model.modalities), dtype=torch.float64))

    @override
    def train(self, mode: bool = True) -> Self:
        """Teachers never train."""
        super().train(mode)
        self.teachers.eval()
        return self

    def prepare(self, rehearsal: Rehearsal) -> None:
        for place, modality in enumerate(self.modalities):
            alone = rehearsal.alone(modality, self.settings.teacher_epochs)
            self.teachers[modality].load_state_dict(alone.encoder.state_dict())
            self.accuracies[place] = alone.accuracy
        self.teachers.eval()

    def loss(self, step: Step, output: Output) -> Tensor:
        loss = super().loss(step, output)
        for modality, teacher in self.teachers.items():
            with torch.no_grad():
                target = teacher(step.inputs[modality])
            distance = mse_loss(output.features[modality], target)
            loss = loss + self.settings.distillation_weight * distance
            step.emit("distillation", {modality: distance})
        return loss

    def epoch_end(self, epoch: int, rehearsal: Rehearsal) -> dict[str, float] | None:  # noqa: ARG002
        names = [f"teacher.accuracy.{m}" for m in self.modalities]
        return dict(zip(names, self.accuracies.tolist(), strict=True))
