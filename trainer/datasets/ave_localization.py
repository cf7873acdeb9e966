"""AVE localization: which event, second by second. Letters: N clips, S = 10 segments."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, ClassVar

import h5py
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from typing_extensions import override

from rhoscope.errors import InvalidInput
from trainer.dataset import Batch, Dataset, FromFolder, Modality, Split, refusal
from trainer.prepare import lists
from trainer.prepare.lists import Line

FILES = {"audio": "audio_feature.h5", "visual": "visual_feature.h5"}
LABELS = "labels.h5"
ORDERS = {"train": "train_order.h5", "validation": "val_order.h5", "test": "test_order.h5"}
SEGMENTS = 10
BACKGROUND = "background"


class AVELocalization(Dataset):
    """Ten seconds of each clip, each with its event or none: 28 events and background, 4,143 clips.

    Reads features as AVE's authors publish them, in one folder: audio_feature.h5 (VGGish), visual_feature.h5
    (VGG-19), labels.h5 and train_order.h5, val_order.h5, test_order.h5. Accuracy is over segments.
    """

    title: ClassVar[str] = "AVE localization"
    paper: ClassVar[str] = "Tian et al., ECCV 2018, Audio-Visual Event Localization in Unconstrained Videos"
    Settings = FromFolder
    settings: FromFolder
    segments: ClassVar[int] = SEGMENTS
    modalities = {
        "audio": Modality((SEGMENTS, 128), "lstm"),
        "visual": Modality((SEGMENTS, 7, 7, 512), "avga"),
    }
    classes = (*(f"event {number}" for number in range(28)), BACKGROUND)

    def __init__(self, settings: FromFolder) -> None:
        super().__init__(settings)
        self._remarks: tuple[str, ...] = ()

    def load(self) -> dict[str, Split]:
        folder = self.settings.place("ave-localization")
        labels = self._read(folder / LABELS)
        if labels.shape[1:] != (SEGMENTS, len(self.classes)):
            message = f"{LABELS} should hold clips × {SEGMENTS} × {len(self.classes)}; found {labels.shape}"
            raise self._refusal(message)
        for modality, name in FILES.items():
            self._check(folder / name, (len(labels), *self.modalities[modality].shape))
        target = torch.from_numpy(labels.argmax(-1).astype(np.int64))
        orders = {name: self._order(folder / file, len(labels)) for name, file in ORDERS.items()}
        self._check_apart(orders)
        self._remarks = self._gaps(orders, target)
        modalities = tuple(self.modalities)
        return {name: Features(folder, rows, target[rows], modalities) for name, rows in orders.items()}

    @override
    def remarks(self) -> tuple[str, ...]:
        return self._remarks

    def _order(self, path: Path, clips: int) -> Tensor:
        """Rows that a list names, int64 [n], each once. Raises: InvalidInput, when there are no such rows."""
        order = np.asarray(self._read(path)).ravel()
        rows = order if order.dtype.kind in "iuf" else np.zeros(0)
        wrong = rows[~((rows >= 0) & (rows < clips) & (rows == np.floor(rows)))]
        if not len(rows) or len(wrong):
            which = f"{len(wrong)} that are none, such as {wrong[0]}" if len(wrong) else "none"
            message = f"{path.name} should name rows of {LABELS}, from 0 to {clips - 1}; found {which}"
            raise self._refusal(message)
        _, first = np.unique(rows, return_index=True)
        return torch.from_numpy(rows[np.sort(first)].astype(np.int64))

    def _gaps(self, orders: Mapping[str, Tensor], target: Tensor) -> tuple[str, ...]:
        """Rows and classes missing from the lists, one sentence each."""
        unlisted = set(range(len(target))).difference(*(rows.tolist() for rows in orders.values()))
        numbers = {split: set(target[orders[split]].flatten().tolist()) for split in ("train", "test")}
        labels = {split: {self.classes[number] for number in there} for split, there in numbers.items()}
        left_out = lists.left_out([str(row) for row in sorted(unlisted)], "row")
        return tuple(filter(None, (left_out, lists.classless(labels, self.classes))))

    def _check_apart(self, orders: Mapping[str, Tensor]) -> None:
        """Raises: InvalidInput, when a row is in two lists."""
        lines = [Line(f"row {row}", "", s, ORDERS[s]) for s, rows in orders.items() for row in rows.tolist()]
        try:
            lists.agreed(lines, ORDERS, "AVE")
        except InvalidInput as error:
            raise self._refusal(error.detail) from error

    def _read(self, path: Path) -> NDArray[Any]:
        """The one array of a file. Raises: InvalidInput, when it is not there."""
        if not path.is_file():
            message = f"{path.name} can't be read, since it is not in {path.parent}; AVE's authors publish it"
            raise self._refusal(message)
        try:
            with h5py.File(path) as file:
                values: NDArray[Any] = next(iter(file.values()))[()]
                return values
        except (OSError, StopIteration) as error:
            message = f"{path} can't be read ({error}); AVE's authors publish it with their features"
            raise self._refusal(message) from error

    def _refusal(self, message: str) -> InvalidInput:
        return refusal("folder", self.settings.folder, message + self.settings.start())

    def _check(self, path: Path, shape: tuple[int, ...]) -> None:
        try:
            with h5py.File(path) as file:
                actual = next(iter(file.values())).shape
        except (OSError, StopIteration) as error:
            message = f"{path} can't be read ({error}); AVE's authors publish it with their features"
            raise self._refusal(message) from error
        if actual != shape:
            raise self._refusal(f"{path.name} should hold {shape}; found {actual}")


class Features(Split):
    """Some clips of the published files, a batch of them read while the one before trains."""

    at_once: ClassVar[int] = 64

    def __init__(
        self,
        folder: Path,
        rows: Tensor,
        target: Tensor,
        modalities: Sequence[str],
        device: torch.device | None = None,
    ) -> None:
        self._folder = folder
        self._rows = rows
        self._by_clip = target
        self._modalities = tuple(modalities)
        self._device = device or torch.device("cpu")
        self.target = target.flatten().to(self._device)

    @override
    def __len__(self) -> int:
        return len(self._rows)

    @override
    def name(self, row: int) -> str:
        return f"clip {int(self._rows[row])}"

    @override
    def __add__(self, other: "Features") -> "Features":
        rows, target = torch.cat([self._rows, other._rows]), torch.cat([self._by_clip, other._by_clip])
        return Features(self._folder, rows, target, self._modalities, self._device)

    @override
    def only(self, modalities: Sequence[str]) -> "Features":
        return Features(self._folder, self._rows, self._by_clip, modalities, self._device)

    @override
    def to(self, device: torch.device) -> "Features":
        return Features(self._folder, self._rows, self._by_clip, self._modalities, device)

    @override
    def batches(self, indices: Sequence[Tensor], draw: tuple[int, int] | None = None) -> Iterator[Batch]:
        pool = ThreadPoolExecutor(1, thread_name_prefix="reader")
        try:
            coming = [pool.submit(self._batch, index) for index in indices[:1]]
            for place in range(len(indices)):
                coming += [pool.submit(self._batch, index) for index in indices[place + 1 : place + 2]]
                yield coming.pop(0).result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    def _batch(self, index: Tensor) -> Batch:
        target = self._sent(self._by_clip[index].flatten())
        return {m: self._sent(self._features(m, self._rows[index])) for m in self._modalities}, target

    def _features(self, modality: str, rows: Tensor) -> Tensor:
        """[B, *shape] float32; the file wants its rows in order and each once."""
        unique_rows, where = np.unique(rows.numpy(), return_inverse=True)
        with h5py.File(self._folder / FILES[modality]) as file:
            features = next(iter(file.values()))[unique_rows]
        return torch.from_numpy(features[where].astype(np.float32))

    def _sent(self, values: Tensor) -> Tensor:
        if self._device.type != "cuda":
            return values.to(self._device)
        return values.pin_memory().to(self._device, non_blocking=True)
