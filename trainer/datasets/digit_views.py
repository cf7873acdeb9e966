"""Digit-views: handwritten digits, described in six ways, of which some are missing. Letter: N examples."""

from collections.abc import Sequence
from importlib.resources import files
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from typing_extensions import override

from rhoscope.samples import Part
from rhoscope.settings import Settings, setting
from trainer.dataset import Dataset, Held, Modality, Split
from trainer.preview import picture

VIEWS = {
    "pixels": "pix",
    "profile": "fac",
    "karhunen": "kar",
    "fourier": "fou",
    "zernike": "zer",
    "morphology": "mor",
}
"""The published name of each view."""

FOLDS = 5
"""Parts of equal size of every digit: three train, one validates, one tests; `fold` moves all of them on."""

PATTERN_SEED = 19_980_101

Arrays = dict[str, NDArray[Any]]


class DigitViewsSettings(Settings):
    """Settings of Digit-views."""

    missing: float = setting(
        0.3,
        "Share of the views that are missing, drawn once for each example and view; every example keeps at "
        "least one. 0: none is missing, as published, and every strategy and fusion can be used.",
        ge=0,
        le=0.9,
        essential=True,
    )
    fold: int = setting(
        0,
        "Rotates the assignment of images to train, validation and test by this number.",
        ge=0,
        le=FOLDS - 1,
    )


class DigitViews(Dataset):
    """2,000 handwritten digits, each described by six sets of features; three in ten of them are missing.

    The images are real; which views are missing is drawn, the same at every load, and more with a larger
    share. No image, nor a near copy of one, is in two splits. Comes with the program.
    """

    title: ClassVar[str] = "Digit-views"
    paper: ClassVar[str] = "Multiple Features, R. Duin, UCI Machine Learning Repository (CC BY 4.0)"
    train_size: ClassVar[int | str] = 1209
    embedded: ClassVar[bool] = True
    incomplete: ClassVar[bool | str] = "missing"
    Settings = DigitViewsSettings
    modalities = {
        "pixels": Modality((240,), "mlp"),
        "profile": Modality((216,), "mlp"),
        "karhunen": Modality((64,), "mlp"),
        "fourier": Modality((76,), "mlp"),
        "zernike": Modality((47,), "mlp"),
        "morphology": Modality((6,), "mlp"),
    }
    classes = tuple("0123456789")
    settings: DigitViewsSettings

    def load(self) -> dict[str, Split]:
        with np.load(str(files("trainer.datasets") / "data" / "digit-views.npz")) as archive:
            source = dict(archive)
        there = pattern(len(source["digit"]), self.settings.missing)
        parts = assignment(source, self.settings.fold)
        views = {m: standard(source[name], there[m] & (parts == "train")) for m, name in VIEWS.items()}
        digit = source["digit"].astype(np.int64)
        splits: dict[str, Split] = {}
        for part in ("train", "validation", "test"):
            rows = np.flatnonzero(parts == part)
            present = {m: torch.from_numpy(there[m][rows]) for m in VIEWS}
            inputs = {m: torch.from_numpy(view[rows]) for m, view in views.items()}
            names = [f"image {row}" for row in rows]
            splits[part] = Held(inputs, torch.from_numpy(digit[rows]), present, names)
        self._pixels = source[VIEWS["pixels"]]
        return splits

    @override
    def preview(self, split: Split, row: int) -> Sequence[Part]:
        """The pixels as the picture that they are of, the other views as curves."""
        number = int(split.name(row).rpartition(" ")[2])
        image = picture("pixels", self._pixels[number].reshape(16, 15))
        return [image if part.modality == "pixels" else part for part in super().preview(split, row)]


def assignment(source: Arrays, rotation: int) -> NDArray[np.str_]:
    """Each example's split [N]: by its place among those of its digit; copies go where the first one goes."""
    place = np.arange(len(source["digit"]))
    for digit in range(10):
        same = source["digit"] == digit
        place[same] = np.arange(same.sum()) * FOLDS // same.sum()
    turned = (place[source["image"]] - rotation) % FOLDS
    return np.array(["train"] * (FOLDS - 2) + ["validation", "test"])[turned]


def pattern(examples: int, missing: float) -> dict[str, NDArray[np.bool_]]:
    """Which examples [N] have each view. What a smaller share leaves out, a larger one leaves out as well."""
    draws = np.random.default_rng(PATTERN_SEED).random((examples, len(VIEWS)))
    there = draws >= missing
    there[np.arange(examples), draws.argmax(1)] = True
    return dict(zip(VIEWS, there.T, strict=True))


def standard(view: NDArray[Any], known: NDArray[np.bool_]) -> NDArray[np.float32]:
    """A view [N, D] with mean 0 and deviation 1 over the examples that are `known` [N]."""
    mean, spread = view[known].mean(0), view[known].std(0)
    scaled: NDArray[np.float32] = ((view - mean) / np.where(spread, spread, 1)).astype(np.float32)
    return scaled
