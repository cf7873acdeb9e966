"""Ways to take a training step on one network and batch: ours, plain PyTorch, and the official code's."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cache
from itertools import accumulate
from time import perf_counter, thread_time
from typing import Any, NamedTuple, cast
from unittest.mock import patch

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from torch.profiler import ProfilerActivity, profile

import rhoscope.torch.updates
import trainer.noise
import trainer.strategies.ogm
import trainer.strategy
from rhoscope.settings import Settings
from rhoscope.spec import RunSpec
from rhoscope.torch.ring import Ring
from trainer.attempt.assembly import build
from trainer.attempt.loop import is_due
from trainer.attempt.session import HOST_SERIES
from trainer.dataset import Split
from trainer.datasets.av_digits import AVDigits
from trainer.encoders.resnet18 import ResNet18, ResNet18Settings
from trainer.fusions.concat import Concat
from trainer.measures.layers import LayerNorms
from trainer.model import Model
from trainer.plugins import load
from trainer.precision import Precision
from trainer.step import Step
from trainer.strategy import Strategy
from trainer.training import Training

ALPHA = 1.5
PARTS: dict[str, tuple[Any, str]] = {
    "each modality's score, loss and accuracy": (Strategy, "measure"),
    "norms of gradients before": (Step, "emit_norms"),
    "norms of gradients after": (Step, "emit_coefficients"),
    "deviations for the noise": (trainer.noise, "deviations"),
    "k, and gradients times k": (trainer.strategies.ogm.OGM, "slow"),
    "noise drawn and added": (trainer.noise, "add_noise"),
    "copy of weights": (rhoscope.torch.updates.Updates, "begin"),
    "effective step": (rhoscope.torch.updates.Updates, "end"),
    "row": (Ring, "append"),
}
"""Parts of our step that the plain one lacks, and what does them."""
Take = Callable[[Step], Any]


class Made(NamedTuple):
    """A network, a strategy of it, and a batch."""

    model: Model
    strategy: Strategy
    batch: tuple[dict[str, Tensor], Tensor]


@dataclass
class Way:
    """One way to take steps; where it has a ring, rows go there."""

    name: str
    made: Made
    training: Training
    take: Take
    ring: Ring | None = None
    taken: int = 0
    parts: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        model, strategy, _ = self.made
        device = next(model.parameters()).device
        both = nn.ModuleList([model, strategy]).train()
        self.optimizer = self.training.build_optimizer(both.parameters(), device)
        self.precision = Precision(self.training.precision, device)
        self.layers = LayerNorms(model, 1000)
        if self.training.compile:
            model.compile(backend="inductor" if device.type == "cuda" else "aot_eager")

    def step(self, number: int | None = None) -> None:
        """One step as the loop takes it."""
        model, _, (inputs, target) = self.made
        now = self.taken if number is None else number
        step = Step(
            model=model,
            optimizer=self.optimizer,
            precision=self.precision,
            inputs=dict(inputs),
            target=target,
            epoch=0,
            number=now,
            layers=self.layers,
            measures_norms=is_due(self.training.norms_every, now),
            measures_effects=is_due(self.training.effects_every, now),
        )
        row = self.take(step)
        if self.ring is not None and row is not None:
            self.ring.append(now, row, {"lr": 0.05, "throughput": 0.0}, silent=step.silent)
        self.taken += 1

    def operators(self) -> int:
        """Operator calls of a step that measures no effects."""
        with profile(activities=[ProfilerActivity.CPU]) as profiled:
            self.step(1)
        return sum(event.name.startswith("aten::") for event in profiled.events())

    def peak(self) -> int:
        """Bytes held at most in a step that measures no effects: weights, gradients, and all that it makes.

        On a CPU as the profiler sees tensors; numpy's copies, of small gradients only, come when the much
        larger outputs of layers are gone.
        """
        device = next(self.made.model.parameters()).device
        if device.type == "cuda":
            torch.cuda.reset_peak_memory_stats(device)
            self.step(1)
            return torch.cuda.max_memory_allocated(device)
        held = self._held()
        with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as profiled:
            self.step(1)
        events = sorted(profiled.profiler.kineto_results.events(), key=lambda event: event.start_ns())
        sizes = [event.nbytes() for event in events if event.name() == "[memory]"]
        return held + max(accumulate(sizes, initial=0))

    def _held(self) -> int:
        """Bytes of what lasts from one step to the next."""
        model, strategy, _ = self.made
        lasting = [*model.parameters(), *strategy.parameters(), *model.buffers(), *strategy.buffers()]
        grads = [p.grad for p in lasting if p.grad is not None]
        states = [v for state in self.optimizer.state.values() for v in state.values()]
        return sum(t.nbytes for t in (*lasting, *grads, *states) if isinstance(t, Tensor))

    def seconds_by_part(self, steps: int) -> dict[str, float]:
        """Seconds per step of each part."""
        self.parts = dict.fromkeys(PARTS, 0.0)
        with ExitStack() as stack:
            for name, (owner, attribute) in PARTS.items():
                stack.enter_context(self._timed(name, owner, attribute))
            for _ in range(steps):
                self.step()
        return {name: seconds / steps for name, seconds in self.parts.items()}

    @contextmanager
    def _timed(self, name: str, owner: Any, attribute: str) -> Iterator[None]:
        call, seconds = getattr(owner, attribute), clock(self.made.model)

        def timed(*args: Any, **named: Any) -> Any:
            began = seconds()
            try:
                return call(*args, **named)
            finally:
                self.parts[name] += seconds() - began

        with patch.object(owner, attribute, timed):
            yield


def clock(model: Model) -> Callable[[], float]:
    """Seconds: of this thread on a CPU, where others may have the core meanwhile; else all that pass."""
    device = next(model.parameters()).device
    if device.type == "cpu":
        return thread_time

    def waited() -> float:
        torch.cuda.synchronize(device)
        return perf_counter()

    return waited


def plain(step: Step) -> None:
    """A training step as anybody writes it, measuring nothing."""
    step.optimizer.zero_grad(set_to_none=True)
    with step.precision.autocast():
        loss = cross_entropy(step.model(step.inputs).logits, step.target)
    loss.backward()
    step.optimizer.step()


def official(step: Step, *, noisy: bool) -> None:
    """A step written as the official code does it: scores sample by sample, noise in a second gradient."""
    model, target = step.model, step.target
    first, second = model.modalities
    step.optimizer.zero_grad()
    with step.precision.autocast():
        output = model(step.inputs)
        alone = model.fusion.unimodal(output.features)
        loss = cross_entropy(output.logits, target)
    loss.backward()
    softmax = nn.Softmax(dim=1)
    scores = {m: sum(softmax(alone[m])[i][int(target[i])] for i in range(len(target))) for m in alone}
    ratios = {first: scores[first] / scores[second], second: scores[second] / scores[first]}
    relu, tanh = nn.ReLU(), nn.Tanh()
    for m, ratio in ratios.items():
        k = 1 - tanh(ALPHA * relu(ratio)) if ratio > 1 else 1
        for parameter in model.encoders[m].parameters():
            grad = parameter.grad
            if grad is None or grad.ndim != 4:
                continue
            if noisy:
                noise = torch.zeros_like(grad).normal_(0, grad.std().item() + 1e-8)
                parameter.grad = cast("Tensor", (grad * k + noise).detach())
            else:
                parameter.grad = cast("Tensor", (grad * k).detach())
    step.optimizer.step()


def av_digits(name: str, training: Training) -> Made:
    """The embedded data set's network with this strategy, and a batch."""
    splits, chosen = digits(), {"device": training.device, "batch_size": training.batch_size}
    with patch.object(AVDigits, "load", lambda _: splits):
        parts = build(RunSpec(strategy=name, settings=chosen))
    (batch,) = parts.splits["train"].batches([torch.arange(training.batch_size)])
    return Made(parts.model, parts.strategy, batch)


