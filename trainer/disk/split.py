"""Examples on disk, read by threads ahead of the training. Letters: B examples, T pictures, E edge.

Pictures travel as bytes and become numbers on the device: a quarter of the way's traffic.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor
from typing_extensions import override

from rhoscope.errors import Conflict, InvalidInput
from trainer.dataset import Batch, Split
from trainer.prepare import layout
from trainer.prepare.source import Clip

AHEAD = 3
"""Batches read ahead of the one that trains."""
MEAN, SPREAD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""ImageNet's, by color."""
AREA, ASPECT, TRIES = (0.08, 1.0), (3 / 4, 4 / 3), 10
"""Of a random crop: share of the picture's area, width over height, attempts before the middle is taken."""
AUDIO, VISUAL = "audio", "visual"


class Shelves:
    """The clips of a prepared folder, opened when first asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._manifest = layout.read_manifest(folder)
        self.classes = self._manifest.plan.classes

    @staticmethod
    def check(folder: Path, dataset: str, shape: tuple[int, ...]) -> None:
        """Raises: NotFound, Corrupt, Conflict, when that is not this data set, prepared as we read it."""
        plan = layout.read_manifest(folder).plan
        if plan.dataset != dataset or plan.shape != shape:
            raise Conflict(
                f"{folder} holds {plan.dataset} with sound of {plan.shape}, not {dataset} of {shape}."
            )

    @cached_property
    def _index(self) -> tuple[list[Clip], NDArray[np.int64], NDArray[np.int64]]:
        """Clips; shard and row of each [n, 2]; where each of its pictures begins and ends [n, T + 1]."""
        clips, places, ends = list[Clip](), list[tuple[int, int]](), list[NDArray[np.int64]]()
        for number in range(self._manifest.plan.shards):
            shard = layout.read_shard(self._folder, number)
            at = 0
            for row, kept in enumerate(shard.clips if shard else ()):
                clips.append(Clip(kept.id, kept.label, "", "", kept.group, kept.split))
                places.append((number, row))
                ends.append(at + np.concatenate([[0], np.cumsum(kept.pictures)]))
                at = int(ends[-1][-1])
        return clips, np.array(places), np.stack(ends)

    @property
    def clips(self) -> list[Clip]:
        """All clips, in the order of their rows; without their files' names."""
        return self._index[0]

    def sound(self, clip: int) -> NDArray[Any]:
        """A clip's stored sound as a view of the file: read only where it is indexed."""
        number, row = self._index[1][clip]
        sound: NDArray[Any] = self._array(int(number), "audio")[row]
        return sound

    def picture(self, clip: int, which: int) -> bytes:
        """One of a clip's pictures as JPEG."""
        ends = self._index[2][clip]
        blob = self._array(int(self._index[1][clip][0]), "pictures")
        return blob[ends[which] : ends[which + 1]].tobytes()

    @property
    def pictures(self) -> int:
        """Pictures stored of each clip."""
        return self._manifest.plan.pictures

    @cached_property
    def _open(self) -> dict[tuple[int, str], NDArray[Any]]:
        return {}

    def _array(self, number: int, kind: str) -> NDArray[Any]:
        if (number, kind) not in self._open:
            path = self._folder / f"{layout.stem(number)}.{kind}.npy"
            try:
                self._open[number, kind] = np.load(path, mmap_mode="r", allow_pickle=False)
            except (OSError, ValueError) as error:
                raise InvalidInput(
                    f"{path} can't be read ({error}); run rhoscope prepare --check for details."
                ) from error
        return self._open[number, kind]


@dataclass(frozen=True)
class Look:
    """The part of an example that is read."""

    frames: int
    edge: int
    heard: int | None
    frames_axis: int
    readers: int


