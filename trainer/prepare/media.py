"""Sound and pictures of one media file, decoded by PyAV. Whatever is wrong with it is one sentence."""

import io
import math
import re
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from av.container import InputContainer
from numpy.typing import NDArray
from PIL import Image

EDGE = 256
"""Shorter edge of stored pictures, in pixels; smaller ones are left as they are."""
QUALITY = 95
WHOLE = 0.9
"""Share of its stated length that a stream must really have, not to count as truncated."""
MOST_PIXELS = 100_000_000
"""Of a picture that is read: what is larger needs more memory than one example is worth."""
MOST_TEXT = 16 * 2**20
"""Bytes of a text that is read."""

Samples = NDArray[np.float32]


class Unreadable(Exception):
    """A file can't be used; says why."""


@dataclass(frozen=True)
class Sound:
    """Mono samples [n] in [-1, 1] at `rate`, and the rate they had in the file."""

    samples: Samples
    rate: int
    original_rate: int


def read_sound(path: Path, rate: int, start: float = 0.0, end: float = math.inf) -> Sound:
    """The seconds from `start` to `end` of a file's first audio stream, resampled to `rate`.

    Nothing behind `end` is decoded, so that a recording of many hours costs no more memory than that.

    Raises:
        Unreadable: without such a stream, when it is empty, breaks off, or holds samples that are no numbers.
    """
    with _open(path) as container:
        if not container.streams.audio:
            raise Unreadable("no audio track")
        stream = container.streams.audio[0]
        samples = _resampled(container, stream, rate, end)
        stated = _stated(container, stream.duration, stream.time_base)
        original = stream.rate
    if not samples.size:
        raise Unreadable("audio of zero length")
    if len(samples) / rate < min(end, WHOLE * stated - 0.1):
        raise Unreadable(f"audio breaks off after {len(samples) / rate:.1f} s of {stated:.1f} s")
    last = len(samples) if end == math.inf else round(end * rate)
    kept = samples[round(start * rate) : last]
    if not kept.size:
        raise Unreadable(f"audio ends before second {start:g}")
    if not np.isfinite(kept).all():
        raise Unreadable("samples that are not finite numbers")
    return Sound(np.ascontiguousarray(kept), rate, original)


def _resampled(container: InputContainer, stream: av.AudioStream, rate: int, end: float) -> Samples:
    """Mono samples [n] at `rate` of a stream, up to second `end` or some more."""
    resampler = av.AudioResampler(format="flt", layout="mono", rate=rate)
    parts, reached = list[Samples](), 0
    for frame in container.decode(stream):
        fresh = [f.to_ndarray()[0] for f in resampler.resample(frame)]
        parts += fresh
        reached += sum(map(len, fresh))
        if reached >= end * rate + 1:
            break
    else:
        parts += [f.to_ndarray()[0] for f in resampler.resample(None)]
    return np.concatenate(parts) if parts else np.zeros(0, np.float32)


def read_picture(path: Path, edge: int) -> Samples:
    """A picture resized to a square, float32 [3, edge, edge] from -1 to 1.

    Raises:
        Unreadable: when it can't be decoded, or has more than `MOST_PIXELS` pixels.
    """
    with _decoding(path), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of odd metadata; of a size that is checked here
        with Image.open(path) as picture:
            if math.prod(picture.size) > MOST_PIXELS:
                raise Unreadable(f"more than {MOST_PIXELS // 10**6} megapixels")
            small = picture.convert("RGB").resize((edge, edge), Image.Resampling.BILINEAR)
    return (np.asarray(small, np.float32) / 127.5 - 1).transpose(2, 0, 1)


def read_text(path: Path) -> str:
    """A text of at most `MOST_TEXT` bytes. Raises: Unreadable, when it is longer or not UTF-8."""
    with _decoding(path):
        if path.stat().st_size > MOST_TEXT:
            raise Unreadable(f"a text of more than {MOST_TEXT // 2**20} MiB")
        try:
            return path.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError as error:
            raise Unreadable("a text that is not UTF-8") from error


