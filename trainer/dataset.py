"""Data sets: examples of several modalities in three disjoint splits."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor

from rhoscope.environment import Environment
from rhoscope.errors import InvalidInput
from rhoscope.samples import Part
from rhoscope.settings import Settings as PluginSettings
from rhoscope.settings import setting
from rhoscope.torch.presence import presence_of
from trainer.preview import derived
from trainer.split import Batch, Held, Split

__all__ = ["Batch", "Dataset", "FromFolder", "Held", "Modality", "Split", "order", "refusal"]


@dataclass(frozen=True)
class Modality:
    """Shape of one example's input, and the encoder it gets unless the user names another."""

    shape: tuple[int, ...]
    encoder: str


def order(seed: int, epoch: int, examples: int) -> Tensor:
    """The epoch's order of examples int64 [examples]: the same whenever and wherever it is asked for."""
    mixed = int(np.random.SeedSequence([seed, epoch]).generate_state(1, np.uint64)[0] >> 1)
    return torch.randperm(examples, generator=torch.Generator().manual_seed(mixed))


SHOWN = 200
"""Characters of a folder's name in a message."""


class FromFolder(PluginSettings):
    """Location of a data set that does not come with the program."""

    folder: str = setting(
        "",
        "Path of the data on the worker; empty: datasets/NAME in the worker's data directory.",
        essential=True,
    )

    def place(self, name: str) -> Path:
        """The folder, absolute, of the data set of that name. Raises: InvalidInput, for `~nobody`."""
        if not self.folder:
            return Environment.load().data_dir.absolute() / "datasets" / name
        try:
            return Path(self.folder).expanduser().absolute()
        except RuntimeError as error:
            message = f"{self.folder!r} can't be resolved: {error}"
            raise refusal("folder", self.folder, message) from error

    def start(self) -> str:
        """The directory that a relative name starts at, to end a sentence; empty where it is absolute."""
        if not self.folder or self.folder.startswith(("/", "~")):
            return ""
        return f"; a relative name starts at the worker's directory, {Path.cwd()}"

    def existing(self, name: str) -> Path:
        """As `place`, of a folder that can be read. Raises: InvalidInput, when it can't or is not there."""
        place = self.place(name)
        try:
            next(place.iterdir(), None)
        except (OSError, ValueError) as error:
            reason = _why_not(place, error)
            reason += self.start() if self.folder else "; set 'folder' to the path of the data"
            raise refusal("folder", self.folder, reason) from error
        return place


def _why_not(place: Path, error: OSError | ValueError) -> str:
    """Why a folder can't be read, in one clause."""
    name = str(place) if len(str(place)) <= SHOWN else f"{str(place)[:SHOWN]}..."
    if isinstance(error, FileNotFoundError):
        return f"there is no folder {name} where the worker looks"
    if isinstance(error, NotADirectoryError):
        return f"{name} is a file; the folder that holds the data is expected"
    return f"the folder {name} can't be read: {getattr(error, 'strerror', None) or error}"


def refusal(field: str, value: object, message: str) -> InvalidInput:
    """That a setting of a data set does not fit."""
    return InvalidInput.field(field, message, value)


class Dataset(ABC):
    """Base of all data sets; a subclass fills the facts and overrides `load`.

    Modalities may depend on settings or files; then the class lists all it can have and the object, once it
    is made, those it has. Its constructor looks at names only and is quick; `load` reads. Its docstring is
    its help text.
    """

    title: ClassVar[str]
    paper: ClassVar[str] = ""
    fidelity: ClassVar[str] = ""
    """Comparison of its examples with those of the authors' program, where they may differ."""
    Settings: ClassVar[type[PluginSettings]] = PluginSettings
    modalities: Mapping[str, Modality]
    classes: tuple[str, ...]
    validation: ClassVar[bool] = True
    """Whether the validation split holds anything: an ability that strategies may require."""

    train_size: ClassVar[int | str | None] = None
    """Number of training examples, or the name of the setting that gives it; None: nobody knows before."""

    segments: ClassVar[int] = 1
    """Parts of an example that have a class each."""

    embedded: ClassVar[bool] = False
    """Whether it is real and comes with the program, so that every experiment can be repeated on it."""

    incomplete: ClassVar[bool | str] = False
    """Whether examples may lack a modality, or the name of the setting that says so when it is not 0."""

    def __init__(self, settings: PluginSettings) -> None:
        self.settings = settings

    @property
    def may_lack(self) -> bool:
        """Whether an example may lack a modality with these settings."""
        named = self.incomplete
        return bool(getattr(self.settings, named) if isinstance(named, str) else named)

    @classmethod
    def varies(cls) -> bool:
        """Whether what an object has depends on its settings or files, so that inspecting it yields more."""
        return cls.__init__ is not Dataset.__init__ or issubclass(cls.Settings, FromFolder)

    def most_training(self) -> int | None:
        """How many training examples there are at most, before anything was read; None: nobody knows."""
        return None

    @abstractmethod
    def load(self) -> dict[str, Split]:
        """Splits `train`, `validation` and `test`; the same at every call with the same settings.

        Raises:
            InvalidInput: when its files are not there or not what they should be.
        """

    def preview(self, split: Split, row: int) -> Sequence[Part]:
        """How the example of this number in a split is shown, a part per modality that it has.

        Here what the shapes of its inputs suggest. May be slow: it is called for at most 200 examples, once a
        run. What can't be read may raise; the example then has none.
        """
        inputs, _ = next(split.batches([torch.tensor([row])]))
        there = presence_of(inputs)
        having = [m for m in inputs if there is None or there.counts[m]]
        parts = (derived(m, inputs[m][0].float().cpu().numpy()) for m in having)
        return [part for part in parts if part is not None]

    def glance(self, seconds: float) -> int:  # noqa: ARG002  # those with files of one's own override it
        """Read some of the examples, for about that long, so that `remarks` can tell what is odd.

        How many were read.

        Raises:
            InvalidInput: when that already shows that it can't be trained on.
        """
        return 0

    def remarks(self) -> tuple[str, ...]:
        """Caveats about the data for readers of this run's results, one sentence each.

        Before `load` they rest on file names and a glance; after it they are complete.
        """
        return ()