class OnDisk(Split):
    """Some clips of a prepared folder."""

    at_once: ClassVar[int] = 64

    def __init__(
        self,
        shelves: Shelves,
        rows: Tensor,
        target: Tensor,
        look: Look,
        modalities: Sequence[str] = (AUDIO, VISUAL),
        device: torch.device | None = None,
    ) -> None:
        self._shelves = shelves
        self.rows = rows
        self._look = look
        self._modalities = tuple(modalities)
        self._device = device or torch.device("cpu")
        self.target = target.to(self._device)
        self._classes = target.cpu()

    @override
    def __len__(self) -> int:
        return len(self.rows)

    @override
    def name(self, row: int) -> str:
        return self._shelves.clips[int(self.rows[row])].id

    def shown(self, row: int) -> tuple[bytes, NDArray[Any]]:
        """An example's middle picture, as JPEG, and its stored sound."""
        clip = int(self.rows[row])
        return self._shelves.picture(clip, self._shelves.pictures // 2), self._shelves.sound(clip)

    @override
    def __add__(self, other: "OnDisk") -> "OnDisk":
        rows, target = torch.cat([self.rows, other.rows]), torch.cat([self._classes, other._classes])
        return OnDisk(self._shelves, rows, target, self._look, self._modalities, self._device)

    @override
    def only(self, modalities: Sequence[str]) -> "OnDisk":
        return OnDisk(self._shelves, self.rows, self._classes, self._look, modalities, self._device)

    @override
    def to(self, device: torch.device) -> "OnDisk":
        return OnDisk(self._shelves, self.rows, self._classes, self._look, self._modalities, device)

    @override
    def batches(self, indices: Sequence[Tensor], draw: tuple[int, int] | None = None) -> Iterator[Batch]:
        waiting = iter(indices)
        pool = ThreadPoolExecutor(self._look.readers, thread_name_prefix="reader")
        try:
            begun: deque[tuple[Tensor, list[Future[dict[str, NDArray[Any]]]]]] = deque()
            for index in islice(waiting, AHEAD):
                begun.append(self._begin(pool, index, draw))
            while begun:
                index, futures = begun.popleft()
                begun.extend(self._begin(pool, more, draw) for more in islice(waiting, 1))
                examples = [future.result() for future in futures]
                yield self._put_together(examples), self._sent(self._classes[index])
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    def _begin(
        self, pool: ThreadPoolExecutor, index: Tensor, draw: tuple[int, int] | None
    ) -> tuple[Tensor, list[Future[dict[str, NDArray[Any]]]]]:
        clips = [int(row) for row in self.rows[index]]
        return index, [pool.submit(self._example, clip, draw) for clip in clips]

    def _example(self, clip: int, draw: tuple[int, int] | None) -> dict[str, NDArray[Any]]:
        """One clip's inputs by modality; random cuts depend on seed, epoch and clip, and on nothing else."""
        chance = np.random.default_rng([*draw, clip]) if draw else None
        heard = self._hear(clip, chance)
        example = {AUDIO: heard} if AUDIO in self._modalities else {}
        return example | ({VISUAL: self._see(clip, chance)} if VISUAL in self._modalities else {})

    def _hear(self, clip: int, chance: Generator | None) -> NDArray[Any]:
        sound, axis = self._shelves.sound(clip), self._look.frames_axis
        length = self._look.heard or sound.shape[axis]
        spare = sound.shape[axis] - length
        start = spare // 2 if chance is None else int(chance.integers(spare + 1))
        cut = [slice(None)] * sound.ndim
        cut[axis] = slice(start, start + length)
        return np.array(sound[tuple(cut)])

    def _see(self, clip: int, chance: Generator | None) -> NDArray[np.uint8]:
        """Pictures uint8 [T, E, E, 3]."""
        shown = segments(self._shelves.pictures, self._look.frames, chance)
        views = []
        for which in shown:
            with Image.open(BytesIO(self._shelves.picture(clip, which))) as picture:
                views.append(view(picture, self._look.edge, chance))
        return np.stack(views)

    def _put_together(self, examples: Sequence[dict[str, NDArray[Any]]]) -> dict[str, Tensor]:
        inputs = {}
        for m in self._modalities:
            sent = self._sent(torch.from_numpy(np.stack([example[m] for example in examples])))
            inputs[m] = sent.float()[:, None] if m == AUDIO else normalized(sent)
        return inputs

    def _sent(self, values: Tensor) -> Tensor:
        if self._device.type != "cuda":
            return values.to(self._device)
        return values.pin_memory().to(self._device, non_blocking=True)


def segments(stored: int, parts: int, chance: Generator | None) -> list[int]:
    """Which of the stored pictures are seen: one from each of `parts` equal parts, drawn or its middle.

    >>> segments(10, 3, None), segments(1, 3, None)
    ([1, 5, 8], [0, 0, 0])
    """
    edges = np.linspace(0, stored, parts + 1)
    at = (edges[:-1] + edges[1:]) / 2 if chance is None else chance.uniform(edges[:-1], edges[1:])
    return [min(stored - 1, int(place)) for place in at]


def view(picture: Image.Image, edge: int, chance: Generator | None) -> NDArray[np.uint8]:
    """The picture as uint8 [E, E, 3]: whole, or a random crop of it that may be flipped."""
    box = (0, 0, *picture.size) if chance is None else crop(*picture.size, chance)
    seen = picture.convert("RGB").resize((edge, edge), Image.Resampling.BILINEAR, box=box)
    array = np.asarray(seen)
    return array[:, ::-1] if chance is not None and chance.random() < 0.5 else array


def crop(width: int, height: int, chance: Generator) -> tuple[int, int, int, int]:
    """A random crop's left, upper, right and lower edge: of 8 to 100 % of the area, 3:4 to 4:3."""
    for _ in range(TRIES):
        area = chance.uniform(*AREA) * width * height
        aspect = np.exp(chance.uniform(*np.log(ASPECT)))
        w, h = round(float(np.sqrt(area * aspect))), round(float(np.sqrt(area / aspect)))
        if 0 < w <= width and 0 < h <= height:
            left, upper = int(chance.integers(width - w + 1)), int(chance.integers(height - h + 1))
            return left, upper, left + w, upper + h
    w, h = min(width, round(height * ASPECT[1])), min(height, round(width / ASPECT[0]))
    left, upper = (width - w) // 2, (height - h) // 2
    return left, upper, left + w, upper + h


def normalized(pictures: Tensor) -> Tensor:
    """Pictures uint8 [B, T, E, E, 3] as float32 [B, 3, T, E, E], ImageNet's mean 0 and deviation 1."""
    mean, spread = (torch.tensor(v, device=pictures.device).view(3, 1, 1, 1) * 255 for v in (MEAN, SPREAD))
    moved = pictures.permute(0, 4, 1, 2, 3).contiguous()  # as bytes: six times faster than as numbers
    return moved.float().sub_(mean).div_(spread)
