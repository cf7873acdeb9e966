"""Sound and pictures of one media file, decoded by PyAV. Whatever is wrong with it is one sentence."""

import io
import math
import struct
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

import av
import numpy as np
import soxr
from av.container import InputContainer
from numpy.typing import NDArray
from PIL import Image
from typing_extensions import Buffer

from trainer.prepare.files import POINTER, Unreadable, decoding, stand_in

EDGE = 256
"""Shorter edge of stored pictures, in pixels; smaller ones are left as they are."""
QUALITY = 95
SLOWEST = 100
"""Samples a second, at least: fewer are no sound, and brought to a usual rate need gigabytes."""
GUESSED = frozenset(
    {"aac", "adts", "loas", "ac3", "eac3", "dts", "truehd", "mlp", "amr", "gsm", "mp3", "h264", "hevc"}
)
"""Kinds without a stated length: FFmpeg guesses it by the size and the first frames."""
LENGTHS = (b"Xing", b"Info", b"VBRI")
"""What an MP3 that states its length holds near its begin."""
MARGIN_S = 0.1
"""Seconds decoded behind the last one needed, so that the resampler knows what comes next."""
WHOLE = 0.9
"""Share of its stated length that a stream must really have, not to count as truncated."""
FORMATS = (
    "wav,w64,aiff,au,caf,flac,mp3,aac,adts,loas,ac3,ac4,eac3,ogg,mov,matroska,asf,asf_o,amr,amrnb,"
    "amrwb,ape,wv,tta,mpc,mpc8,tak,shn,voc,ircam,nistsphere,sox,dsf,dts,dtshd,truehd,mlp,gsm,qcp,rm,"
    "ivr,oma,osq,bonk,iff,epaf,hcom,mmf,pvf,sds,wve,xwma,vqf,iamf,qoa,lc3,adx,aa,sbc,aptx,dss,avr,"
    "act,g729,ilbc,spdif,wsd,avi,flv,live_flv,kux,mpeg,mpegts,mxf,nut,dv,ivf,obu,av1,h261,h263,"
    "h264,hevc,vvc,m4v,mpegvideo,mjpeg,vc1,yuv4mpegpipe,wtv,nuv,swf,bink,smk,roq,gxf,lxf,ty,pva,nsv,"
    "cavsvideo,dirac,avs2,avs3,evc,rpl,film_cpk"
)
"""Kinds of recording that FFmpeg may take a file for: those that hold what they play.

Others name addresses and files (SDP, HLS, DASH, lists), draw text, or open a device.
"""
ONLY = {"format_whitelist": FORMATS, "protocol_whitelist": "none"}
TURNS: Mapping[tuple[int, ...], Image.Transpose] = {
    (-1, 0, 0, -1): Image.Transpose.ROTATE_180,
    (0, 1, -1, 0): Image.Transpose.ROTATE_270,
    (0, -1, 1, 0): Image.Transpose.ROTATE_90,
    (-1, 0, 0, 1): Image.Transpose.FLIP_LEFT_RIGHT,
    (1, 0, 0, -1): Image.Transpose.FLIP_TOP_BOTTOM,
    (0, 1, 1, 0): Image.Transpose.TRANSPOSE,
    (0, -1, -1, 0): Image.Transpose.TRANSVERSE,
}
"""What the signs of a, b, c, d ask for, where a point (x, y) belongs at (ax + cy, bx + dy)."""

Samples = NDArray[np.float32]


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
        if stream.rate < SLOWEST:
            raise Unreadable(f"{stream.rate} samples a second, which are no sound")
        samples = _resampled(container, stream, rate, end)
        stated = _stated(path, container, stream)
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
    mono, band = av.AudioResampler(format="flt", layout="mono"), Band(rate)
    for frame in container.decode(stream):
        for part in mono.resample(frame):
            band.take(part.to_ndarray()[0], part.sample_rate)
        if band.seconds >= end + MARGIN_S:
            break
    else:
        for part in mono.resample(None):
            band.take(part.to_ndarray()[0], part.sample_rate)
    return band.samples()


