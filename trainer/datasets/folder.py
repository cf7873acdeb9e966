"""Your own files: a folder per class, a file per modality. Letters: N examples, F bins, T frames, E edge."""

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import ClassVar
from zlib import crc32

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from rhoscope.errors import InvalidInput
from rhoscope.settings import setting
from trainer.dataset import Dataset, FromFolder, Held, Modality, Split, refusal
from trainer.prepare.examples import ENDINGS, Collection, Example, Omission, collect, few, summary
from trainer.prepare.media import Unreadable, read_picture, read_sound, read_text
from trainer.prepare.sound import Spectrogram
from trainer.prepare.source import ranked

PARTS = {"train": 0.7, "validation": 0.15, "test": 0.15}
FEWEST = 6
"""Examples of a class of which each split gets one."""
RATE = 16_000
WORDS = 512
EDGE = 64

Arrays = dict[str, NDArray[np.float32]]


class FolderSettings(FromFolder):
    """Settings of the folder data set."""

    thumbnail: int = setting(EDGE, "Edge length of the resized pictures, in pixels.", ge=8, le=1024)
    seconds: float = setting(2.0, "Length in seconds to which recordings are repeated or cut.", gt=0, le=600)


class Folder(Dataset):
    """Your own examples: class/name.wav, class/name.jpg and class/name.txt in a folder; any two will do.

    A modality is what more than half of the examples have. Examples that lack one, or can't be read, are left
    out, and the run says which and why. Seven tenths of each class train; which they are depends on nothing
    but their names. Everything is held in memory.
    """

    title: ClassVar[str] = "Your own folder"
    Settings = FolderSettings
    settings: FolderSettings
    modalities: Mapping[str, Modality] = {
        "audio": Modality((1, 257, 126), "convolutional"),
        "visual": Modality((3, EDGE, EDGE), "convolutional"),
        "text": Modality((WORDS,), "mlp"),
    }
    classes: tuple[str, ...] = ()

    def __init__(self, settings: FolderSettings) -> None:
        super().__init__(settings)
        self._folder = settings.existing("folder")
        self._hearing = Spectrogram(RATE, settings.seconds, 512, 256)
        try:
            self._there = collect(self._folder)
        except OSError as error:
            raise self._refusal(f"{error.filename} can't be listed: {error.strerror}") from error
        self.classes = tuple(self._there.examples)
        self._check_layout(self._there)
        self.modalities = {m: self._shapes()[m] for m in self._there.modalities}
        self._unreadable: list[Omission] = []
        self._check_sizes(self._there.examples)

    def load(self) -> dict[str, Split]:
        """Raises: InvalidInput, when a class has too few whole examples left; says why the others are not."""
        self._unreadable.clear()
        arrays: dict[str, Arrays] = {}
        left: dict[str, list[Example]] = {label: [] for label in self.classes}
        for label, examples in self._there.examples.items():
            for example in sorted(examples, key=lambda one: one.name):
                if (read := self._read(example)) is not None:
                    arrays[example.key] = read
                    left[label].append(example)
        self._check_sizes(left)
        where = {key: part for examples in left.values() for key, part in _parts(examples).items()}
        every = [(example, self.classes.index(label)) for label, these in left.items() for example in these]
        return {
            part: self._split([(arrays[e.key], number) for e, number in every if where[e.key] == part])
            for part in PARTS
        }

    def most_training(self) -> int:
        """Those whose names are whole, whether or not their files can be read."""
        parts = [part for these in self._there.examples.values() for part in _parts(these).values()]
        return parts.count("train")

    def remarks(self) -> tuple[str, ...]:
        """The examples left out, with reasons, and the files not read."""
        omissions = self._omissions()
        if not omissions:
            return tuple(self._there.remarks)
        verb = "example is" if len(omissions) == 1 else "examples are"
        return (f"{len(omissions)} {verb} left out: {summary(omissions)}.", *self._there.remarks)

    def _omissions(self) -> list[Omission]:
        return [*self._there.omissions, *self._unreadable]

    def _refusal(self, message: str) -> InvalidInput:
        return refusal("folder", self.settings.folder, message)

    def _check_layout(self, there: Collection) -> None:
        """Raises: InvalidInput, unless there are files of at least two classes."""
        remarks = _joined(there.remarks)
        if there.nested and not there.examples:
            raise self._refusal(
                f"the class folders in {self._folder} hold folders and no files ({few(there.nested)}); name "
                "the folder that holds a folder for each class, with the files right in it"
            )
        if len(there.classes) < 2 or len(there.examples) == 1:
            raise self._refusal(
                f"{self._folder} should hold a folder for each of at least 2 classes; found "
                f"{few(self.classes or there.classes) or 'none'}{remarks}"
            )
        if not there.modalities:
            endings = ", ".join(ending for group in ENDINGS.values() for ending in group)
            raise self._refusal(
                f"no class has a file with one of {endings} for most of its examples in "
                f"{self._folder}{remarks}"
            )

    def _check_sizes(self, whole: Mapping[str, Sequence[Example]]) -> None:
        """Raises: InvalidInput, when a class has too few examples for three splits; with the reasons."""
        small = [label for label, examples in whole.items() if len(examples) < FEWEST]
        if not small:
            return
        label, size = small[0], self._there.sizes[small[0]]
        message = (
            f"class {label} has too few whole examples: {len(whole[label])} of {size}, where a train, a "
            f"validation and a test split need at least {FEWEST}"
        )
        if reasons := summary([one for one in self._omissions() if one.label == label]):
            message += f"; left out are {reasons}"
        if small[1:]:
            message += f"; the same holds for {few(small[1:])}"
        raise self._refusal(
            message + "".join(f". {remark.removesuffix('.')}" for remark in self._there.remarks)
        )

    def _shapes(self) -> dict[str, Modality]:
        edge = self.settings.thumbnail
        shapes = {"audio": (1, *self._hearing.shape), "visual": (3, edge, edge), "text": (WORDS,)}
        return {m: Modality(shapes[m], facts.encoder) for m, facts in type(self).modalities.items()}

    def _read(self, example: Example) -> Arrays | None:
        """An example's arrays; None when one of its files can't be read, which is noted."""
        read: dict[str, Callable[[Path], NDArray[np.float32]]] = {
            "audio": lambda path: self._hearing(read_sound(path, RATE, end=self.settings.seconds).samples)[
                None
            ],
            "visual": lambda path: read_picture(path, self.settings.thumbnail),
            "text": lambda path: words(read_text(path)),
        }
        arrays: Arrays = {}
        for modality, path in example.files.items():
            try:
                arrays[modality] = read[modality](path)
            except Unreadable as error:
                name = f"{example.label}/{path.name}"
                self._unreadable.append(Omission(example.label, name, f"unreadable: {error}"))
                return None
        return arrays

    def _split(self, examples: Sequence[tuple[Arrays, int]]) -> Split:
        inputs: dict[str, Tensor] = {
            m: torch.from_numpy(np.stack([arrays[m] for arrays, _ in examples])) for m in self.modalities
        }
        return Held(inputs, torch.tensor([number for _, number in examples]))


def _joined(remarks: Sequence[str]) -> str:
    """Sentences as they go on another one that has no full stop yet."""
    return "".join(f". {remark.removesuffix('.')}" for remark in remarks)


def _parts(examples: Sequence[Example]) -> dict[str, str]:
    """The split of each example of one class, by its key."""
    return ranked((example.key for example in examples), PARTS)


def words(text: str) -> NDArray[np.float32]:
    """How often each word comes, log(1 + n), in 512 places that a hash gives them.

    >>> int((words("the cat and the hat") > 0).sum())
    4
    """
    counts = np.zeros(WORDS, np.float32)
    for word in re.findall(r"\w+", text.lower()):
        counts[crc32(word.encode()) % WORDS] += 1
    return np.log1p(counts)
