"""What is read of a media file, and what is said of one that can't be."""

import io
from pathlib import Path

import media
import numpy as np
import pytest
from PIL import Image

from trainer.prepare.media import Unreadable, encode, read_pictures, read_sound


def green(jpeg: bytes) -> float:
    """What a test picture's green says of the second it was taken in."""
    with Image.open(io.BytesIO(jpeg)) as picture:
        return float(np.asarray(picture)[30:, 40:, 1].mean()) / 25


def test_sound_comes_mono_at_the_rate_asked_for(tmp_path: Path) -> None:
    path = media.wav(tmp_path / "a.wav", seconds=2.0, rate=16_000, pitch=441.0)
    sound = read_sound(path, 22_050)
    assert sound.rate == 22_050
    assert sound.original_rate == 16_000
    assert len(sound.samples) == pytest.approx(44_100, abs=50)
    spectrum = np.abs(np.fft.rfft(sound.samples))
    assert np.fft.rfftfreq(len(sound.samples), 1 / 22_050)[spectrum.argmax()] == pytest.approx(441, abs=1)
    assert np.abs(sound.samples).max() == pytest.approx(0.53, abs=0.05)


def test_sound_of_a_clip_and_only_the_seconds_that_count(tmp_path: Path) -> None:
    path = media.video(tmp_path / "a.mp4", seconds=3.0)
    assert len(read_sound(path, 16_000).samples) == pytest.approx(48_000, rel=0.05)
    assert len(read_sound(path, 16_000, 1.0, 2.0).samples) == 16_000


def test_pictures_are_those_at_the_middles_of_equal_parts(tmp_path: Path) -> None:
    path = media.video(tmp_path / "a.mp4", seconds=6.0)
    told = [green(jpeg) for jpeg in read_pictures(path, 3)]
    assert told == pytest.approx([1.0, 3.0, 5.0], abs=0.25)
    told = [green(jpeg) for jpeg in read_pictures(path, 2, start=2.0, end=4.0)]
    assert told == pytest.approx([2.5, 3.5], abs=0.25)


def test_more_pictures_than_a_clip_has_are_its_own_again(tmp_path: Path) -> None:
    assert len(read_pictures(media.video(tmp_path / "a.mp4", seconds=0.3), 10)) == 10


def test_flash_video_as_crema_d_has_it_is_read(tmp_path: Path) -> None:
    path = media.video(tmp_path / "a.flv", seconds=2.0, codec="flv", pitch=None)
    assert [green(jpeg) for jpeg in read_pictures(path, 2)] == pytest.approx([0.5, 1.5], abs=0.25)


def test_large_pictures_are_stored_smaller_and_small_ones_as_they_are() -> None:
    for size, expected in (((640, 480), (341, 256)), ((100, 50), (100, 50)), ((480, 640), (256, 341))):
        with Image.open(io.BytesIO(encode(Image.new("RGB", size)))) as stored:
            assert stored.size == expected


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda p: p, "no such file"),
        (lambda p: p.write_bytes(b"") and None, "zero length"),
        (lambda p: p.write_bytes(b"no video at all, but some text" * 50) and None, "can't be decoded"),
        (lambda p: media.video(p, pitch=None), "no audio track"),
    ],
)
def test_what_is_wrong_with_a_files_sound_is_said(tmp_path: Path, make: object, why: str) -> None:
    path = tmp_path / "bad.mp4"
    make(path)  # type: ignore[operator]
    with pytest.raises(Unreadable, match=why):
        read_sound(path, 16_000)


def test_a_recording_of_no_samples_has_zero_length(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="zero length"):
        read_sound(media.wav(tmp_path / "a.wav", seconds=0.0), 16_000)


def test_a_recording_is_no_video(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="no video track"):
        read_pictures(media.wav(tmp_path / "a.wav"), 3)


@pytest.mark.parametrize("share", [0.3, 0.6])
def test_a_download_that_broke_off_is_noticed(tmp_path: Path, share: float) -> None:
    path = media.cut(media.video(tmp_path / "a.mp4", seconds=4.0), share)
    with pytest.raises(Unreadable):
        read_pictures(path, 3)
    clip = media.cut(media.video(tmp_path / "b.flv", seconds=4.0, codec="flv", pitch=None), share)
    with pytest.raises(Unreadable):
        read_pictures(clip, 3)


def test_the_seconds_that_count_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="ends before second 9"):
        read_sound(media.wav(tmp_path / "a.wav"), 16_000, start=9.0)
