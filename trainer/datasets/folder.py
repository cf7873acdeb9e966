"""Your own files: a folder per class, a file per modality. Letters: N examples, F bins, T frames, E edge."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor
from typing_extensions import override

from rhoscope.errors import InvalidInput
from rhoscope.samples import Part
from rhoscope.settings import setting
from trainer.dataset import Dataset, FromFolder, Held, Modality, Split, refusal
from trainer.prepare.enough import PARTS, counts, layout_problem, size_problem
from trainer.prepare.examples import Collection, Example, collect, summary
from trainer.prepare.reader import Arrays, Findings, Reader, glance
from trainer.prepare.sound import Spectrogram
from trainer.prepare.source import ranked
from trainer.prepare.texts import WORDS

RATE = 16_000
EDGE = 64


class FolderSettings(FromFolder):
    """Settings of the folder data set."""

    thumbnail: int = setting(EDGE, "Edge length of the resized pictures, in pixels.", ge=8, le=1024)
    incomplete: bool = setting(
        False,
        "Also train on examples that lack the file of a modality. Then every modality counts that more than "
        "a tenth of the examples have.",
    )
    seconds: float = setting(2.0, "Length in seconds to which recordings are repeated or cut.", gt=0, le=600)


class Folder(Dataset):
    """Your own examples: class/name.wav, class/name.jpg and class/name.txt in a folder; any two will do.

    A modality is what more than half of the examples have. Examples that lack one, or can't be read, are left
    out, and the run says which and why; where they may be incomplete, those that lack one stay. Seven tenths
    of each class train; which they are depends on nothing but their names. Everything is held in memory.
    """

    title: ClassVar[str] = "Your own folder"
    incomplete: ClassVar[bool | str] = "incomplete"
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
        self._findings = Findings()
        try:
            self._there: Collection = collect(self._folder, incomplete=settings.incomplete)
        except OSError as error:
            raise self._refusal(f"{error.filename} can't be listed: {error.strerror}") from error
        self.classes = tuple(self._there.examples)
        if problem := layout_problem(self._folder, self._there):
            raise self._refusal(problem)
        self.modalities = {m: self._shapes()[m] for m in self._there.modalities}
        self._check_sizes(counts(self._there.examples))

    @cached_property
    def _files(self) -> dict[str, Example]:
        """Every example by its name."""
        return {example.key: example for these in self._there.examples.values() for example in these}

    @cached_property
    def _reader(self) -> Reader:
        return Reader(self._hearing, self.settings.thumbnail, self._there)

    def load(self) -> dict[str, Split]:
        """Raises: InvalidInput, when a class has too few whole examples left; says why the others are not."""
        self._findings = Findings()
        arrays: dict[str, Arrays] = {}
        left: dict[str, list[Example]] = {label: [] for label in self.classes}
        for label, examples in self._there.examples.items():
            for example in sorted(examples, key=lambda one: one.name):
                if (read := self._reader.read(example, self._findings)) is not None:
                    arrays[example.key] = read
                    left[label].append(example)
        self._check_sizes(counts(left))
        where = {key: part for examples in left.values() for key, part in _parts(examples).items()}
        every = [(example, self.classes.index(label)) for label, these in left.items() for example in these]
        return {
            part: self._split([(arrays[e.key], number, e) for e, number in every if where[e.key] == part])
            for part in PARTS
        }

    @override
    def glance(self, seconds: float) -> int:
        """Raises: InvalidInput, when too few examples of a class are left."""
        self._findings = glance(self._reader, self._there, seconds)
        lost = [omission.label for omission in self._findings.omissions]
        self._check_sizes({label: n - lost.count(label) for label, n in counts(self._there.examples).items()})
        return self._findings.read

    def most_training(self) -> int:
        """Those whose names are whole, whether or not their files can be read."""
        parts = [part for these in self._there.examples.values() for part in _parts(these).values()]
        return parts.count("train")

    def remarks(self) -> tuple[str, ...]:
        """The examples left out, with reasons, and the files not read."""
        omissions = [*self._there.omissions, *self._findings.omissions]
        verb = "example is" if len(omissions) == 1 else "examples are"
        left_out = (f"{len(omissions)} {verb} left out: {summary(omissions)}.",) if omissions else ()
        return (*left_out, *self._lacking(), *self._findings.remarks(), *self._there.remarks)

    def _lacking(self) -> tuple[str, ...]:
        """How many examples lack which modality, in one sentence."""
        every = [example for these in self._there.examples.values() for example in these]
        lacks = {m: sum(m not in example.files for example in every) for m in self.modalities}
        said = ", ".join(f"{n} lack {m}" for m, n in lacks.items() if n)
        return (f"Of {len(every)} examples {said}: they are trained on what they have.",) if said else ()

    def _refusal(self, message: str) -> InvalidInput:
        return refusal("folder", self.settings.folder, message + self.settings.start())

    def _check_sizes(self, whole: Mapping[str, int]) -> None:
        """Raises: InvalidInput, when a class has too few examples for three splits; with the reasons."""
        omissions = [*self._there.omissions, *self._findings.omissions]
        if problem := size_problem(self._there, whole, omissions, self._findings.remarks()):
            raise self._refusal(problem)

    def _shapes(self) -> dict[str, Modality]:
        edge = self.settings.thumbnail
        shapes = {"audio": (1, *self._hearing.shape), "visual": (3, edge, edge), "text": (WORDS,)}
        return {m: Modality(shapes[m], facts.encoder) for m, facts in type(self).modalities.items()}

    @override
    def preview(self, split: Split, row: int) -> Sequence[Part]:
        """Its files themselves: the picture, the sound's first seconds, the text."""
        return self._reader.preview(self._files[split.name(row)])

    def _split(self, examples: Sequence[tuple[Arrays, int, Example]]) -> Split:
        nothing = {m: np.zeros(facts.shape, np.float32) for m, facts in self.modalities.items()}
        inputs: dict[str, Tensor] = {
            m: torch.from_numpy(np.stack([arrays.get(m, nothing[m]) for arrays, *_ in examples]))
            for m in self.modalities
        }
        present = {m: torch.tensor([m in arrays for arrays, *_ in examples]) for m in self.modalities}
        target = torch.tensor([number for _, number, _ in examples])
        return Held(inputs, target, present, [example.key for *_, example in examples])


def _parts(examples: Sequence[Example]) -> dict[str, str]:
    """The split of each example of one class, by its key."""
    return ranked((example.key for example in examples), PARTS)
