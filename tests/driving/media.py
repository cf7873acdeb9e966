"""Small true files: video with sound, encoded by PyAV, and recordings, in the layouts data sets come in."""

import os
import signal
import struct
import wave
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

import av
import h5py
import numpy as np

from trainer.prepare.sound import Spectrogram

FRAMES_A_SECOND = 10


def tone(seconds: float, rate: int, pitch: float) -> np.ndarray:
    """A sine with a little noise, float32 [n]."""
    at = np.arange(round(seconds * rate)) / rate
    noise = np.random.default_rng(round(pitch)).normal(0, 0.01, at.shape)
    return (0.5 * np.sin(2 * np.pi * pitch * at) + noise).astype(np.float32)


def wav(path: Path, seconds: float = 2.5, rate: int = 16_000, pitch: float = 440.0) -> Path:
    """A recording, 16 bit, mono."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((tone(seconds, rate, pitch) * 32767).astype("<i2").tobytes())
    return path


def picture(moment: float, shade: int, size: tuple[int, int] = (64, 48)) -> np.ndarray:
    """A picture whose red is `shade` and whose green tells the second it was taken in, uint8 [H, W, 3]."""
    width, height = size
    result = np.zeros((height, width, 3), np.uint8)
    result[..., 0] = shade
    result[..., 1] = min(255, round(moment * 25))
    result[: height // 2, : width // 2, 2] = 255
    return result


def video(
    path: Path,
    seconds: float = 3.0,
    *,
    shade: int = 128,
    pitch: float | None = 440.0,
    codec: str = "libx264",
    rate: int = 16_000,
) -> Path:
    """A clip; without sound where `pitch` is None."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w") as container:
        seen = container.add_stream(codec, rate=FRAMES_A_SECOND)
        seen.width, seen.height, seen.pix_fmt = 64, 48, "yuv420p"
        heard = None
        if pitch is not None:
            heard = container.add_stream("mp3" if path.suffix == ".flv" else "aac", rate=rate, layout="mono")
        for number in range(round(seconds * FRAMES_A_SECOND)):
            frame = av.VideoFrame.from_ndarray(picture(number / FRAMES_A_SECOND, shade), format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, FRAMES_A_SECOND)
            container.mux(seen.encode(frame))
        container.mux(seen.encode(None))
        if heard is not None and pitch is not None:
            samples = tone(seconds, rate, pitch)[None]
            frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples), format="fltp", layout="mono")
            frame.rate, frame.pts = rate, 0
            container.mux(heard.encode(frame))
            container.mux(heard.encode(None))
    return path


def cut(path: Path, share: float) -> Path:
    """The file with only so much of it left, as a download that broke off."""
    content = path.read_bytes()
    path.write_bytes(content[: round(share * len(content))])
    return path


DEADLY = 3.5


class Deadly(Spectrogram):
    """Ends the process that hears a recording of just this length, as a decoder that crashes does."""

    def __call__(self, samples: np.ndarray) -> np.ndarray:
        if len(samples) == round(DEADLY * self.rate):
            os.kill(os.getpid(), signal.SIGKILL)
        return super().__call__(samples)


EMOTIONS = ("NEU", "HAP", "SAD", "FEA", "DIS", "ANG")


def cremad(source: Path, actors: int = 10, sentences: int = 1) -> Path:
    """CREMA-D's folders: each actor says each sentence with each emotion."""
    for actor in range(1001, 1001 + actors):
        for sentence in ("DFA", "IEO", "TIE")[:sentences]:
            for number, emotion in enumerate(EMOTIONS):
                name = f"{actor}_{sentence}_{emotion}_XX"
                wav(source / "AudioWAV" / f"{name}.wav", 2.0 + 0.1 * number, pitch=200 + 100 * number)
                video(source / "VideoFlash" / f"{name}.flv", 2.0, shade=40 * number, pitch=None, codec="flv")
    return source


def cremad_lists(source: Path, **clips: Sequence[str]) -> Path:
    """The official code's lists, one for each split, of clips by name."""
    for split, names in clips.items():
        (source / f"{split}.csv").write_text("".join(f"{name},{name.split('_')[2]}\n" for name in names))
    return source


