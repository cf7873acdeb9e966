"""Smartwatch: nobody is in two splits, and the file is the published one."""

import hashlib
import zipfile
from pathlib import Path

import numpy as np
import pytest

from trainer.datasets import smartwatch
from trainer.datasets.smartwatch import SUBJECTS, Smartwatch, SmartwatchSettings, subjects, windows

DATA = Path(smartwatch.__file__).parent / "data"
SOURCE = dict(np.load(DATA / "smartwatch.npz"))


def test_the_file_is_what_its_card_says_and_holds_no_pickle() -> None:
    content = (DATA / "smartwatch.npz").read_bytes()
    card = (DATA / "SMARTWATCH.md").read_text()
    assert hashlib.sha256(content).hexdigest() in card
    assert "Copyright (c) 2018, David M. Burns" in card
    with zipfile.ZipFile(DATA / "smartwatch.npz") as archive:
        assert {i.date_time for i in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert {array.dtype.kind for array in SOURCE.values()} == {"f", "u", "U"}
    assert SOURCE["length"].sum() == len(SOURCE["sample"]) == 244_102
    assert (SOURCE["sample"].dtype, SOURCE["exercises"].tolist()) == (np.float16, list(Smartwatch.classes))


@pytest.mark.parametrize("rotation", range(len(SUBJECTS)))
def test_nobody_is_in_two_splits(rotation: int) -> None:
    who = [set(subjects(split, rotation)) for split in ("train", "validation", "test")]
    assert [len(part) for part in who] == [6, 2, 2]
    assert set.union(*who) == set(SUBJECTS)


@pytest.mark.parametrize("rotation", [0, 7])
def test_windows_of_a_split_are_its_subjects_and_no_one_elses(rotation: int) -> None:
    """The windows themselves are compared: none of them, to the bit, is in two splits."""
    felt, series = windows(SOURCE)
    splits = Smartwatch(SmartwatchSettings(subject_rotation=rotation)).load()
    seen = []
    for name, split in splits.items():
        rows = np.isin(SOURCE["subject"][series], subjects(name, rotation))
        assert len(split) == rows.sum()
        inputs = split.inputs["gyroscope"].numpy()[:, :, 0]
        again = inputs * felt[_training(series, rotation)].std((0, 2), keepdims=True)[:, 3:]
        again += felt[_training(series, rotation)].mean((0, 2), keepdims=True)[:, 3:]
        np.testing.assert_allclose(again, felt[rows][:, 3:], atol=1e-3)
        seen.append({window.tobytes() for window in inputs})
    assert sum(map(len, seen)) == len(set.union(*seen)) == len(felt) == 2369


def _training(series: np.ndarray, rotation: int) -> np.ndarray:
    return np.isin(SOURCE["subject"][series], subjects("train", rotation))


def test_windows_are_two_seconds_without_overlap_and_never_cross_a_series() -> None:
    felt, series = windows(SOURCE)
    assert felt.shape == (2369, 6, 100)
    first = SOURCE["length"][:3].astype(int)
    assert np.bincount(series)[:3].tolist() == (first // 100).tolist()
    second = np.flatnonzero(series == 1)[0]
    np.testing.assert_array_equal(felt[second].T, SOURCE["sample"][first[0] : first[0] + 100])


def test_inputs_are_scaled_by_the_training_split_only() -> None:
    splits = Smartwatch(SmartwatchSettings()).load()
    for sensor in ("accelerometer", "gyroscope"):
        inputs = splits["train"].inputs[sensor]
        assert inputs.mean((0, 2, 3)).abs().max().item() < 1e-4
        assert inputs.std((0, 2, 3)).tolist() == pytest.approx([1.0] * 3, rel=1e-3)
        assert (splits["test"].inputs[sensor].std((0, 2, 3)) - 1).abs().max().item() > 0.02
