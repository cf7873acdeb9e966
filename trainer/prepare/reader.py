"""Examples of one's own as arrays, and what is odd about their files. Letters: F bins, T frames, E edge."""

import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import chain, zip_longest
from pathlib import Path
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from rhoscope.samples import Part
from trainer import preview
from trainer.prepare import texts
from trainer.prepare.examples import Collection, Example, Omission, summary
from trainer.prepare.files import Unreadable
from trainer.prepare.media import read_sound
from trainer.prepare.pictures import read_picture
from trainer.prepare.sound import Spectrogram

Arrays = dict[str, NDArray[np.float32]]
UNICODE = ("utf-8", "utf-8-sig", "utf-16", "utf-32")
"""Encodings that nobody has to guess."""
SILENCE = 1e-4
"""Largest sample, in shares of full scale, of what nobody hears: -80 dB."""
OVERFULL = 2.0
"""Largest sample from which on clipping is no matter of a few peaks."""
SILENT = "with nothing to hear in it: silence, or channels that cancel each other out"
LOUD = "with samples far beyond -1 to 1, which are clipped; divide them by their range"
READERS = 4
"""Threads of a glance; decoders let go of the interpreter."""


@dataclass
class Findings:
    """Oddities of the files of a folder, noticed while reading them."""

    read: int = 0
    of: int = 0
    omissions: list[Omission] = field(default_factory=list)
    notes: list[Omission] = field(default_factory=list)
    """What was done to files that are read; of the same kind as what is left out."""

    def remarks(self) -> tuple[str, ...]:
        """Changes to files that are read, in one sentence."""
        return (f"Noticed while reading: {summary(self.notes)}.",) if self.notes else ()


class Reader:
    """Reads examples as one data set sees them: sound by its hearing, pictures of one edge, 512 words."""

    def __init__(self, hearing: Spectrogram, edge: int, there: Collection) -> None:
        self._hearing = hearing
        self._edge = edge
        examples = chain.from_iterable(there.examples.values())
        self._encoding = texts.shared_encoding(e.files["text"] for e in examples if "text" in e.files)

    def read(self, example: Example, findings: Findings) -> Arrays | None:
        """An example's arrays by modality: audio [1, F, T], visual [3, E, E], text [512].

        None when one of its files can't be read, which is noted.
        """
        read: Mapping[str, Callable[[Path], tuple[NDArray[np.float32], tuple[str, ...]]]] = {
            "audio": self._hear,
            "visual": self._see,
            "text": self._spell,
        }
        arrays: Arrays = {}
        for modality, path in example.files.items():
            name = f"{example.label}/{path.name}"
            try:
                arrays[modality], notes = read[modality](path)
            except Unreadable as error:
                findings.omissions.append(Omission(example.label, name, f"unreadable: {error}"))
                return None
            findings.notes += [Omission(example.label, name, note) for note in notes]
        return arrays

    def preview(self, example: Example) -> list[Part]:
        """How an example's files are shown. Raises: Unreadable."""
        read: Mapping[str, Callable[[Path], Part]] = {
            "audio": lambda path: preview.sound("audio", self._sound(path)),
            "visual": lambda path: preview.drawing("visual", Image.fromarray(self._pixels(path))),
            "text": lambda path: preview.text("text", texts.read_text(path, self._encoding)[0]),
        }
        return [read[m](path) for m, path in example.files.items()]

    def _sound(self, path: Path) -> NDArray[np.float32]:
        return read_sound(path, preview.RATE, end=min(preview.SECONDS, self._hearing.seconds)).samples

    def _pixels(self, path: Path) -> NDArray[np.uint8]:
        pixels = read_picture(path, preview.EDGE).pixels.transpose(1, 2, 0)
        return ((pixels + 1) * 127.5).round().astype(np.uint8)

    def _hear(self, path: Path) -> tuple[NDArray[np.float32], tuple[str, ...]]:
        samples = read_sound(path, self._hearing.rate, end=self._hearing.seconds).samples
        loudest = float(np.abs(samples).max())
        notes = [SILENT] if loudest < SILENCE else [LOUD] if loudest > OVERFULL else []
        return self._hearing(samples)[None], tuple(notes)

    def _see(self, path: Path) -> tuple[NDArray[np.float32], tuple[str, ...]]:
        picture = read_picture(path, self._edge)
        return picture.pixels, picture.notes

    def _spell(self, path: Path) -> tuple[NDArray[np.float32], tuple[str, ...]]:
        text, encoding = texts.read_text(path, self._encoding)
        notes = () if encoding in UNICODE else (f"taken for a text in {encoding}",)
        return texts.words(text), notes


def glance(reader: Reader, there: Collection, seconds: float) -> Findings:
    """Read as many examples as there is time for, of all classes alike, in an order that means nothing."""
    findings = Findings(of=sum(map(len, there.examples.values())))
    until = time.monotonic() + seconds
    waiting = _mixed(there)

    def work() -> None:
        for example in iter(lambda: next(waiting, None), None):
            reader.read(example, findings)
            findings.read += 1
            if time.monotonic() > until:
                return

    with ThreadPoolExecutor(READERS, thread_name_prefix="glance") as pool:
        for future in [pool.submit(work) for _ in range(READERS)]:
            future.result()
    for by_thread in (findings.omissions, findings.notes):
        by_thread.sort(key=lambda one: (one.label, one.name))
    return findings


def _mixed(there: Collection) -> Iterator[Example]:
    ordered = [sorted(these, key=lambda one: crc32(one.key.encode())) for these in there.examples.values()]
    return filter(None, chain.from_iterable(zip_longest(*ordered)))
