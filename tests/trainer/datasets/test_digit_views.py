"""Digit-views: no image is in two splits, every example keeps a view, and the file is the published one."""

import hashlib
from pathlib import Path

import numpy as np
import pytest
import torch

from trainer.dataset import Held
from trainer.datasets import digit_views
from trainer.datasets.digit_views import VIEWS, DigitViews, DigitViewsSettings, assignment, pattern

DATA = Path(digit_views.__file__).parent / "data"
SOURCE = dict(np.load(DATA / "digit-views.npz"))
ALIKE = 30


def loaded(**given: float) -> dict[str, Held]:
    splits = DigitViews(DigitViewsSettings.model_validate(given)).load()
    return {name: split for name, split in splits.items() if isinstance(split, Held)}


def test_the_file_is_what_its_card_says_and_holds_no_pickle() -> None:
    content = (DATA / "digit-views.npz").read_bytes()
    card = (DATA / "DIGIT-VIEWS.md").read_text()
    assert hashlib.sha256(content).hexdigest() in card
    assert "CC BY 4.0" in card
    assert {array.dtype.kind for array in SOURCE.values()} == {"f", "u"}
    assert np.bincount(SOURCE["digit"]).tolist() == [200] * 10
    assert {m: facts.shape for m, facts in DigitViews.modalities.items()} == {
        m: SOURCE[name].shape[1:] for m, name in VIEWS.items()
    }


@pytest.mark.parametrize("fold", range(5))
def test_no_image_and_no_near_copy_of_one_is_in_two_splits(fold: int) -> None:
    parts = assignment(SOURCE, fold)
    pixels = SOURCE["pix"].astype(np.int8)
    for name in ("validation", "test"):
        tested = pixels[parts == name]
        others = pixels[parts != name]
        nearest = min((others != image).sum(1).min() for image in tested)
        assert nearest > ALIKE
    sizes = [(parts == name).sum() for name in ("train", "validation", "test")]
    assert sum(sizes) == 2000
    assert max(abs(sizes[0] - 1200), abs(sizes[1] - 400), abs(sizes[2] - 400)) < 20


def test_folds_move_every_image_through_every_split() -> None:
    tests = np.stack([assignment(SOURCE, fold) == "test" for fold in range(5)])
    assert (tests.sum(0) == 1).all()


@pytest.mark.parametrize("missing", [0.0, 0.3, 0.9])
def test_the_share_that_is_asked_for_is_missing_and_every_example_keeps_a_view(missing: float) -> None:
    there = np.stack(list(pattern(2000, missing).values()))
    assert there.any(0).all()
    kept = 1 - missing + missing**6 / 6  # where all would be missing, one of six stays
    assert there.mean() == pytest.approx(kept, abs=0.02)
    fewer = np.stack(list(pattern(2000, missing / 2).values()))
    assert (there <= fewer).all()


def test_splits_say_what_is_missing_and_nothing_where_nothing_is() -> None:
    splits, complete = loaded(), loaded(missing=0.0)
    there = pattern(2000, 0.3)
    rows = assignment(SOURCE, 0) == "test"
    assert all(split.present is None for split in complete.values())
    present = splits["test"].present
    assert present is not None
    assert all(present[m].tolist() == there[m][rows].tolist() for m in VIEWS)
    assert torch.equal(splits["test"].target, complete["test"].target)
    assert DigitViews(DigitViewsSettings()).may_lack
    assert not DigitViews(DigitViewsSettings(missing=0.0)).may_lack


def test_views_are_scaled_by_the_training_examples_that_have_them() -> None:
    train = loaded()["train"]
    assert train.present is not None
    for m in VIEWS:
        having = train.inputs[m][train.present[m]]
        assert having.mean(0).abs().max().item() < 1e-4
        spread = having.std(0, correction=0)
        assert ((spread - 1).abs() < 1e-3)[spread > 0].all()
