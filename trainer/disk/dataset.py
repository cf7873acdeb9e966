"""Data sets written by `rhoscope prepare`: read from mapped files, transformed as in the paper.

Letters: B examples of a batch, T pictures of each, E their edge in pixels.
"""

from abc import abstractmethod
from collections import Counter
from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import ClassVar

import numpy as np
import torch
from PIL import Image
from typing_extensions import override

from rhoscope.errors import InvalidInput, RhoscopeError
from rhoscope.samples import Part
from rhoscope.settings import setting
from trainer import preview
from trainer.dataset import Dataset, FromFolder, Modality, Split, refusal
from trainer.disk.split import Look, OnDisk, Shelves
from trainer.prepare import layout, lists
from trainer.prepare.layout import Manifest
from trainer.prepare.sound import Hearing
from trainer.prepare.source import Clip, Listing, shares

AUDIO, VISUAL = "audio", "visual"
SPLITS = ("train", "validation", "test")
SEEN = 224


class PreparedSettings(FromFolder):
    """Settings of a data set on disk."""

    frames: int = setting(3, "Number of pictures per example.", ge=1, le=64)
    image_size: int = setting(
        SEEN, "Edge length of the cropped and resized pictures, in pixels.", ge=8, le=1024
    )
    readers: int = setting(
        4,
        "Number of threads that read and decode examples ahead of training; each keeps a core busy.",
        ge=1,
        le=64,
    )


