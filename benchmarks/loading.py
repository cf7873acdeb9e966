"""Examples per second that one process on one core reads: `make bench-loading`.

    python -m benchmarks.loading [--rounds 12] [--clips 64] [--quick]

Ours reads what `rhoscope prepare` wrote: a spectrogram from a mapped file, a JPEG of a prepared picture.
The official code's way, written down again from its description, has a JPEG file per picture, of the
video's size, and calls librosa for every example: load and resample, tile, cut, clip, STFT, logarithm. Both
crop at random to 224 × 224, flip, normalize, and put 64 examples into a batch. Both work on the same clips,
made here: CREMA-D's (480 × 360 Flash video, 16 kHz recordings of 2.5 s) and VGGSound's (640 × 360 mp4, 10 s
at 16 kHz). They take turns in one process that is kept on one core; a ratio is formed within each round,
and the median over rounds told.
"""

import argparse
import importlib.util
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from fractions import Fraction
from importlib.metadata import version
from pathlib import Path
from zlib import crc32

import av
import numpy as np
import torch
from PIL import Image

from benchmarks.rig import programs
from benchmarks.rig.page import heading, options, parser, publish
from trainer.disk.split import MEAN, SPREAD, Look, OnDisk, Shelves, crop
from trainer.plugins import load
from trainer.prepare.media import read_sound

OURS, OFFICIAL = "ours", "official way"
LIBROSA = importlib.util.find_spec("librosa") is not None
"""What the official way decodes sound with; `make bench-loading` puts it into a folder of its own."""
QUICK = {"rounds": 2, "clips": 2, "batch": 2}
EDGE = 224
FRAMES = {"cremad": 1, "vggsound": 3}