@cache
def digits() -> dict[str, Split]:
    """The embedded data set, read once: nobody changes it, and every way has the same batch of it."""
    return AVDigits(AVDigits.Settings()).load()


def resnets(name: str, training: Training, pixels: int) -> Made:
    """Two ResNet-18s with a linear head for 10 classes and this strategy, and random pictures."""
    torch.manual_seed(0)
    shape, device = (3, pixels, pixels), training.choose_device()
    encoders = {m: ResNet18(shape, ResNet18Settings()) for m in ("audio", "visual")}
    model = Model(encoders, Concat(dict.fromkeys(encoders, 512), 10, Settings())).to(device)
    cls = cast("type[Strategy]", load("strategy", name))
    inputs = {m: torch.randn(training.batch_size, *shape, device=device) for m in encoders}
    target = torch.arange(training.batch_size, device=device) % 10
    return Made(model, cls(model, cls.Settings()).to(device), (inputs, target))


def weightless(made: Made) -> Made:
    """The same on the device `meta`, which computes nothing, and where what is made for a card happens."""
    inputs, target = made.batch
    batch = {m: x.to("meta") for m, x in inputs.items()}, target.to("meta")
    model = made.model.to("meta")
    vars(model).pop("encoder_parameters", None)  # the move made others
    strategy = type(made.strategy)(model, made.strategy.settings)
    return Made(model, strategy.to("meta"), batch)


def dense(made: Made) -> tuple[str, ...]:
    """Names of the series that each step emits."""
    each = [one for series in made.strategy.series for one in series.expand(made.model.modalities)]
    return tuple(one.name for one in each if not one.sparse and one.name not in HOST_SERIES)