class Prepared(Dataset):
    """Base of data sets with sound and pictures that `rhoscope prepare` made.

    A subclass says what its source looks like (`listing`) and what is stored of it (`hearing`, `pictures`);
    `heard` frames of the stored sound are given to the encoder, somewhere in training and from the middle in
    testing, all of them where it is None.
    """

    Settings = PreparedSettings
    settings: PreparedSettings
    hearing: ClassVar[Hearing]
    pictures: ClassVar[int] = 10
    heard: ClassVar[int | None] = None
    classes: tuple[str, ...] = ()
    official_lists: ClassVar[Mapping[str, str]] = {"train": "the training list", "test": "the test list"}
    """The source's official list of each split; without one of `validation` a tenth of `train` validates."""
    allow_missing: ClassVar[float] = 0.05
    """Share of clips that may be missing or broken where nobody says otherwise."""

    def __init_subclass__(cls) -> None:
        """The catalog lists the shapes for the default settings."""
        cls.modalities = cls.shapes(cls.Settings.model_fields["frames"].default, SEEN)

    def __init__(self, settings: PreparedSettings) -> None:
        super().__init__(settings)
        self.modalities = self.shapes(settings.frames, settings.image_size)
        folder = self._open()
        self.manifest = layout.read_manifest(folder)
        self._shelves = Shelves(folder)
        self.classes = self._shelves.classes
        self._remarks: tuple[str, ...] = ()

    @classmethod
    @abstractmethod
    def listing(cls, source: Path) -> Listing:
        """The clips that a source's lists name.

        Raises:
            InvalidInput: when a list is missing or not as published.
        """

    @classmethod
    def shapes(cls, frames: int, edge: int) -> dict[str, Modality]:
        """Both modalities, for this number and size of pictures."""
        sound = list(cls.hearing.shape)
        if cls.heard is not None:
            sound[cls.hearing.frames_axis] = cls.heard
        return {
            AUDIO: Modality((1, *sound), "resnet18"),
            VISUAL: Modality((3, frames, edge, edge), "resnet18"),
        }

    @classmethod
    def file_name(cls) -> str:
        """The name users type, which is the module's."""
        return cls.__module__.rsplit(".", 1)[-1].replace("_", "-")

    @property
    def official(self) -> bool:
        """Whether this run's splits are those of the source's official lists."""
        return True

    @classmethod
    def gaps(cls, clips: Sequence[Clip], manifest: Manifest, where: Mapping[str, str]) -> tuple[str, ...]:
        """Gaps of a prepared folder's official split, one sentence each; `where` maps clips to splits."""
        return lists.gaps(clips, manifest, where)

    @classmethod
    def gaps_of(cls, folder: Path) -> tuple[str, ...]:
        """The same of the lists themselves, as far as what they name was prepared."""
        clips, manifest = Shelves(folder).clips, layout.read_manifest(folder)
        said = cls.gaps(clips, manifest, {clip.id: clip.split for clip in clips})
        return (*manifest.source_remarks, *said)

    def partition(self, clips: Sequence[Clip]) -> Mapping[str, str]:
        """Split of each clip by id; here the source's lists, with a tenth of `train` to validate on.

        Whether a clip is there changes nothing about where another one is; one without a split is left out.
        """
        parts = {}
        for clip in clips:
            part = clip.split
            if part == "train" and "validation" not in self.official_lists:
                part = shares(clip.group or clip.id, {"train": 0.9, "validation": 0.1})
            parts[clip.id] = part
        return parts

    @override
    def load(self) -> dict[str, Split]:
        clips = self._shelves.clips
        if self.official and lists.listed(clips, self.manifest):
            absent = lists.absent(clips, self.manifest, self.official_lists)
            if absent:
                otherwise = ", or take another partition" if hasattr(self.settings, "partition") else ""
                raise self._refusal(absent + otherwise)
        where = self.partition(clips)
        ids = {name: number for number, name in enumerate(self.classes)}
        splits: dict[str, Split] = {}
        for name in SPLITS:
            rows = [row for row, clip in enumerate(clips) if where.get(clip.id) == name]
            if not rows:
                raise self._refusal(self._empty(name, clips, where))
            target = torch.tensor([ids[clips[row].label] for row in rows])
            splits[name] = OnDisk(self._shelves, torch.tensor(rows), target, self._look())
        gaps = self.gaps(clips, self.manifest, where) if self.official else ()
        self._remarks = (*self._leaks(clips, where), *gaps)
        return splits

    @override
    def preview(self, split: Split, row: int) -> Sequence[Part]:
        """The middle one of its pictures, and its sound as it was stored: a spectrogram, low tones below."""
        if not isinstance(split, OnDisk):
            return super().preview(split, row)
        jpeg, sound = split.shown(row)
        with Image.open(BytesIO(jpeg)) as image:
            seen = preview.drawing(VISUAL, image)
        upright = np.asarray(sound if self.hearing.frames_axis == 1 else sound.T, np.float32)[::-1]
        heard = preview.picture(AUDIO, upright)
        return (heard, seen)

    @override
    def remarks(self) -> tuple[str, ...]:
        return self._remarks

    def _leaks(self, clips: Sequence[Clip], where: Mapping[str, str]) -> tuple[str, ...]:
        groups = {s: {c.group for c in clips if c.group and where.get(c.id) == s} for s in SPLITS}
        shared = groups["test"] & (groups["train"] | groups["validation"])
        if not shared:
            return ()
        seen = sum(1 for c in clips if where.get(c.id) == "test" and c.group in shared)
        tested = sum(1 for c in clips if where.get(c.id) == "test")
        return (
            f"This split leaks: {len(shared)} of the {len(groups['test'])} speakers or recordings in test "
            f"are in train as well ({seen} of {tested} test clips), which inflates test accuracy.",
        )

    def _empty(self, name: str, clips: Sequence[Clip], where: Mapping[str, str]) -> str:
        """Why a split holds nothing."""
        others = ", ".join(f"{n} in {split}" for split, n in Counter(where.values()).items() if split)
        drawn = name == "validation" and self.official and "validation" not in self.official_lists
        placed = [clip for clip in clips if where.get(clip.id)]
        share = "and a tenth of train, drawn by name, is none of them, " if drawn else ""
        return (
            f"the prepared data set has no example in its {name} split ({others}): there are only "
            f"{len(placed)} clips (speakers or recordings: {len({clip.group for clip in placed})}), {share}"
            f"so prepare the whole source"
        )

    def _refusal(self, message: str) -> InvalidInput:
        return refusal("folder", self.settings.folder, message + self.settings.start())

    def _look(self) -> Look:
        return Look(
            frames=self.settings.frames,
            edge=self.settings.image_size,
            heard=self.heard,
            frames_axis=self.hearing.frames_axis,
            readers=self.settings.readers,
        )

    def _open(self) -> Path:
        name = self.file_name()
        folder = self.settings.place(name)
        try:
            Shelves.check(folder, name, self.hearing.shape)
        except RhoscopeError as error:
            message = f"{error.detail} Prepare it: rhoscope prepare {name} --source DIR --out {folder}"
            raise self._refusal(message) from error
        return folder
