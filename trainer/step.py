"""One optimizer step's material and numbers. Letters: N samples, M modalities."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

import torch
from torch import Tensor
from torch.optim import Optimizer

from rhoscope.torch.constants import ones
from rhoscope.torch.host import HostVector, Vector
from rhoscope.torch.presence import Partial, Presence, presence_of
from rhoscope.torch.step_values import StepValues
from rhoscope.torch.updates import Updates
from trainer.measures.gradients import GradientNorms
from trainer.measures.layers import LayerNorms
from trainer.model import Model
from trainer.precision import Precision
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
    measures_norms: bool = True  # whether gradients are looked at to be shown
    measures_effects: bool = True  # whether what is done to gradients and weights is looked at
    norms: GradientNorms | None = None  # of the encoders' gradients before `modulate`
    values: StepValues = field(default_factory=StepValues)
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
        part = replace(self, inputs=inputs, target=target, values=StepValues(), terms={}, whole=None)
        return replace(part, silent=set())

    def by_modality(self, name: str) -> dict[str, Tensor]:
        """The values emitted as `name.{m}`, 0-D, by modality."""
        return {m: self.values[f"{name}.{m}"] for m in self.model.modalities}

    def looked(self) -> GradientNorms:
        """The norms of the encoders' gradients as they are before `modulate`; looked at once."""
        if self.norms is None:
            self.norms = GradientNorms(self.model.encoder_parameters)
        return self.norms

    def emit(self, name: str, value: Tensor | Mapping[str, Tensor]) -> None:
        """Record a 0-D tensor as series `name`, or one per modality as `name.{m}`."""
        if isinstance(value, Tensor):
            self.values[name] = _detached(value)
        else:
            self.values.update({f"{name}.{m}": _detached(v) for m, v in value.items()})

    def emit_each(self, names: Sequence[str], modalities: Sequence[str], value: Vector) -> None:
        """Record `value` [names, modalities] as the series `name.{m}` of all of them, in one piece."""
        if not isinstance(value, HostVector):
            value = _detached(value).reshape(-1) if value.ndim != 1 else _detached(value)
        self.values.put(_full_names(tuple(names), tuple(modalities)), value)

    def emit_norms(self) -> None:
        """Emit how long gradients are before anything changes them."""
        if not self.measures_norms:
            self.withhold(*(f"grad_norm.{m}" for m in self.model.modalities))
            return
        looked = self.looked()
        if self.layers:
            self.layers.add(self.model, looked.norms)
        self.emit_each(("grad_norm",), looked.modalities, looked.lengths())
        self._withhold_idle("grad_norm")

    def emit_coefficients(self, k: Mapping[str, Tensor] | Vector | None) -> None:
        """Emit what `modulate` gave, and how long gradients are now, where that did not say so."""
        modalities = self.model.modalities
        after = {f"grad_norm_modulated.{m}" for m in modalities}
        if not self.measures_norms:
            self.withhold(*after)
        elif after.isdisjoint((*self.values, *self.silent)):
            now = self.looked() if k is None else GradientNorms(self.model.encoder_parameters)
            self.emit_each(("grad_norm_modulated",), now.modalities, now.lengths())
        if isinstance(k, Mapping):
            self.emit("k", k)
        else:
            self.emit_each(("k",), modalities, ones(len(modalities), self.target.device) if k is None else k)
        self._withhold_idle("k", "grad_norm_modulated")

    def updates(self) -> Updates:
        """A comparison of weights before and after the optimizer, begun where its outcome is to be shown."""
        updates = Updates(self.model.encoder_parameters, None, 1)
        if self.measures_effects:
            updates.begin(0, modulates=False)
        return updates

    def emit_effective_steps(self, compared: Mapping[str, Tensor]) -> None:
        """Emit how far each encoder moved, relative to its own length, of those that were compared."""
        having = [m for m in self.model.modalities if f"moved.{m}" in compared]
        self.withhold(*(f"effective_step.{m}" for m in self.model.modalities if m not in having))
        if having:
            moved, length = (torch.cat([compared[f"{n}.{m}"] for m in having]) for n in ("moved", "length"))
            tiny = torch.finfo(length.dtype).tiny
            self.emit_each(("effective_step",), having, moved / length.clamp_min(tiny))

    def _withhold_idle(self, *names: str) -> None:
        """Withhold series of encoders without a gradient."""
        if self.norms is not None:
            idle = [m for m in self.model.modalities if m not in self.norms.grads]
        else:
            each = self.model.encoder_parameters.items()
            idle = [m for m, ps in each if all(p.grad is None for p in ps)]
        self.withhold(*(f"{name}.{m}" for name in names for m in idle))

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


@lru_cache(maxsize=256)
def _full_names(names: tuple[str, ...], modalities: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"{name}.{m}" for name in names for m in modalities)


def _detached(value: Tensor) -> Tensor:
    return value.detach() if value.requires_grad else value
