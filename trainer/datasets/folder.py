"""Your own files: a folder per class, a file per modality. Letters: N examples, F bins, T frames, E edge."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import ClassVar
from zlib import crc32

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from rhoscope.settings import setting
from trainer.dataset import Dataset, FromFolder, Held, Modality, Split, refusal
from trainer.prepare.media import Unreadable, read_sound
from trainer.prepare.sound import Spectrogram
from trainer.prepare.source import ranked

PARTS = {"train": 0.7, "validation": 0.15, "test": 0.15}
RATE = 16_000
WORDS = 512
EDGE = 64
ENDINGS = {"audio": (".wav", ".flac", ".mp3"), "visual": (".jpg", ".jpeg", ".png"), "text": (".txt",)}


class FolderSettings(FromFolder):
    """How files become arrays."""

    thumbnail: int = setting(EDGE, "Edge that pictures are resized to, pixels.", ge=8, le=1024)
    seconds: float = setting(2.0, "Recordings are repeated or cut to so many seconds.", gt=0, le=600)


class Folder(Dataset):
    """Your own examples: class/name.wav, class/name.jpg and class/name.txt in a folder; any two will do.

    Examples that lack a modality, or can't be read, are left out and counted. Seven tenths of each class
    train; which they are depends on nothing but their names. Everything is held in memory.
    """

    title: ClassVar[str] = "A folder of yours"
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
        self._folder = settings.place("folder")
        if not self._folder.is_dir():
            raise refusal("folder", settings.folder, f"there is no folder {self._folder}")
        self._hearing = Spectrogram(RATE, settings.seconds, 512, 256)
        self.classes = tuple(sorted(p.name for p in self._folder.iterdir() if p.is_dir()))
        if len(self.classes) < 2:
            message = (
                f"{self._folder} should hold a folder for each of at least 2 classes; found {self.classes}"
            )
            raise refusal("folder", settings.folder, message)
        self._files = {c: self._find(c) for c in self.classes}
        there = {m for files in self._files.values() for found in files.values() for m in found}
        self.modalities = {m: facts for m, facts in self._shapes().items() if m in there}
        if not self.modalities:
            endings = ", ".join(ending for group in ENDINGS.values() for ending in group)
            raise refusal("folder", settings.folder, f"no class has a file with one of {endings}")
        self._left_out: list[str] = []

    def load(self) -> dict[str, Split]:
        """Raises: InvalidInput, when a class has no whole example left for a split."""
        examples: dict[str, list[tuple[dict[str, NDArray[np.float32]], int]]] = {part: [] for part in PARTS}
        self._left_out.clear()
        for number, name in enumerate(self.classes):
            where = ranked((f"{name}/{example}" for example in self._files[name]), PARTS)
            for example, files in sorted(self._files[name].items()):
                arrays = self._arrays(f"{name}/{example}", files)
                if arrays:
                    examples[where[f"{name}/{example}"]].append((arrays, number))
        for part, found in examples.items():
            missing = [c for n, c in enumerate(self.classes) if all(n != number for _, number in found)]
            if missing:
                message = (
                    f"class {missing[0]} has too few whole examples for a {part} split; give it at least 7"
                )
                raise refusal("folder", self.settings.folder, message)
        return {part: self._split(found) for part, found in examples.items()}

    def remarks(self) -> tuple[str, ...]:
        if not self._left_out:
            return ()
        return (f"{len(self._left_out)} examples are left out: {'; '.join(self._left_out[:3])}.",)

    def _shapes(self) -> dict[str, Modality]:
        edge = self.settings.thumbnail
        shapes = {"audio": (1, *self._hearing.shape), "visual": (3, edge, edge), "text": (WORDS,)}
        return {m: Modality(shapes[m], facts.encoder) for m, facts in type(self).modalities.items()}

    def _find(self, name: str) -> dict[str, dict[str, Path]]:
        """Files by example and modality."""
        found: dict[str, dict[str, Path]] = {}
        for path in sorted((self._folder / name).iterdir()):
            for modality, endings in ENDINGS.items():
                if path.suffix.lower() in endings:
                    found.setdefault(path.stem, {})[modality] = path
        return found

    def _arrays(self, example: str, files: Mapping[str, Path]) -> dict[str, NDArray[np.float32]] | None:
        read: dict[str, Callable[[Path], NDArray[np.float32]]] = {
            "audio": lambda path: self._hearing(read_sound(path, RATE).samples)[None],
            "visual": lambda path: seen(path, self.settings.thumbnail),
            "text": lambda path: words(path.read_text(encoding="utf-8")),
        }
        try:
            return {m: read[m](files[m]) for m in self.modalities}
        except KeyError as missing:
            self._left_out.append(f"{example} has no {missing.args[0]}")
        except (Unreadable, OSError, UnicodeDecodeError) as error:
            self._left_out.append(f"{example} can't be read ({error})")
        return None

    def _split(self, examples: list[tuple[dict[str, NDArray[np.float32]], int]]) -> Split:
        inputs: dict[str, Tensor] = {
            m: torch.from_numpy(np.stack([arrays[m] for arrays, _ in examples])) for m in self.modalities
        }
        return Held(inputs, torch.tensor([number for _, number in examples]))


def seen(path: Path, edge: int) -> NDArray[np.float32]:
    """A picture as float32 [3, E, E] from -1 to 1."""
    with Image.open(path) as picture:
        small = picture.convert("RGB").resize((edge, edge), Image.Resampling.BILINEAR)
    return (np.asarray(small, np.float32) / 127.5 - 1).transpose(2, 0, 1)


def words(text: str) -> NDArray[np.float32]:
    """How often each word comes, log(1 + n), in 512 places that a hash gives them.

    >>> int((words("the cat and the hat") > 0).sum())
    4
    """
    counts = np.zeros(WORDS, np.float32)
    for word in re.findall(r"\w+", text.lower()):
        counts[crc32(word.encode()) % WORDS] += 1
    return np.log1p(counts)
