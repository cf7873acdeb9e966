"""The interface of stand-ins for "this modality alone". Letters: N samples, D features, M modalities."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from rhoscope.torch.task import Scored

FOLDER = "rhoscope.torch.alone"
Features = Mapping[str, Tensor]


@dataclass(frozen=True)
class Material:
    """The first batch, by which a stand-in is chosen and made.

    `entered`: arguments that the head was called with, positional ones and named ones, if a hook saw them;
    `mean`: an absent modality is replaced by its batch mean, not by zeros; `classes`: number of outputs, 0
    where nobody said it; `say` takes a sentence that explains why something does not fit.
    """

    task: Scored
    features: Features
    target: Tensor
    head: nn.Module | None
    entered: tuple[tuple[Any, ...], dict[str, Any]] | None
    logits: Tensor | None
    mean: bool
    classes: int
    say: Callable[[str], None]


class StandIn(ABC):
    """One way to see a modality alone; a file in `rhoscope/torch/alone` with an `ALONE`.

    `rank`: where nobody chose, ways are tried in this order; one without a rank is never tried unasked.
    """

    name: ClassVar[str]
    way: ClassVar[str]
    """The end of a sentence that begins with "Scored by"."""
    rank: ClassVar[int | None] = None

    most: ClassVar[int | None] = None
    """How many modalities it can do, where there is a limit."""
    joined: Tensor | None = None
    """The head's only input in this pass, where it is known."""

    @classmethod
    @abstractmethod
    def of(cls, material: Material) -> "StandIn | None":
        """The stand-in for this network, None where it does not fit. Waits for the device.

        Raises:
            ValueError: with the reason, where it was asked for and can't be had.
        """

    @abstractmethod
    def __call__(self, features: Features, target: Tensor) -> dict[str, Tensor] | Tensor:
        """Predictions of each modality alone [N, ...], without gradient; side by side, where they are so."""

    def state_dict(self) -> dict[str, Any]:
        """The state of what it learns."""
        return {}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:  # noqa: B027 -- most learn nothing
        """Go on from there."""


def pooled(features: Tensor) -> Tensor:
    """Features as [N, D]: the mean over all places of a map [N, D, ...] or tokens [N, T, D]."""
    if features.ndim <= 2:
        return features.reshape(len(features), -1)
    return features.mean(1) if features.ndim == 3 else features.flatten(2).mean(2)


def absent(features: Tensor, *, mean: bool) -> Tensor:
    """The replacement of features [N, ...] that are taken away."""
    return features.mean(0, keepdim=True).expand_as(features) if mean else torch.zeros_like(features)


@contextmanager
def quiet(module: nn.Module) -> Iterator[None]:
    """Evaluation mode for a while: no dropout is drawn, and no running statistics move."""
    training = [part for part in module.modules() if part.training]
    for part in training:
        part.training = False
    try:
        yield
    finally:
        for part in training:
            part.training = True


def mixed(features: Iterable[Tensor]) -> torch.autocast:
    """Mixed precision, where features came out of it: the loop has left it when a batch is observed."""
    halves = [f for f in features if f.dtype in (torch.float16, torch.bfloat16)]
    device = halves[0].device.type if halves else "cpu"
    kind = halves[0].dtype if halves else torch.bfloat16
    return torch.autocast(device, kind, enabled=bool(halves))


@cache
def stand_ins() -> Mapping[str, type[StandIn]]:
    """Every file of the folder, by its stand-in's name.

    Raises:
        AttributeError: for a file without an `ALONE`.
    """
    files = [module.name for module in iter_modules(import_module(FOLDER).__path__)]
    each: list[type[StandIn]] = [import_module(f"{FOLDER}.{name}").ALONE for name in files]
    return {one.name: one for one in each}
