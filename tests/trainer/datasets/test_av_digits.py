"""AV-digits: nothing is in two splits, the file is the published one, and it shows the paper's phenomenon."""

import hashlib
import zipfile
from pathlib import Path

import numpy as np
import pytest
from recorded import Trained

from trainer.datasets import av_digits
from trainer.datasets.av_digits import IMAGES, SPEAKERS, AVDigits, AVDigitsSettings, pair, resample, speakers

DATA = Path(av_digits.__file__).parent / "data"
SOURCE = dict(np.load(DATA / "av-digits.npz"))
SIZES = {"train": 1500, "validation": 500, "test": 1000}


def test_the_file_has_the_hash_its_card_says_and_times_that_never_change() -> None:
    content = (DATA / "av-digits.npz").read_bytes()
    assert hashlib.sha256(content).hexdigest() in (DATA / "AV-DIGITS.md").read_text()
    with zipfile.ZipFile(DATA / "av-digits.npz") as archive:
        assert {(i.date_time, i.compress_type) for i in archive.infolist()} == {
            ((1980, 1, 1, 0, 0, 0), zipfile.ZIP_STORED)
        }


def test_the_file_names_each_recording_as_the_list_of_speakers_does() -> None:
    lines = (DATA / "fsdd-speakers.csv").read_text().splitlines()
    rows = [line.split(",") for line in lines if line[:1].isdigit()]
    assert [SOURCE["speakers"][i] for i in SOURCE["speaker"]] == [row[1] for row in rows]
    assert SOURCE["take"].tolist() == [int(row[2]) for row in rows]
    who = list(
        zip(SOURCE["speaker"].tolist(), SOURCE["digit"].tolist(), SOURCE["take"].tolist(), strict=True)
    )
    assert len(set(who)) == 3000


@pytest.mark.parametrize("rotation", range(6))
def test_no_speaker_no_recording_and_no_image_is_in_two_splits(rotation: int) -> None:
    recordings, images, voices = [], [], []
    for split, size in SIZES.items():
        spoken, shown = pair(SOURCE, split, rotation)
        assert len(spoken) == len(shown) == size
        recordings.append(set(spoken.tolist()))
        images.append(set(shown.tolist()))
        voices.append(set(SOURCE["speaker"][spoken].tolist()))
    for kind, whole in ((recordings, 3000), (images, 1797), (voices, 6)):
        assert len(set.union(*kind)) == sum(len(part) for part in kind)
        assert len(set.union(*kind)) <= whole
    assert len(set.union(*voices)) == 6
    assert len(set.union(*recordings)) == 3000


@pytest.mark.parametrize("split", IMAGES)
def test_pairs_are_of_one_digit_and_use_every_image_before_any_twice(split: str) -> None:
    spoken, shown = pair(SOURCE, split, 0)
    assert (SOURCE["digit"][spoken] == SOURCE["image_digit"][shown]).all()
    block = range(1797)[IMAGES[split]]
    assert set(shown.tolist()) <= set(block)
    for digit in range(10):
        offered = [i for i in block if SOURCE["image_digit"][i] == digit]
        used = [i for i in shown.tolist() if SOURCE["image_digit"][i] == digit]
        counts = [used.count(i) for i in offered]
        assert max(counts) - min(counts) <= 1


def test_rotations_move_every_speaker_through_every_split() -> None:
    assert speakers("train", 0) == ("nicolas", "theo", "yweweler")
    assert speakers("validation", 0) == ("lucas",)
    assert speakers("test", 0) == ("george", "jackson")
    assert {speakers("validation", r)[0] for r in range(6)} == set(SPEAKERS)


def test_recordings_are_centered_and_scaled_by_the_training_split_only() -> None:
    splits = AVDigits(AVDigitsSettings()).load()
    for split in splits.values():
        assert split.inputs["audio"].mean(3).abs().max().item() < 1e-4
    spread = splits["train"].inputs["audio"].std((0, 3)).flatten()
    assert spread.tolist() == pytest.approx([1.0] * 13, rel=1e-3)
    other = splits["test"].inputs["audio"].std((0, 3)).flatten()
    assert max(abs(x - 1) for x in other.tolist()) > 0.02


def test_resampling_keeps_the_first_and_last_frame_and_is_linear_between() -> None:
    frames = np.arange(31.0, dtype=np.float32)[:, None] * np.ones((1, 13), np.float32)
    np.testing.assert_allclose(resample(frames, np.array([31], np.uint8))[0, 0], np.arange(0, 31, 2))


def test_all_recordings_at_once_have_the_bits_of_each_alone() -> None:
    counts = SOURCE["length"].astype(int)
    each = np.split(SOURCE["mfcc"], np.cumsum(counts)[:-1])
    alone = [
        [np.interp(np.linspace(0, n - 1, 16), np.arange(n), column) for column in recording.T]
        for n, recording in zip(counts, each, strict=True)
    ]
    assert np.array_equal(resample(SOURCE["mfcc"], SOURCE["length"]), alone)


def test_images_lie_whole_on_their_canvas_in_noise_of_the_stated_strength() -> None:
    shown = pair(SOURCE, "train", 0)[1]
    canvas = av_digits.canvases(SOURCE["image"][shown], "train")
    bare = SOURCE["image"][shown].sum((1, 2)) / 16.0
    assert (canvas.sum((1, 2)) - bare).std() == pytest.approx(0.15 * 16, rel=0.1)


def test_the_default_runs_show_the_papers_phenomenon_in_a_third_of_their_epochs() -> None:
    """Joint: audio dominates throughout and the visual branch stays weak. OGM-GE at alpha 1.5 wakes it up.

    PROBES, six seeds of 24 epochs: ρ of audio 1.4 to 5.5 against 1.1 to 1.5. Here, seeds 0 to 2: 1.4 to 5.6
    against 1.1 to 1.7; the visual branch reaches 0.19 to 0.23 against 0.34 to 0.51 on the validation split.
    """
    joint, ogm_ge = (Trained({"strategy": s, "device": "cpu", "epochs": 8}).sink for s in ("joint", "ogm-ge"))
    rho = {
        name: sink.series("rho.audio").reshape(8, -1).mean(1)
        for name, sink in (("joint", joint), ("ogm-ge", ogm_ge))
    }
    assert (rho["joint"] > 1).all()
    assert (rho["joint"][2:] > 3).all()
    assert (rho["ogm-ge"][2:] < 2.5).all()
    best = {name: max(sink.sparse()["val.accuracy.visual"]) for name, sink in
            (("joint", joint), ("ogm-ge", ogm_ge))}  # fmt: skip
    assert best["ogm-ge"] > best["joint"] + 0.1
    assert joint.sparse()["test.accuracy"][0] > 0.5
    assert ogm_ge.sparse()["test.accuracy"][0] > 0.6