def kinetics_sounds(source: Path, labels: tuple[str, ...], train: int = 4, test: int = 2) -> Path:
    """Kinetics' lists, with clips of these classes and of one that does not belong, by class in folders."""
    for name, count, offset in (("train", train, 0), ("validate", test, 100)):
        lines = ["label,youtube_id,time_start,time_end,split"]
        for at, label in enumerate((*labels, "abseiling")):
            for number in range(count):
                video_id = f"v{at:02d}{offset + number:04d}xxxxx"
                lines.append(f"{label},{video_id},{number},{number + 10},{name}")
                if label != "abseiling":
                    stem = f"{video_id}_{number:06d}_{number + 10:06d}"
                    place = source / "clips" / label.replace(" ", "_") / f"{stem}.mp4"
                    video(place, 3.0, shade=20 * at, pitch=200 + 50 * at)
        (source / f"{name}.csv").write_text("\n".join(lines) + "\n")
    return source


def vggsound(source: Path, labels: tuple[str, ...], train: int = 4, test: int = 2) -> Path:
    """vggsound.csv and its clips."""
    lines = []
    for at, label in enumerate(labels):
        for number in range(train + test):
            split = "train" if number < train else "test"
            lines.append(f'w{at:02d}{number:04d}yyyyy,{number},"{label}",{split}')
            place = source / "video" / f"w{at:02d}{number:04d}yyyyy_{number:06d}.mp4"
            video(place, 3.0, shade=20 * at, pitch=200 + 50 * at)
    (source / "vggsound.csv").write_text("\n".join(lines) + "\n")
    return source


def ave(source: Path, labels: tuple[str, ...], each: tuple[int, int, int] = (4, 2, 2)) -> Path:
    """AVE's lists and clips."""
    names = ("trainSet.txt", "valSet.txt", "testSet.txt")
    lines: dict[str, list[str]] = {name: [] for name in names}
    for at, label in enumerate(labels):
        for part, (name, count) in enumerate(zip(names, each, strict=True)):
            for number in range(count):
                video_id = f"a{at:02d}{part}{number:03d}zzzzz"
                lines[name].append(f"{label}&{video_id}&good&0&10")
                video(source / "AVE" / f"{video_id}.mp4", 3.0, shade=20 * at, pitch=200 + 50 * at)
    for name, answer in lines.items():
        (source / name).write_text("\n".join(answer) + "\n")
    return source


def ave_features(folder: Path, clips: int = 16) -> Path:
    """Files as AVE's authors publish them; events 0 and 1, background before second 3."""
    chance = np.random.default_rng(0)
    labels = np.zeros((clips, 10, 29), np.int16)
    audio = chance.normal(0, 0.1, (clips, 10, 128)).astype(np.float32)
    visual = chance.random((clips, 10, 7, 7, 512), np.float32) * 0.1
    for clip in range(clips):
        labels[clip, :3, 28] = 1
        labels[clip, 3:, clip % 2] = 1
        audio[clip, 3:, clip % 2] += 2
        visual[clip, 3:, 2, 4, clip % 2] += 2
    orders = {"train": range(10), "val": range(10, 13), "test": range(13, clips)}
    folder.mkdir(parents=True, exist_ok=True)
    for name, array in (("audio_feature", audio), ("visual_feature", visual), ("labels", labels)):
        with h5py.File(folder / f"{name}.h5", "w") as file:
            file["avadataset"] = array
    for name, rows in orders.items():
        with h5py.File(folder / f"{name}_order.h5", "w") as file:
            file["order"] = np.array(rows)
    return folder


PUBLISHED: dict[str, Callable[[Path], Path]] = {
    "cremad": lambda source: cremad(source, actors=2),
    "kinetics-sounds": lambda source: kinetics_sounds(source, ("bowling", "singing")),
    "vggsound": lambda source: vggsound(source, ("cat purring", "dog barking, far")),
    "ave": lambda source: ave(source, ("Bark", "Bus")),
}
"""What makes each data set that can be prepared, small."""


def rotated(path: Path, matrix: Sequence[int]) -> Path:
    """An mp4 whose header asks for a turn or a mirror: a, b, c, d of the display matrix, each -1, 0 or 1."""
    content = bytearray(path.read_bytes())
    at = content.find(b"tkhd") + 4
    at += 4 + (32 if content[at] else 20) + 8 + 8  # version and flags, times and ids, layer and volume
    a, b, c, d = (value << 16 for value in matrix)
    content[at : at + 36] = struct.pack(">9i", a, b, 0, c, d, 0, 0, 0, 1 << 30)
    path.write_bytes(content)
    return path
