"""What is read of a media file, and what is said of one that can't be."""

import io
from pathlib import Path

import av
import media
import numpy as np
import pytest
from PIL import Image

from trainer.prepare.files import Unreadable
from trainer.prepare.media import FORMATS, Band, encode, read_pictures, read_sound


def green(jpeg: bytes) -> float:
    """What a test picture's green says of the second it was taken in."""
    with Image.open(io.BytesIO(jpeg)) as picture:
        return float(np.asarray(picture)[30:, 40:, 1].mean()) / 25


def test_sound_comes_mono_at_the_rate_asked_for(tmp_path: Path) -> None:
    path = media.wav(tmp_path / "a.wav", seconds=2.0, rate=16_000, pitch=441.0)
    sound = read_sound(path, 22_050)
    assert sound.rate == 22_050
    assert sound.original_rate == 16_000
    assert len(sound.samples) == 44_100
    spectrum = np.abs(np.fft.rfft(sound.samples))
    assert np.fft.rfftfreq(len(sound.samples), 1 / 22_050)[spectrum.argmax()] == pytest.approx(441, abs=1)
    assert np.abs(sound.samples).max() == pytest.approx(0.53, abs=0.05)


@pytest.mark.parametrize(("original", "rate"), [(16_000, 22_050), (44_100, 16_000), (8_000, 16_000)])
def test_resampling_keeps_what_both_rates_hold_and_adds_nothing(original: int, rate: int) -> None:
    """In whatever pieces the samples come, and with ceil(n · rate / original) of them."""
    noise = np.random.default_rng(0).normal(0, 0.1, original).astype(np.float32)
    whole, pieces = Band(rate), Band(rate)
    whole.take(noise, original)
    for piece in np.array_split(noise, 37):
        pieces.take(piece, original)
    assert pieces.seconds == 1
    made = whole.samples()
    assert len(made) == rate
    np.testing.assert_allclose(pieces.samples(), made, atol=1e-6)
    before, after = (np.abs(np.fft.rfft(x.astype(float))) ** 2 / len(x) ** 2 for x in (noise, made))
    edge = min(original, rate) // 2
    assert after[100 : int(0.9 * edge)].sum() == pytest.approx(before[100 : int(0.9 * edge)].sum(), rel=0.01)
    assert after[int(1.03 * edge) :].sum() < 1e-4 * before.sum()


def test_sound_of_a_clip_and_only_the_seconds_that_count(tmp_path: Path) -> None:
    path = media.video(tmp_path / "a.mp4", seconds=3.0)
    assert len(read_sound(path, 16_000).samples) == pytest.approx(48_000, rel=0.05)
    assert len(read_sound(path, 16_000, 1.0, 2.0).samples) == 16_000


def test_pictures_are_those_at_the_middles_of_equal_parts(tmp_path: Path) -> None:
    path = media.video(tmp_path / "a.mp4", seconds=6.0)
    answer = [green(jpeg) for jpeg in read_pictures(path, 3)]
    assert answer == pytest.approx([1.0, 3.0, 5.0], abs=0.25)
    answer = [green(jpeg) for jpeg in read_pictures(path, 2, start=2.0, end=4.0)]
    assert answer == pytest.approx([2.5, 3.5], abs=0.25)


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


TURNED = {
    "upright": ((1, 0, 0, 1), (0, 0)),
    "half around": ((-1, 0, 0, -1), (1, 1)),
    "clockwise": ((0, 1, -1, 0), (0, 1)),
    "counterclockwise": ((0, -1, 1, 0), (1, 0)),
    "mirrored": ((-1, 0, 0, 1), (0, 1)),
    "upside down": ((1, 0, 0, -1), (1, 0)),
    "transposed": ((0, 1, 1, 0), (0, 0)),
    "transposed the other way": ((0, -1, -1, 0), (1, 1)),
}
"""Display matrices, and in which row and column of four the upper left quarter is shown."""


@pytest.mark.parametrize("case", TURNED)
def test_a_video_is_shown_as_its_camera_was_held(tmp_path: Path, case: str) -> None:
    matrix, (row, column) = TURNED[case]
    path = media.rotated(media.video(tmp_path / "a.mp4", seconds=1.0), matrix)
    with Image.open(io.BytesIO(read_pictures(path, 1)[0])) as picture:
        assert picture.size == ((64, 48) if matrix[0] else (48, 64))
        blue = np.asarray(picture)[..., 2].astype(float)
    quarters = [[q.mean() for q in np.array_split(half, 2, axis=1)] for half in np.array_split(blue, 2)]
    assert np.argmax(quarters) == 2 * row + column


NAMES_OTHERS = {
    "a.wav": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 5004 RTP/AVP 0\n",
    "b.wav": "ffconcat version 1.0\nfile 'other.wav'\n",
    "c.wav": '<?xml version="1.0"?>\n<MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><Period></Period></MPD>',
    "d.mp4": "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nhttp://127.0.0.1:9/a.ts\n#EXT-X-ENDLIST\n",
    "e.m3u8": "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nother.wav\n#EXT-X-ENDLIST\n",
    "f.sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\n",
    "g.txt": "some words that FFmpeg would draw as a terminal does\n",
    "h.ffmeta": ";FFMETADATA1\ntitle=x\n",
}


@pytest.mark.parametrize("name", NAMES_OTHERS)
def test_a_file_that_names_others_is_refused_before_it_is_played(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    media.wav(tmp_path / "other.wav")
    (tmp_path / name).write_text(NAMES_OTHERS[name])
    monkeypatch.chdir(tmp_path)
    for read in (lambda p: read_sound(p, 16_000), lambda p: read_pictures(p, 1)):
        with pytest.raises(Unreadable, match=r"no recording|can't be decoded: Invalid data"):
            read(tmp_path / name)


def test_every_kind_of_recording_that_may_be_opened_is_known_and_names_no_other() -> None:
    allowed = set(FORMATS.split(","))
    assert allowed <= {name for known in av.formats_available for name in known.split(",")}
    naming = {"sdp", "rtp", "rtsp", "sap", "hls", "dash", "concat", "imf", "image2", "webm_dash_manifest"}
    drawing = {"lavfi", "tty", "bin", "xbin", "ffmetadata", "alsa", "x11grab", "fbdev", "video4linux2"}
    assert not allowed & (naming | drawing)


@pytest.mark.parametrize(("codec", "kind"), [("aac", "adts"), ("libmp3lame", "mp3")])
def test_a_length_that_is_a_guess_breaks_nothing_off(tmp_path: Path, codec: str, kind: str) -> None:
    """Without a stated length FFmpeg goes by the first frames, which are small where it is quiet."""
    path = tmp_path / f"a.{kind}"
    varying = {"flags": "+qscale", "global_quality": "118"} if kind == "mp3" else {}
    with av.open(str(path), "w", format=kind, container_options={"write_xing": "0"}) as file:
        stream = file.add_stream(codec, rate=44_100, layout="mono", options=varying)
        noise = np.random.default_rng(0).normal(size=(1, 8 * 44_100)) * 0.3
        noise[:, : 6 * 44_100] = 0
        frame = av.AudioFrame.from_ndarray(noise.astype(np.float32), format="fltp", layout="mono")
        frame.rate, frame.pts = 44_100, 0
        for part in av.AudioResampler(format=stream.format, layout="mono", rate=44_100).resample(frame):
            file.mux(stream.encode(part))
        file.mux(stream.encode(None))
    assert len(read_sound(path, 16_000).samples) / 16_000 == pytest.approx(8.0, abs=0.2)