def clip(path: Path, seconds: float, size: tuple[int, int], codec: str, *, sound: bool) -> None:
    """A moving picture with detail, so that JPEGs have the size of photographs'."""
    path.parent.mkdir(parents=True, exist_ok=True)
    chance = np.random.default_rng(crc32(path.stem.encode()))
    coarse = Image.fromarray(chance.integers(0, 255, (size[1] // 8, size[0] // 8, 3), np.uint8))
    still = np.asarray(coarse.resize(size, Image.Resampling.BICUBIC))
    with av.open(str(path), "w") as container:
        seen = container.add_stream(codec, rate=10)
        seen.width, seen.height, seen.pix_fmt = *size, "yuv420p"
        heard = container.add_stream("aac", rate=16_000, layout="mono") if sound else None
        for number in range(round(seconds * 10)):
            frame = av.VideoFrame.from_ndarray(np.roll(still, 4 * number, 1), format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, 10)
            container.mux(seen.encode(frame))
        container.mux(seen.encode(None))
        if heard is not None:
            noise = chance.normal(0, 0.1, (1, round(seconds * 16_000))).astype(np.float32)
            wave = av.AudioFrame.from_ndarray(noise, format="fltp", layout="mono")
            wave.rate, wave.pts = 16_000, 0
            container.mux(heard.encode(wave))
            container.mux(heard.encode(None))


def wav(path: Path, seconds: float) -> None:
    """A recording as CREMA-D has it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    samples = np.random.default_rng(0).normal(0, 0.1, (1, round(seconds * 16_000)))
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=16_000, layout="mono")
        frame = av.AudioFrame.from_ndarray((samples * 32767).astype(np.int16), format="s16", layout="mono")
        frame.rate, frame.pts = 16_000, 0
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def source(name: str, folder: Path, clips: int) -> Path:
    """A source in its owners' layout."""
    if name == "cremad":
        for number in range(clips):
            stem = f"{1001 + number}_DFA_ANG_XX"
            wav(folder / "AudioWAV" / f"{stem}.wav", 2.5)
            clip(folder / "VideoFlash" / f"{stem}.flv", 2.5, (480, 360), "flv", sound=False)
        return folder
    lines = [f"video{number:06d},0,sound,{'test' if number == 0 else 'train'}" for number in range(clips)]
    for number in range(clips):
        clip(folder / "video" / f"video{number:06d}_000000.mp4", 10, (640, 360), "libx264", sound=True)
    (folder / "vggsound.csv").write_text("\n".join(lines) + "\n")
    return folder


def prepare(name: str, folder: Path, out: Path) -> None:
    """Our way's preparation, as a program: its processes would load all of this one."""
    command = [sys.executable, "-m", "trainer.prepare", name, "--source", str(folder), "--out", str(out)]
    command += ["--workers", "2", "--allow-missing", "0"]
    with programs.start(command, stdout=subprocess.DEVNULL) as process:
        if code := process.wait():
            raise RuntimeError(f"Preparing {name} ended with code {code}.")


def spread_out(name: str, folder: Path, out: Path) -> list[tuple[Path, list[Path]]]:
    """The official way's preparation: a wav file and a folder of JPEG files for each clip."""
    times = []
    pattern, rate = ("VideoFlash/*.flv", 16_000) if name == "cremad" else ("video/*.mp4", 16_000)
    for path in sorted(folder.glob(pattern)):
        pictures = []
        (out / path.stem).mkdir(parents=True)
        with av.open(str(path)) as container:
            for number, frame in enumerate(container.decode(video=0)):
                if number % 10 == 0:
                    pictures.append(out / path.stem / f"{number:03d}.jpg")
                    frame.to_image().save(pictures[-1], quality=95)
        recording = folder / "AudioWAV" / f"{path.stem}.wav"
        if name != "cremad":
            recording = out / f"{path.stem}.wav"
            samples = (read_sound(path, rate).samples * 32767).astype(np.int16)[None]
            with av.open(str(recording), "w") as container:
                stream = container.add_stream("pcm_s16le", rate=rate, layout="mono")
                frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
                frame.rate, frame.pts = rate, 0
                container.mux(stream.encode(frame))
                container.mux(stream.encode(None))
        times.append((recording, pictures))
    return times


def official(name: str, recording: Path, pictures: list[Path], chance: np.random.Generator) -> object:
    """One example as the official loaders make it."""
    import librosa  # noqa: PLC0415 -- slow to import, and not installed for our own way alone

    if name == "cremad":
        samples, rate = librosa.load(recording, sr=22_050)
        wanted, n_fft, hop = 3 * rate, 512, 353
        samples = np.tile(samples, 3)[:wanted]
    else:
        samples, rate = librosa.load(recording, sr=16_000)
        samples = np.tile(samples, 2)
        start, n_fft, hop = int(chance.integers(5 * rate)), 256, 128
        samples = samples[start : start + 5 * rate]
    spectrum = librosa.stft(np.clip(samples, -1, 1), n_fft=n_fft, hop_length=hop)
    heard = torch.from_numpy(np.log(np.abs(spectrum) + 1e-7))
    mean, spread = (torch.tensor(v)[:, None, None] for v in (MEAN, SPREAD))
    views = []
    for path in pictures[: FRAMES[name]]:
        with Image.open(path) as opened:
            picture = opened.convert("RGB")
        seen = picture.crop(crop(*picture.size, chance)).resize((EDGE, EDGE), Image.Resampling.BILINEAR)
        array = np.asarray(seen)[:, :: int(chance.choice([1, -1]))]
        pixels = torch.from_numpy(array.copy()).permute(2, 0, 1).float() / 255
        views.append((pixels - mean) / spread)
    return heard, torch.stack(views, 1)


def ways(name: str, folder: Path, given: argparse.Namespace) -> dict[str, Callable[[int], None]]:
    """Both ways to read a batch, on the same clips; ours alone where librosa is not installed."""
    clips = given.clips
    files_in = source(name, folder / "source", clips)
    prepare(name, files_in, folder / "out")
    cls = load("dataset", name)
    look = Look(FRAMES[name], EDGE, cls.heard, cls.hearing.frames_axis, readers=1)  # type: ignore[attr-defined]
    rows = torch.arange(clips)
    split = OnDisk(Shelves(folder / "out"), rows, torch.zeros(clips, dtype=torch.int64), look)
    files = spread_out(name, files_in, folder / "spread")
    indices = torch.split(torch.arange(given.batch) % clips, given.batch)

    def ours(turn: int) -> None:
        for _ in split.batches(indices, (0, turn)):
            pass

    def theirs(turn: int) -> None:
        chance = np.random.default_rng(turn)
        torch.utils.data.default_collate(
            [official(name, *files[int(i)], chance) for index in indices for i in index]
        )

    return {OURS: ours, **({OFFICIAL: theirs} if LIBROSA else {})}


def measure(of: dict[str, Callable[[int], None]], given: argparse.Namespace) -> dict[str, list[float]]:
    """Examples per second of each way in each round, the order turned from round to round."""
    times: dict[str, list[float]] = {way: [] for way in of}
    for turn in range(-2, given.rounds):
        for way in list(of) if turn % 2 else list(of)[::-1]:
            started = time.perf_counter()
            of[way](turn + 2)
            if turn >= 0:  # the first two are to warm up
                times[way].append(given.batch / (time.perf_counter() - started))
    return times


def report(times: dict[str, dict[str, list[float]]], given: argparse.Namespace) -> list[str]:
    """A page of Markdown."""
    rows = [f"| {name}, {FRAMES[name]} picture(s) | {_cells(rates)} |" for name, rates in times.items()]
    names = ("librosa", "numpy", "pillow", "torch") if LIBROSA else ("numpy", "pillow", "torch")
    without = [] if LIBROSA else ["librosa is not installed, so the official way was not measured.", ""]
    return [
        *heading("Loading", "loading", given),
        "Examples per second that one process on one core reads, decodes, crops, normalizes and puts",
        f"into batches of {given.batch}; the median of {given.rounds} rounds in which both ways take turns, "
        f"{given.clips} made clips.",
        "",
        "| data set | ours | official way | ratio (quartiles) |",
        "| --- | --- | --- | --- |",
        *rows,
        "",
        *without,
        f"{_processor()}; {', '.join(f'{name} {version(name)}' for name in names)}.",
        "",
        "The official way is our own writing of it (JPEG files of the video's size, librosa for every",
        "example), not its code. All is in the page cache: a cold disk adds to both. Preparing is not",
        "counted for either.",
        "",
    ]


def _cells(rates: dict[str, list[float]]) -> str:
    ours = f"{statistics.median(rates[OURS]):.0f}"
    if OFFICIAL not in rates:
        return f"{ours} | not measured | "
    ratios = [a / b for a, b in zip(rates[OURS], rates[OFFICIAL], strict=True)]
    low, middle, high = statistics.quantiles(ratios, n=4)
    return f"{ours} | {statistics.median(rates[OFFICIAL]):.0f} | {middle:.1f} ({low:.1f} to {high:.1f})"


def _processor() -> str:
    answer = [
        line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")
    ]
    return answer[0].split(":")[1].strip() if answer else "CPU"


def main() -> None:
    line = parser(__doc__)
    line.add_argument("--rounds", type=int, default=12)
    line.add_argument("--clips", type=int, default=64)
    line.add_argument("--batch", type=int, default=64)
    given = options(line, "loading", QUICK)
    torch.set_num_threads(1)
    times = {}
    for name in FRAMES:
        with tempfile.TemporaryDirectory() as folder:
            both = ways(name, Path(folder), given)
            allowed = os.sched_getaffinity(0)
            os.sched_setaffinity(0, {min(allowed)})
            times[name] = measure(both, given)
            os.sched_setaffinity(0, allowed)
    publish(report(times, given), "loading", given)


if __name__ == "__main__":
    main()
