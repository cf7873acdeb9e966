"""What a data set is: examples of several modalities in three splits that share nothing."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor

from rhoscope import settings as declared


@dataclass(frozen=True)
class Modality:
    """Shape of one example's input, and the encoder it gets unless the user names another."""

    shape: tuple[int, ...]
    encoder: str


def order(seed: int, epoch: int, examples: int) -> Tensor:
    """The epoch's order of examples int64 [examples]: the same whenever and wherever it is asked for."""
    mixed = int(np.random.SeedSequence([seed, epoch]).generate_state(1, np.uint64)[0] >> 1)
    return torch.randperm(examples, generator=torch.Generator().manual_seed(mixed))


class Split:
    """Examples held in memory: `inputs` [N, *shape] by modality and classes `target` int64 [N]."""

    def __init__(self, inputs: Mapping[str, Tensor], target: Tensor) -> None:
        self.inputs = dict(inputs)
        self.target = target

    def __len__(self) -> int:
        return len(self.target)

    def __add__(self, other: "Split") -> "Split":
        """The examples of both."""
        inputs = {m: torch.cat([x, other.inputs[m]]) for m, x in self.inputs.items()}
        return Split(inputs, torch.cat([self.target, other.target]))

    def only(self, modalities: Sequence[str]) -> "Split":
        """The same examples without the other modalities."""
        return Split({m: self.inputs[m] for m in modalities}, self.target)

    def to(self, device: torch.device) -> "Split":
        """The same examples on a device, where batches are then gathered."""
        return Split({m: x.to(device) for m, x in self.inputs.items()}, self.target.to(device))

    def batch(self, index: Tensor) -> tuple[dict[str, Tensor], Tensor]:
        """Inputs [B, *shape] by modality and target [B] of the examples `index` int64 [B]."""
        inputs = {m: x.index_select(0, index) for m, x in self.inputs.items()}
        return inputs, self.target.index_select(0, index)


class Dataset(ABC):
    """Base of all data sets; a subclass fills the facts and overrides `load`.

    Modalities may depend on settings; then the class lists all it can have and the object those it has.
    Its docstring is its help text.
    """

    title: ClassVar[str]
    paper: ClassVar[str] = ""
    Settings: ClassVar[type[declared.Settings]] = declared.Settings
    modalities: Mapping[str, Modality]
    classes: tuple[str, ...]
    validation: ClassVar[bool] = True
    """Whether the validation split holds anything: an ability that strategies may require."""

    train_size: ClassVar[int | str]
    """Number of training examples, or the name of the setting that gives it."""

    def __init__(self, settings: declared.Settings) -> None:
        self.settings = settings

    @abstractmethod
    def load(self) -> dict[str, Split]:
        """Splits `train`, `validation` and `test`; the same at every call with the same settings."""
