"""Smartwatch: shoulder exercises, felt by two sensors. Letters: N windows, T samples."""

from collections.abc import Sequence
from importlib.resources import files
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray

from rhoscope.settings import Settings, setting
from trainer.dataset import Dataset, Held, Modality, Split

SUBJECTS = tuple(range(1, 11))
"""In this order six train, two validate, two test; `subject_rotation` moves all of them on."""

RATE = 50
WINDOW = 2 * RATE
SENSORS = {"accelerometer": slice(0, 3), "gyroscope": slice(3, 6)}

Arrays = dict[str, NDArray[Any]]


class SmartwatchSettings(Settings):
    """Settings of the smartwatch data set."""

    subject_rotation: int = setting(
        0,
        "Rotates the assignment of subjects to train, validation and test by this number.",
        ge=0,
        le=len(SUBJECTS) - 1,
    )


class Smartwatch(Dataset):
    """Seven shoulder exercises of 10 people, as the accelerometer and gyroscope of a watch felt them.

    2,369 windows of 2 seconds at 50 Hz. No person is in two splits. Comes with the program.
    """

    title: ClassVar[str] = "Smartwatch"
    paper: ClassVar[str] = (
        "Burns et al., Physiological Measurement 2018, Shoulder physiotherapy exercise recognition; data of "
        "seglearn (BSD 3-Clause)"
    )
    train_size: ClassVar[int | str] = 1355
    embedded: ClassVar[bool] = True
    Settings = SmartwatchSettings
    modalities = {sensor: Modality((3, 1, WINDOW), "convolutional") for sensor in SENSORS}
    classes = ("PEN", "ABD", "FEL", "IR", "ER", "TRAP", "ROW")
    settings: SmartwatchSettings

    def load(self) -> dict[str, Split]:
        with np.load(str(files("trainer.datasets") / "data" / "smartwatch.npz")) as archive:
            source = dict(archive)
        felt, series = windows(source)
        subject = source["subject"][series]
        exercise = source["exercise"][series].astype(np.int64)
        where = {
            split: np.flatnonzero(np.isin(subject, subjects(split, self.settings.subject_rotation)))
            for split in ("train", "validation", "test")
        }
        mean = felt[where["train"]].mean((0, 2), keepdims=True)
        spread = felt[where["train"]].std((0, 2), keepdims=True)
        scaled = (felt - mean) / spread
        return {
            split: Held(
                {m: torch.from_numpy(scaled[rows, place, None]) for m, place in SENSORS.items()},
                torch.from_numpy(exercise[rows]),
                names=[f"subject {subject[row]}, window {row}" for row in rows],
            )
            for split, rows in where.items()
        }


def subjects(split: str, rotation: int) -> Sequence[int]:
    """A split's people, by number."""
    shifted = SUBJECTS[rotation:] + SUBJECTS[:rotation]
    return {"train": shifted[:6], "validation": shifted[6:8], "test": shifted[8:]}[split]


def windows(source: Arrays) -> tuple[NDArray[np.float32], NDArray[np.intp]]:
    """Windows [N, 6, 100], one after the other without overlap, and the series [N] that each is cut from.

    What a series has beyond its last whole window is left out.
    """
    ends = np.cumsum(source["length"].astype(np.int64))
    pieces, series = [], []
    for number, recording in enumerate(np.split(source["sample"], ends[:-1])):
        whole = len(recording) // WINDOW
        pieces.append(recording[: whole * WINDOW].reshape(whole, WINDOW, -1).transpose(0, 2, 1))
        series.append(np.full(whole, number))
    return np.concatenate(pieces).astype(np.float32), np.concatenate(series)
