"""What adapters of strategies share: the cases' networks as the product's models, and steps of them."""

from collections.abc import Iterable, Mapping
from typing import Any, cast

import numpy as np
import torch
from comparison import Difference, relative
from torch import Tensor, nn

from rhoscope.settings import Settings
from trainer.encoder import Encoder
from trainer.fusions.concat import Concat
from trainer.model import Model
from trainer.precision import Precision
from trainer.strategy import Step, Strategy

DOUBLE = torch.float64
CPU = torch.device("cpu")


class Layers(Encoder):
    """An encoder of named layers with an activation after each block of them, as a case lists them."""

    title = "Golden"

    def __init__(self, width: int, blocks: Iterable[Mapping[str, nn.Module]]) -> None:
        super().__init__((), Settings())
        self.width = width
        self.named = nn.ModuleDict()
        stages = []
        for block in blocks:
            self.named.update(block)
            stages.append(nn.Sequential(*block.values(), nn.ReLU()) if block else nn.Identity())
        self.stages = nn.ModuleList(stages)


def tensor(values: Any) -> Tensor:
    """Numbers of a case, in double precision."""
    return torch.tensor(values, dtype=DOUBLE)


def mlp(inputs: int, first: int, second: int) -> Layers:
    """layer1, ReLU, layer2, ReLU."""
    return Layers(second, [{"layer1": nn.Linear(inputs, first)}, {"layer2": nn.Linear(first, second)}])


def plain(width: int) -> Layers:
    """Features that are the inputs themselves."""
    return Layers(width, [{}])


def model_of(encoders: Mapping[str, Encoder], classes: int) -> Model:
    """The product's network with its fusion by concatenation, in double precision."""
    fusion = Concat({m: e.width for m, e in encoders.items()}, classes, Settings())
    return Model(encoders, fusion).double()


def names_of(model: Model, heads: Mapping[str, nn.Module] | None = None) -> dict[str, Tensor]:
    """Parameters and running statistics by the names cases use: `audio.layer1.weight`, `head.bias`."""
    encoders = {m: cast("nn.Module", e.named) for m, e in model.encoders.items()}
    parts = {**encoders, "head": cast("nn.Module", model.fusion.head), **(heads or {})}
    return {f"{part}.{name}": value for part, m in parts.items() for name, value in state_of(m).items()}


def state_of(module: nn.Module) -> dict[str, Tensor]:
    """A module's parameters and buffers, the live ones."""
    return {**dict(module.named_parameters()), **dict(module.named_buffers())}


@torch.no_grad()
def put(named: Mapping[str, Tensor], values: Mapping[str, Any]) -> None:
    """Give parameters a case's values."""
    for name, value in values.items():
        named[name].copy_(tensor(value))


def step_of(model: Model, strategy: Strategy, inputs: Mapping[str, Any], labels: Any, **more: Any) -> Step:
    """A step of this batch, with SGD by the case's settings `lr`, `momentum`, `weight_decay`."""
    made = {"inputs": {m: tensor(x) for m, x in inputs.items()}, "target": torch.tensor(labels)}
    optimizer = more.pop("optimizer", None) or sgd(model, strategy, {})
    precision = Precision("float32", CPU)
    return Step(model=model, optimizer=optimizer, precision=precision, **made, **{"epoch": 0, **more})


def sgd(model: Model, strategy: Strategy, settings: Mapping[str, Any]) -> torch.optim.SGD:
    """The case's optimizer."""
    given = {k: settings[k] for k in ("lr", "momentum", "weight_decay") if k in settings}
    parameters = [p for p in nn.ModuleList([model, strategy]).parameters() if p.requires_grad]
    return torch.optim.SGD(parameters, **{"lr": 0.1, **given})


def gradients_of(named: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The gradients that an optimizer got, by name."""
    return {name: value.grad for name, value in named.items() if value.grad is not None}


def each(figure: str, ours: Mapping[str, Any], theirs: Mapping[str, Any], allowed: float) -> list[Difference]:
    """One comparison for each entry, relative to its largest; two without any number are equal."""
    compared = []
    for name, value in theirs.items():
        own, given = np.asarray(_plain(ours[name])), np.asarray(value)
        given = given.reshape(own.shape) if given.size == own.size == 0 else given
        compared.append(relative(f"{figure} {name}", own, given, allowed))
    return compared


def _plain(value: Any) -> Any:
    return value.detach().numpy() if isinstance(value, Tensor) else value