def read_pictures(path: Path, count: int, start: float = 0.0, end: float = math.inf) -> list[bytes]:
    """`count` pictures as JPEG: those at the middles of equal parts of the seconds from `start` to `end`.

    Raises:
        Unreadable: without a video stream, when it holds no picture, or when it breaks off.
    """
    with _open(path) as container:
        if not container.streams.video:
            raise Unreadable("no video track")
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        stated = _stated(container, stream.duration, stream.time_base)
        rate = float(stream.average_rate or stream.base_rate or 25)
        times, length = _times(path, stated, rate)
        indices = _nearest(times, middles(count, start, min(end, length)))
        pictures = _decode(path, indices)
    return [pictures[place] for place in indices]


def middles(count: int, start: float, end: float) -> list[float]:
    """The middles of `count` equal parts of a time.

    >>> middles(2, 0.0, 4.0)
    [1.0, 3.0]
    """
    part = (end - start) / count
    return [start + (number + 0.5) * part for number in range(count)]


def _times(path: Path, stated: float, rate: float) -> tuple[list[float], float]:
    """When each picture is shown, and for how long all are; nothing is decoded."""
    with _open(path) as container:
        packets = [p for p in container.demux(video=0) if p.size]
        shown = [float(p.pts * p.time_base) for p in packets if p.pts is not None and p.time_base]
        times = sorted(shown) if shown else [n / rate for n in range(len(packets))]
    if not times:
        raise Unreadable("video of zero length")
    times = [time - times[0] for time in times]
    length = times[-1] + 1 / rate
    if length < WHOLE * stated - 1.5 / rate:
        raise Unreadable(f"video breaks off after {length:.1f} s of {stated:.1f} s")
    return times, length


def _nearest(times: Sequence[float], targets: Sequence[float]) -> list[int]:
    at = np.asarray(times)
    return [int(np.abs(at - moment).argmin()) for moment in targets]


def _decode(path: Path, indices: Sequence[int]) -> dict[int, bytes]:
    needed, pictures = set(indices), dict[int, bytes]()
    with _open(path) as container:
        for place, frame in enumerate(container.decode(video=0)):
            if place in needed:
                pictures[place] = encode(frame.to_image())  # type: ignore[no-untyped-call]  # so PyAV declares it
            if len(pictures) == len(needed):
                return pictures
    raise Unreadable(f"video breaks off: {len(pictures)} of {len(needed)} pictures can be decoded")


def encode(picture: Image.Image) -> bytes:
    """JPEG of a picture whose shorter edge is at most 256 pixels."""
    scale = EDGE / min(picture.size)
    if scale < 1:
        width, height = (max(1, round(edge * scale)) for edge in picture.size)
        picture = picture.resize((width, height), Image.Resampling.BICUBIC)
    held = io.BytesIO()
    picture.convert("RGB").save(held, "JPEG", quality=QUALITY)
    return held.getvalue()


@contextmanager
def _open(path: Path) -> Iterator[InputContainer]:
    with _decoding(path):
        if path.stat().st_size == 0:
            raise Unreadable("file of zero length")
        with path.open("rb") as file, av.open(file, "r") as container:  # FFmpeg takes no names beyond UTF-8
            yield container


@contextmanager
def _decoding(path: Path) -> Iterator[None]:
    """Make whatever a decoder has against a file one sentence. Raises: Unreadable."""
    try:
        if not path.is_file():
            raise Unreadable("no regular file" if path.exists() else "no such file")
        yield
    except Unreadable:
        raise
    except Image.DecompressionBombError as error:
        raise Unreadable(f"more than {MOST_PIXELS // 10**6} megapixels") from error
    except Exception as error:
        raise Unreadable(f"can't be decoded: {_reason(error)}") from error


def _reason(error: Exception) -> str:
    """The message of a library's error, on one line and without the file's name."""
    said = getattr(error, "strerror", None) or str(error)
    return re.sub(r" *'[^']*/[^']*'", "", said.splitlines()[0].strip(" .")) if said else type(error).__name__


def _stated(container: InputContainer, duration: int | None, base: object) -> float:
    """Seconds that the file says it lasts; 0 when it does not."""
    if duration and base:
        return float(duration * base)  # type: ignore[operator]  # a fraction of PyAV's own kind
    return float(container.duration / av.time_base) if container.duration else 0.0
