"""The interface of balancing strategies: owners of one optimizer step. Letters: N samples, C classes."""

from collections.abc import Mapping
from typing import ClassVar, Literal

import torch
from torch import Tensor, nn

from rhoscope.series import Series
from rhoscope.settings import Settings as PluginSettings
from rhoscope.settings import setting
from rhoscope.torch.balance import Balance, measure, pooled
from rhoscope.torch.gradients import gradients
from rhoscope.torch.host import Vector, tensor_of
from rhoscope.torch.presence import presence_of
from rhoscope.torch.step_values import StepValues
from trainer.fusion import Features
from trainer.measures.series import SHARED
from trainer.model import Model, Output
from trainer.rehearsal import Rehearsal
from trainer.step import Step

__all__ = ["Step", "Strategy", "VariantSettings", "complete_gradients"]

EACH = ("loss", "accuracy", "score", "rho")
"""Series of each modality that a batch alone shows."""


class VariantSettings(PluginSettings):
    """Choice between a publication and its authors' program, of strategies where these differ."""

    variant: Literal["paper", "official-code"] = setting(
        "paper",
        "Whose formulas, where the publication and its authors' program differ; the strategy's description "
        "says in what. paper is the default, since it is what the method's name stands for; figures that the "
        "program printed need official-code.",
    )


class Strategy(nn.Module):
    """Plain joint training; a subclass overrides the verbs its paper changes.

    `step` = `transform` (the inputs) -> `forward` -> `loss` -> `backward` -> `modulate` (the gradients), then
    `epoch_end` after each epoch; `prepare` comes before the first step. Parameters and buffers a strategy has
    are trained, moved and checkpointed with the model's. `series` names exactly what its steps emit, `sparse`
    ones being those of `epoch_end`. `requires` names abilities that the other parts must have, such as the
    fusion's `additive`; `masked`, it can do without a modality that an example lacks. Its docstring is its
    help text.
    """

    title: ClassVar[str]
    paper: ClassVar[str] = ""
    fidelity: ClassVar[str] = ""
    """How it compares with its authors' program: "Equal to the published code ..." or "Differs from ..."."""
    requires: ClassVar[tuple[str, ...]] = ()
    live: ClassVar[bool] = True
    """Whether a running network can be given it, or take leave of it: it has no weights and no `prepare`."""
    replicated: ClassVar[bool] = False
    """Whether several processes may share a batch: all it looks at is averaged over them beforehand."""
    masked: ClassVar[bool] = False
    """Whether examples may lack a modality: all it does with inputs and features leaves those out."""
    Settings: ClassVar[type[PluginSettings]] = PluginSettings
    series: ClassVar[tuple[Series, ...]] = SHARED

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.masked = vars(cls).get(
            "masked", False
        )  # nobody inherits it: what a subclass changes may need all

    def __init__(self, model: Model, settings: PluginSettings) -> None:
        super().__init__()
        self.settings = settings
        self.modalities = model.modalities

    def check(self, model: Model, batch_size: int) -> None:
        """Raises: InvalidInput, when the strategy can't work with this network or batches of this size."""

    def prepare(self, rehearsal: Rehearsal) -> None:
        """Do what comes before the first step; called once in a run, and again when interrupted."""

    def step(self, step: Step) -> StepValues:
        """Take one optimizer step; the answer is its row: a 0-D tensor for each dense series.

        Never waits for the device.
        """
        step.optimizer.zero_grad(set_to_none=True)
        with step.precision.autocast():
            step.inputs = self.transform(step)
            output = self.forward(step)
            loss = self.loss(step, output)
        self.backward(step, loss)
        if step.replicas.size > 1:
            complete_gradients(step)
            step.replicas.average(gradients([*step.model.parameters(), *self.parameters()]))
        step.precision.unscale(step.optimizer)
        self.measure(step, output, loss)  # where all looking is done, and the caches are warm for it
        step.emit_norms()
        step.emit_coefficients(self.modulate(step))
        updates = step.updates()
        step.precision.update(step.optimizer)
        if step.replicas.size > 1:
            step.replicas.average(
                b for part in (step.model, self) for b in part.buffers() if b.is_floating_point()
            )
        step.emit_effective_steps(updates.end({}))
        step.withhold_absent()
        return step.values

    def transform(self, step: Step) -> dict[str, Tensor]:
        """The inputs to train on [N, *shape] by modality."""
        return step.inputs

    def forward(self, step: Step) -> Output:
        """The forward pass, or several."""
        output: Output = step.model(step.inputs)
        return output

    def loss(self, step: Step, output: Output) -> Tensor:
        """The quantity to minimize, a 0-D tensor."""
        loss = step.model.fusion.task_loss(output.logits, step.target)
        own = step.model.fusion.own_loss(output.features, step.target)
        return loss if own is None else loss + own

    def backward(self, step: Step, loss: Tensor) -> None:
        """Fill `.grad` of all parameters."""
        step.precision.scale(loss).backward()  # type: ignore[no-untyped-call]  # so torch declares it

    def modulate(self, step: Step) -> Mapping[str, Tensor] | Vector | None:
        """Change gradients in place; None when nothing was changed.

        Otherwise each modality's coefficient, 0-D by modality or [M] in their order.
        """

    def epoch_end(self, epoch: int, rehearsal: Rehearsal) -> dict[str, float] | None:
        """Adapt between epochs; values of the sparse series. Called again when it was interrupted."""

    @torch.no_grad()
    def predict(self, model: Model, inputs: dict[str, Tensor]) -> tuple[Tensor, dict[str, Tensor]]:
        """Fused and unimodal logits [N, C], for evaluation."""
        output: Output = model(inputs)
        return output.logits, self.unimodal(model, output.features)

    def unimodal(self, model: Model, features: Features) -> dict[str, Tensor]:
        """Logits [N, C] of each modality alone, which scores and ρ come from."""
        return model.fusion.unimodal(features)

    def ratios(self, balance: Balance) -> Tensor:
        """Discrepancy ratios [M]."""
        return balance.ratios()

    @torch.no_grad()
    def measure(self, step: Step, output: Output, loss: Tensor) -> None:
        """Emit what the batch shows about each modality and all together."""
        with step.precision.autocast():
            unimodal = self.unimodal(step.model, output.features)
        balance = measure(unimodal, step.target, presence_of(step.inputs), output.logits)
        own: dict[str, Vector] = {"loss": loss.detach(), **step.model.values()}
        if balance.fused is not None:
            own["accuracy"] = balance.fused
        if step.replicas.size > 1:
            averaged = {name: tensor_of(value).clone() for name, value in own.items()}
            balance = pooled(balance, step.replicas.joined)
            step.replicas.average(averaged.values())
            own = {**averaged}
        for name, value in own.items():
            step.values.put((name,), value)
        step.emit_each(EACH, balance.modalities, balance.table(self.ratios(balance)))


def complete_gradients(step: Step) -> None:
    """Zeros for encoders that our part of a batch has no example for and another part has.

    So all replicas average the same gradients.
    """
    if step.whole is None:
        return
    for modality in step.whole.masks.keys() - step.whole.absent:
        for parameter in step.model.encoder_parameters[modality]:
            if parameter.grad is None and parameter.requires_grad:
                parameter.grad = torch.zeros_like(parameter)
