"""How inputs are shown: by their shapes, and by data sets that know better."""

from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from folders import pets
from PIL import Image

from rhoscope.samples import Part
from trainer.dataset import Dataset
from trainer.datasets.av_digits import AVDigits, AVDigitsSettings
from trainer.datasets.digit_views import DigitViews, DigitViewsSettings
from trainer.datasets.folder import Folder, FolderSettings
from trainer.datasets.smartwatch import Smartwatch, SmartwatchSettings
from trainer.preview import EDGE, derived, sound


@pytest.mark.parametrize(
    ("shape", "kind"),
    [
        ((1, 13, 16), "image"), ((3, 8, 8), "image"), ((3, 4, 300, 200), "image"), ((20, 30), "image"),
        ((3, 1, 100), "curves"), ((6,), "curves"), ((2, 5000), "curves"),
        ((5, 7, 7, 512), None), ((0,), None), ((16, 4, 4), None),
    ],
    ids=str,
)  # fmt: skip
def test_the_shape_of_an_input_suggests_how_it_is_shown(shape: tuple[int, ...], kind: str | None) -> None:
    values = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    part = derived("m", values)
    assert (part.kind if part else None) == kind
    if part and kind == "image":
        assert max(Image.open(BytesIO(part.opened()[1])).size) <= EDGE
    if part and kind == "curves":
        assert len(part.curves) in (1, 2, 3)
        assert max(map(len, part.curves)) <= 256


def test_numbers_that_are_not_finite_are_no_reason_to_show_nothing() -> None:
    odd = np.array([[np.nan, np.inf], [-np.inf, 1.0]], np.float32)
    for part in (derived("m", odd[None]), derived("m", odd[:1]), sound("m", odd[0])):
        assert part is not None
        assert Part.model_validate(part.model_dump()) == part


@pytest.mark.parametrize(
    ("dataset", "kinds"),
    [
        (AVDigits(AVDigitsSettings()), {"audio": "image", "visual": "image"}),
        (Smartwatch(SmartwatchSettings()), {"accelerometer": "curves", "gyroscope": "curves"}),
        (
            DigitViews(DigitViewsSettings(missing=0)),
            {"pixels": "image", **dict.fromkeys(("profile", "karhunen", "fourier", "zernike"), "curves")}
            | {"morphology": "curves"},
        ),
    ],
    ids=["av-digits", "smartwatch", "digit-views"],
)
def test_embedded_data_sets_name_and_show_their_examples(dataset: Dataset, kinds: dict[str, str]) -> None:
    split = dataset.load()["validation"]
    assert len({split.name(row) for row in range(len(split))}) == len(split)
    assert {part.modality: part.kind for part in dataset.preview(split, 3)} == kinds


def test_only_what_an_example_has_is_shown_and_its_name_survives_a_choice_of_modalities() -> None:
    dataset = DigitViews(DigitViewsSettings(missing=0.5))
    whole = dataset.load()["validation"]
    some = whole.only(("pixels", "morphology"))
    assert some.present is not None
    row = int((~some.present["pixels"]).nonzero()[0])
    assert [part.modality for part in dataset.preview(some, row)] == ["morphology"]
    rows = {whole.name(row): row for row in range(len(whole))}
    assert rows[some.name(row)] >= row


def test_a_folders_examples_are_shown_as_their_files(tmp_path: Path) -> None:
    dataset = Folder(FolderSettings(folder=str(pets(tmp_path, text=True))))
    split = dataset.load()["validation"]
    parts: Any = {part.modality: part for part in dataset.preview(split, 0)}
    assert {m: part.kind for m, part in parts.items()} == {
        "audio": "sound",
        "visual": "image",
        "text": "text",
    }
    assert parts["audio"].opened()[0] == "audio/wav"
    assert parts["visual"].opened()[0] == "image/jpeg"
    heard = {"cat": "miaow", "dog": "woof"}[split.name(0).partition("/")[0]]
    assert parts["text"].text == f"it says {heard}"