class Band:
    """Mono samples brought to one rate piece by piece, with nothing above what both rates hold.

    A band-limited resampler of high quality, as librosa's default; FFmpeg's own filter lets images of the
    sound through above half the lower rate, 3.5 nats of a log spectrogram on average.
    """

    def __init__(self, rate: int) -> None:
        self.rate = rate
        self._original = rate
        self._taken = 0
        self._parts: list[Samples] = []
        self._stream: soxr.ResampleStream | None = None

    @property
    def seconds(self) -> float:
        """Length of what was taken."""
        return self._taken / self._original

    def take(self, samples: Samples, original: int) -> None:
        """Take the next samples [n], at the rate they have."""
        if self._stream is None and original != self.rate:
            self._stream = soxr.ResampleStream(original, self.rate, 1, dtype="float32", quality="HQ")
        self._original = original
        self._taken += len(samples)
        self._parts.append(samples if self._stream is None else self._stream.resample_chunk(samples))

    def samples(self) -> Samples:
        """All of them, ceil(n · rate / original), as librosa makes; called once, at the end."""
        if self._stream is not None:
            self._parts.append(self._stream.resample_chunk(np.zeros(0, np.float32), last=True))
        length = -(-self._taken * self.rate // self._original)
        made = np.concatenate([np.zeros(0, np.float32), *self._parts])[:length]
        return np.pad(made, (0, length - len(made)))


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
        stated = _stated(path, container, stream)
        rate = float(stream.average_rate or stream.base_rate or 25)
        times, length = _times(path, stated, rate)
        indices = _nearest(times, middles(count, start, min(end, length)))
        pictures = _decode(path, indices)
    return [pictures[place] for place in indices]


def open_tracks(video: Path, audio: Path) -> None:
    """Open a clip's files without decoding them. Raises: Unreadable, when one is odd, or lacks its track."""
    for path, kind in ((video, "video"), (audio, "audio")):
        with _open(path) as container:
            if kind not in {stream.type for stream in container.streams}:
                raise Unreadable(f"no {kind} track")


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
                pictures[place] = encode(upright(frame))
            if len(pictures) == len(needed):
                return pictures
    raise Unreadable(f"video breaks off: {len(pictures)} of {len(needed)} pictures can be decoded")


def upright(frame: av.VideoFrame) -> Image.Image:
    """A frame as it should be looked at: turned and mirrored as the display matrix beside it says.

    By default FFmpeg begins a thread for each processor, which takes longer than one thread needs for it.
    """
    picture: Image.Image = frame.to_image(threads=1)  # type: ignore[no-untyped-call]  # so PyAV declares it
    matrix = frame.side_data.get("DISPLAYMATRIX")
    if matrix is None:
        return picture
    a, b, _, c, d = struct.unpack_from("=5i", bytes(cast("Buffer", matrix)))
    turn = TURNS.get(tuple(np.sign([a, b, c, d]).tolist()))
    return picture if turn is None else picture.transpose(turn)


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
    with decoding(path):
        if path.stat().st_size == 0:
            raise Unreadable("file of zero length")
        if said := stand_in(path):
            raise Unreadable(said)
        with path.open("rb") as file, _container(file) as container:  # FFmpeg takes no names beyond UTF-8
            yield container


def _container(file: BinaryIO) -> InputContainer:
    try:
        return av.open(file, "r", container_options=ONLY)
    except av.ArgumentError as error:
        raise Unreadable("no recording: it may name others, or is of a kind that is not read") from error


def _stated(path: Path, container: InputContainer, stream: av.AudioStream | av.VideoStream) -> float:
    """Seconds that the file says it lasts; 0 when it does not, and its length is a guess."""
    if container.format.name in GUESSED and not (container.format.name == "mp3" and _says_length(path)):
        return 0.0
    if stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    return float(container.duration / av.time_base) if container.duration else 0.0


def _says_length(path: Path) -> bool:
    """Whether an MP3 has a frame with its length, which follows its tags."""
    with path.open("rb") as file:
        begins = file.read(10)
        if begins.startswith(b"ID3"):
            size = 0
            for byte in begins[6:10]:
                size = size << 7 | byte & 0x7F
            file.seek(10 + size)
        near = file.read(POINTER)
    return any(mark in near for mark in LENGTHS)
