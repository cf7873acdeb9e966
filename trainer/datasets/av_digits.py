"""AV-digits: real digits, seen and spoken. Letters: N pairs, T frames of a recording."""

from collections.abc import Sequence
from importlib.resources import files
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray

from rhoscope.settings import Settings, setting
from trainer.dataset import Dataset, Held, Modality, Split

SPEAKERS = ("nicolas", "theo", "yweweler", "lucas", "george", "jackson")
"""In this order three train, one validates, two test; `rotation` moves all of them on."""

IMAGES = {"train": slice(0, 1000), "validation": slice(1000, 1300), "test": slice(1300, 1797)}
"""Contiguous blocks: neighbors in the file come from one writer, so a random split would be optimistic."""

STEPS = 16
CANVAS = 16
CANVAS_NOISE = 0.15
PAIRING_SEED = 20_220_619

Arrays = dict[str, NDArray[Any]]


class AVDigitsSettings(Settings):
    """Settings of AV-digits."""

    rotation: int = setting(
        0, "Rotates the assignment of speakers to train, validation and test by this number.", ge=0, le=5
    )


class AVDigits(Dataset):
    """Handwritten digits (1,797 images) paired by class with spoken digits (3,000 recordings, 6 speakers).

    No speaker, recording or image is in two splits. Comes with the program.
    """

    title: ClassVar[str] = "AV-digits"
    paper: ClassVar[str] = (
        "Free Spoken Digit Dataset (CC BY-SA 4.0); Optical Recognition of Handwritten Digits (CC BY 4.0)"
    )
    embedded: ClassVar[bool] = True
    Settings = AVDigitsSettings
    modalities = {
        "audio": Modality((1, 13, STEPS), "convolutional"),
        "visual": Modality((1, CANVAS, CANVAS), "convolutional"),
    }
    classes = tuple("0123456789")
    train_size: ClassVar[int | str] = 1500
    settings: AVDigitsSettings

    def load(self) -> dict[str, Split]:
        with np.load(str(files("trainer.datasets") / "data" / "av-digits.npz")) as archive:
            source = dict(archive)
        spoken = spectrograms(source["mfcc"], source["length"])
        pairs = {name: pair(source, name, self.settings.rotation) for name in IMAGES}
        spread = spoken[pairs["train"][0]].std((0, 2), keepdims=True)
        return {
            name: Held(
                {
                    "audio": torch.from_numpy((spoken[recordings] / spread)[:, None]),
                    "visual": torch.from_numpy(canvases(source["image"][images], name)[:, None]),
                },
                torch.from_numpy(source["digit"][recordings].astype(np.int64)),
                names=names(source, recordings, images),
            )
            for name, (recordings, images) in pairs.items()
        }


def names(source: Arrays, recordings: NDArray[np.intp], images: NDArray[np.intp]) -> list[str]:
    """Name of each pair: its speaker, the number of the recording, and that of the image."""
    spoken = source["speakers"][source["speaker"][recordings]]
    return [f"{who} {r}, image {i}" for who, r, i in zip(spoken, recordings, images, strict=True)]


def speakers(split: str, rotation: int) -> Sequence[str]:
    """Names of a split's speakers."""
    shifted = SPEAKERS[rotation:] + SPEAKERS[:rotation]
    return {"train": shifted[:3], "validation": shifted[3:4], "test": shifted[4:]}[split]


def pair(source: Arrays, split: str, rotation: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Recording and image [N] of each pair: the same digit, every image used before any is used twice."""
    rng = np.random.default_rng([PAIRING_SEED, list(IMAGES).index(split)])
    speaker = source["speakers"][source["speaker"]]
    recordings = np.flatnonzero(np.isin(speaker, speakers(split, rotation)))
    images = np.empty_like(recordings)
    block = np.arange(len(source["image_digit"]))[IMAGES[split]]
    for digit in range(10):
        same = np.flatnonzero(source["digit"][recordings] == digit)
        offered = block[source["image_digit"][block] == digit]
        rounds = -(-len(same) // len(offered))
        images[same] = np.concatenate([rng.permutation(offered) for _ in range(rounds)])[: len(same)]
    return recordings, images


def spectrograms(frames: NDArray[np.float32], lengths: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Recordings [N, 13, 16]: each interpolated linearly to 16 steps, less its own mean over time.

    Without taking the mean off, unseen speakers and microphones are hardly recognized at all.
    """
    spoken = resample(frames, lengths)
    centered: NDArray[np.float32] = (spoken - spoken.mean(2, keepdims=True)).astype(np.float32)
    return centered


def resample(frames: NDArray[np.float32], lengths: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Recordings [N, 13, 16] from frames [sum of lengths, 13], each from its first frame to its last."""
    counts = lengths.astype(np.int64)
    ends = np.cumsum(counts)
    places = np.linspace(0, counts - 1, STEPS, axis=1)  # [N, 16]
    before = places.astype(np.int64)
    at = (ends - counts)[:, None] + before
    here, after = (frames[i].astype(np.float64) for i in (at, np.minimum(at + 1, ends[:, None] - 1)))
    between = (after - here) * (places - before)[..., None] + here
    return np.ascontiguousarray(between.transpose(0, 2, 1))


def canvases(images: NDArray[np.uint8], split: str) -> NDArray[np.float32]:
    """Images [N, 8, 8] each somewhere on a noisy canvas [N, 16, 16]; place and noise belong to the pair."""
    rng = np.random.default_rng([PAIRING_SEED + 1, list(IMAGES).index(split)])
    canvas = rng.normal(0.0, CANVAS_NOISE, (len(images), CANVAS, CANVAS))
    places, side = rng.integers(0, 9, (len(images), 2, 1)), np.arange(8)
    y, x = places[:, 0, :, None] + side[:, None], places[:, 1, None] + side
    canvas[np.arange(len(images))[:, None, None], y, x] += images / 16.0
    return canvas.astype(np.float32)
