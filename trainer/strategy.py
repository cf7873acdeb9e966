"""The interface of balancing strategies: owners of one optimizer step. Letters: N samples, C classes."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import ClassVar, Literal

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from rhoscope.series import Series
from rhoscope.settings import Settings as PluginSettings
from rhoscope.settings import setting
from rhoscope.torch.balance import Balance, measure, pooled
from rhoscope.torch.gradients import gradients, norm, norms_of
from rhoscope.torch.presence import Partial, Presence, each, presence_of
from trainer.fusion import Features
from trainer.measures.layers import LayerNorms
from trainer.measures.series import SHARED
from trainer.model import Model, Output
from trainer.precision import Precision
from trainer.rehearsal import Rehearsal
from trainer.replicas import ALONE, Replicas


@dataclass
class Step:
    """One optimizer step's material, and the numbers it leaves behind. Nothing in it is read by the host."""

    model: Model
    optimizer: Optimizer
    precision: Precision
    inputs: dict[str, Tensor]  # [N, *shape] by modality
    target: Tensor  # int64 [N]
    epoch: int
    number: int = 0  # of the run's steps, from 0
    replicas: Replicas = ALONE  # with whom the batch is shared: `inputs` and `target` are our part of it
    layers: LayerNorms | None = None  # who gathers the parameters' gradient norms
    values: dict[str, Tensor] = field(default_factory=dict)
    terms: dict[str, Tensor] = field(default_factory=dict)  # what `loss` leaves for the verbs after it
    whole: Presence | None = (
        None  # who has what in the whole batch, where it is shared and something is missing
    )
    silent: set[str] = field(default_factory=set)  # series of which this step has nothing to say

    @property
    def presence(self) -> Presence | None:
        """Which of the whole batch's examples have which modality; None where all have all."""
        return self.whole or presence_of(self.inputs)

    def narrowed(self, rows: slice) -> "Step":
        """A step with some of the examples only, and with no values yet."""
        inputs = {m: x[rows] for m, x in self.inputs.items()}
        if there := presence_of(self.inputs):
            inputs = Partial(inputs, there.narrowed(rows))
        examples = len(next(iter(self.inputs.values())))
        target = self.target.reshape(examples, -1)[rows].flatten()
        return replace(self, inputs=inputs, target=target, values={}, terms={}, whole=None, silent=set())

    def by_modality(self, name: str) -> dict[str, Tensor]:
        """The values emitted as `name.{m}`, 0-D, by modality."""
        return {m: self.values[f"{name}.{m}"] for m in self.model.modalities}

    def emit(self, name: str, value: Tensor | Mapping[str, Tensor]) -> None:
        """Record a 0-D tensor as series `name`, or one per modality as `name.{m}`."""
        if isinstance(value, Tensor):
            self.values[name] = value.detach()
        else:
            self.values.update({f"{name}.{m}": v.detach() for m, v in value.items()})

    def withhold(self, *names: str) -> None:
        """Give these series no value, as where the batch has no example that would say something."""
        self.silent.update(names)
        for name in names:
            self.values.pop(name, None)

    def withhold_absent(self) -> None:
        """Withhold every series of a modality that no example has, and ρ of one that shares none."""
        if not (there := self.presence):
            return
        ends = tuple(f".{m}" for m in there.absent)
        self.withhold(*(name for name in self.values if name.endswith(ends)))
        self.withhold(*(f"rho.{m}" for m in there.alone))


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

    def step(self, step: Step) -> dict[str, Tensor]:
        """Take one optimizer step; the answer is its row: a 0-D tensor for each dense series.

        Never waits for the device.
        """
        step.optimizer.zero_grad(set_to_none=True)
        with step.precision.autocast():
            step.inputs = self.transform(step)
            output = self.forward(step)
            loss = self.loss(step, output)
        self.measure(step, output, loss)
        self.backward(step, loss)
        if step.replicas.size > 1:
            complete_gradients(step)
            step.replicas.average(gradients([*step.model.parameters(), *self.parameters()]))
        step.precision.unscale(step.optimizer)
        single = parameter_norms(step.model)
        if step.layers:
            step.layers.add(step.model, single)
        norms = {m: torch.linalg.vector_norm(one) for m, one in single.items() if len(one)}
        step.emit("grad_norm", norms)
        k = self.modulate(step)
        step.emit("k", k or {m: torch.ones_like(norm) for m, norm in norms.items()})
        step.emit("grad_norm_modulated", gradient_norms(step.model) if k else norms)
        for m in single.keys() - norms.keys():
            step.withhold(f"grad_norm.{m}", f"k.{m}", f"grad_norm_modulated.{m}")
        before = weights(step.model)
        step.precision.update(step.optimizer)
        if step.replicas.size > 1:
            step.replicas.average(
                b for part in (step.model, self) for b in part.buffers() if b.is_floating_point()
            )
        step.emit("effective_step", relative_changes(step.model, before))
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

    def modulate(self, step: Step) -> dict[str, Tensor] | None:
        """Change gradients in place; each modality's coefficient, or None when nothing was changed."""

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
            unimodal = self.unimodal(step.model, each(output.features, Tensor.detach))
        balance = measure(unimodal, step.target, presence_of(step.inputs))
        own = {"loss": loss.detach().clone(), **step.model.values()}
        own["accuracy"] = (output.logits.argmax(-1) == step.target).to(torch.float32).mean()
        if step.replicas.size > 1:
            balance = pooled(balance, step.replicas.joined)
            step.replicas.average(own.values())
        step.values.update(own)
        step.emit("loss", balance.by_modality(balance.loss))
        step.emit("accuracy", balance.by_modality(balance.accuracy))
        step.emit("score", balance.by_modality(balance.score()))
        step.emit("rho", balance.by_modality(self.ratios(balance)))


def gradient_norms(model: Model) -> dict[str, Tensor]:
    """L2 norm of each encoder's whole gradient, 0-D tensors; of those that have one."""
    return {m: torch.linalg.vector_norm(one) for m, one in parameter_norms(model).items() if len(one)}


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


def parameter_norms(model: Model) -> dict[str, Tensor]:
    """L2 norms of those gradients that each encoder's parameters have, [parameters] by modality.

    An encoder without a gradient, as where no example has its modality, has no norms; that is no error.
    """
    return {m: norms_of(gradients(parameters)) for m, parameters in model.encoder_parameters.items()}


@torch.no_grad()
def weights(model: Model) -> dict[str, list[Tensor]]:
    """A copy of each encoder's parameters."""
    return {m: [p.clone() for p in parameters] for m, parameters in model.encoder_parameters.items()}


@torch.no_grad()
def relative_changes(model: Model, before: Mapping[str, list[Tensor]]) -> dict[str, Tensor]:
    """How far each encoder's parameters moved, relative to their own length; 0-D tensors."""
    changes = {}
    for modality, parameters in model.encoder_parameters.items():
        length = norm(before[modality])
        if parameters:
            torch._foreach_sub_(before[modality], parameters)
        changes[modality] = norm(before[modality]) / length.clamp_min(torch.finfo(length.dtype).tiny)
    return changes
