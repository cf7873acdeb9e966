"""AVE localisation: which event, second by second. Letters: N clips, S = 10 segments."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, ClassVar

import h5py
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from typing_extensions import override

from trainer.dataset import Batch, Dataset, FromFolder, Modality, Split, refusal

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

    title: ClassVar[str] = "AVE localisation"
    paper: ClassVar[str] = "Tian et al., ECCV 2018, Audio-Visual Event Localization in Unconstrained Videos"
    Settings = FromFolder
    settings: FromFolder
    segments: ClassVar[int] = SEGMENTS
    modalities = {
        "audio": Modality((SEGMENTS, 128), "lstm"),
        "visual": Modality((SEGMENTS, 7, 7, 512), "avga"),
    }
    classes = (*(f"event {number}" for number in range(28)), BACKGROUND)

    def load(self) -> dict[str, Split]:
        folder = self.settings.place("ave-localization")
        labels = self._read(folder / LABELS)
        if labels.shape[1:] != (SEGMENTS, len(self.classes)):
            message = f"{LABELS} should hold clips × {SEGMENTS} × {len(self.classes)}; found {labels.shape}"
            raise refusal("folder", str(folder), message)
        for modality, name in FILES.items():
            self._check(folder / name, (len(labels), *self.modalities[modality].shape))
        target = torch.from_numpy(labels.argmax(-1).astype(np.int64))
        splits: dict[str, Split] = {}
        for name, file in ORDERS.items():
            rows = torch.from_numpy(np.asarray(self._read(folder / file)).astype(np.int64).ravel())
            if not len(rows) or int(rows.max()) >= len(labels):
                raise refusal(
                    "folder", str(folder), f"{file} should name rows of {LABELS}; found {len(rows)}"
                )
            splits[name] = Features(folder, rows, target[rows], tuple(self.modalities))
        return splits

    def _read(self, path: Path) -> NDArray[Any]:
        """The one array of a file. Raises: InvalidInput, when it is not there."""
        try:
            with h5py.File(path) as file:
                found: NDArray[Any] = next(iter(file.values()))[()]
                return found
        except (OSError, StopIteration) as error:
            message = f"{path} can't be read ({error}); AVE's authors publish it with their features"
            raise refusal("folder", self.settings.folder, message) from error

    def _check(self, path: Path, shape: tuple[int, ...]) -> None:
        try:
            with h5py.File(path) as file:
                found = next(iter(file.values())).shape
        except (OSError, StopIteration) as error:
            message = f"{path} can't be read ({error}); AVE's authors publish it with their features"
            raise refusal("folder", self.settings.folder, message) from error
        if found != shape:
            raise refusal("folder", str(path.parent), f"{path.name} should hold {shape}; found {found}")


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
        wanted, where = np.unique(rows.numpy(), return_inverse=True)
        with h5py.File(self._folder / FILES[modality]) as file:
            found = next(iter(file.values()))[wanted]
        return torch.from_numpy(found[where].astype(np.float32))

    def _sent(self, values: Tensor) -> Tensor:
        if self._device.type != "cuda":
            return values.to(self._device)
        return values.pin_memory().to(self._device, non_blocking=True)
