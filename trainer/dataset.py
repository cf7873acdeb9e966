"""Data sets: examples of several modalities in three disjoint splits."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor
from typing_extensions import override

from rhoscope.environment import Environment
from rhoscope.errors import InvalidInput
from rhoscope.settings import Settings as PluginSettings
from rhoscope.settings import setting
from rhoscope.torch.presence import Partial, Presence


@dataclass(frozen=True)
class Modality:
    """Shape of one example's input, and the encoder it gets unless the user names another."""

    shape: tuple[int, ...]
    encoder: str


def order(seed: int, epoch: int, examples: int) -> Tensor:
    """The epoch's order of examples int64 [examples]: the same whenever and wherever it is asked for."""
    mixed = int(np.random.SeedSequence([seed, epoch]).generate_state(1, np.uint64)[0] >> 1)
    return torch.randperm(examples, generator=torch.Generator().manual_seed(mixed))


Batch = tuple[dict[str, Tensor], Tensor]
"""Inputs [B, *shape] by modality and target [B], or [B · S] where an example is S segments.

Inputs of a split with a `present` are a `Partial`, which says what is missing.
"""


class Split(ABC):
    """Examples, in memory or on disk. `target` int64 [N] are their classes, those of segments [N · S]."""

    target: Tensor
    present: Mapping[str, Tensor] | None = None
    """Which examples have each modality, bool [N] on the host; None where all have all."""
    at_once: ClassVar[int] = 512
    """Examples of a batch where nobody says how many."""

    @abstractmethod
    def __len__(self) -> int:
        """Number of examples."""

    @abstractmethod
    def __add__(self, other: Any) -> "Split":
        """The examples of both, of one kind."""

    @abstractmethod
    def only(self, modalities: Sequence[str]) -> "Split":
        """The same examples without the other modalities."""

    @abstractmethod
    def to(self, device: torch.device) -> "Split":
        """The same examples, whose batches come on a device."""

    @abstractmethod
    def batches(self, indices: Sequence[Tensor], draw: tuple[int, int] | None = None) -> Iterator[Batch]:
        """The examples of each of `indices`, int64 [B] on the host.

        `draw` is seed and epoch of what is random about an example in training; without it nothing is. The
        same draw gives the same examples, however they are put into batches.
        """

    def presence(self, index: Tensor) -> Presence | None:
        """Which of the examples `index`, int64 [B] on the host, have which modality; None: all have all."""
        if self.present is None:
            return None
        return Presence({m: mask[index] for m, mask in self.present.items()}, self.target.device)


class Held(Split):
    """Examples held in memory: `inputs` [N, *shape] by modality and classes `target` int64 [N].

    `present` bool [N] by modality, where some examples lack some; their inputs may hold anything.
    """

    def __init__(
        self, inputs: Mapping[str, Tensor], target: Tensor, present: Mapping[str, Tensor] | None = None
    ) -> None:
        """Raises: InvalidInput, when an example has no modality at all."""
        self.inputs = dict(inputs)
        self.target = target
        self.present = _masks(self.inputs, target, present)

    @override
    def __len__(self) -> int:
        return len(self.target)

    @override
    def __add__(self, other: "Held") -> "Held":
        inputs = {m: torch.cat([x, other.inputs[m]]) for m, x in self.inputs.items()}
        target = torch.cat([self.target, other.target])
        if self.present is None and other.present is None:
            return Held(inputs, target)
        masks = {m: torch.cat([_mask(self, m), _mask(other, m)]) for m in self.inputs}
        return Held(inputs, target, masks)

    @override
    def only(self, modalities: Sequence[str]) -> "Held":
        """Examples that have none of these are left out."""
        inputs = {m: self.inputs[m] for m in modalities}
        if self.present is None:
            return Held(inputs, self.target)
        masks = {m: self.present[m] for m in modalities}
        some = torch.stack(list(masks.values())).any(0).nonzero().squeeze(1)
        there = some.to(self.target.device)
        kept = {m: x.index_select(0, there) for m, x in inputs.items()}
        return Held(kept, self.target.index_select(0, there), {m: mask[some] for m, mask in masks.items()})

    @override
    def to(self, device: torch.device) -> "Held":
        inputs = {m: x.to(device) for m, x in self.inputs.items()}
        return Held(inputs, self.target.to(device), self.present)

    @override
    def batches(self, indices: Sequence[Tensor], draw: tuple[int, int] | None = None) -> Iterator[Batch]:
        """All indices go to the device at once, so that no step waits for its own."""
        if not indices:
            return
        there = torch.cat(tuple(indices)).to(self.target.device)
        for own, index in zip(indices, torch.split(there, [len(index) for index in indices]), strict=True):
            inputs = {m: x.index_select(0, index) for m, x in self.inputs.items()}
            presence = self.presence(own)
            target = self.target.index_select(0, index)
            yield inputs if presence is None else Partial(inputs, presence), target


def _mask(split: Split, modality: str) -> Tensor:
    """Which examples have a modality, bool [N]."""
    return torch.ones(len(split), dtype=torch.bool) if split.present is None else split.present[modality]


def _masks(
    inputs: Mapping[str, Tensor], target: Tensor, present: Mapping[str, Tensor] | None
) -> dict[str, Tensor] | None:
    """The masks on the host, in the inputs' order; None where nothing is missing."""
    if present is None:
        return None
    masks = {m: present[m].to("cpu", torch.bool) for m in inputs}
    empty = ~torch.stack(list(masks.values())).any(0)
    if len(empty) != len(target):
        raise ValueError(
            f"`present` should have {len(target)} entries for each modality. Found {len(empty)}."
        )
    if empty.any():
        first, more = int(empty.nonzero()[0]), int(empty.sum()) - 1
        others = f" and {more} more" if more else ""
        raise InvalidInput(
            f"Example {first}{others} has no modality at all: leave it out, or give it one of "
            f"{', '.join(masks)}."
        )
    return None if all(bool(mask.all()) for mask in masks.values()) else masks


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
