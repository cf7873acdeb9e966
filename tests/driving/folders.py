"""Folders of one's own: classes that differ in pitch, shade and word, and the odd files people have."""

import struct
import zlib
from pathlib import Path

import av
import media
import numpy as np
from PIL import Image

NAMES = ("cat", "dog")


def pets(folder: Path, *, text: bool = False, each: int = 7) -> Path:
    """Two classes of sound and pictures, with words where `text`."""
    for number, name in enumerate(NAMES):
        for example in range(each):
            media.wav(folder / name / f"e{example}.wav", 0.5, pitch=300 + 300 * number)
            Image.new("RGB", (20, 30), (200 * number, 50, 50)).save(folder / name / f"e{example}.jpg")
            if text:
                (folder / name / f"e{example}.txt").write_text(f"it says {('miaow', 'woof')[number]}")
    return folder


def huge(path: Path) -> Path:
    """A whole black picture of 200 megapixels, some 25 kB on disk."""
    Image.new("1", (20_000, 10_000)).save(path, "PNG")
    return path


def talkative(path: Path) -> Path:
    """A picture with a comment of 2 MB, more than Pillow reads."""
    small = path.with_name("small.png")
    Image.new("RGB", (8, 8)).save(small)
    content = small.read_bytes()
    small.unlink()
    comment = b"zTXt" + b"Comment\0\0" + zlib.compress(b"x" * 2_000_000)
    chunk = struct.pack(">I", len(comment) - 4) + comment + struct.pack(">I", zlib.crc32(comment))
    path.write_bytes(content[:33] + chunk + content[33:])  # after the header, which ends at byte 33
    return path


def halved(path: Path) -> Path:
    """A picture of which half is there, as after a download that broke off."""
    Image.effect_noise((200, 200), 80).convert("RGB").save(path, "JPEG")
    return media.cut(path, 0.5)


def floats(path: Path, samples: np.ndarray, rate: int = 16_000) -> Path:
    """A recording of 32-bit floats [n], which may hold what is no number."""
    body = samples.astype("<f4").tobytes()
    form = struct.pack("<HHIIHH", 3, 1, rate, 4 * rate, 4, 32)
    chunks = b"fmt " + struct.pack("<I", 16) + form + b"data" + struct.pack("<I", len(body)) + body
    path.write_bytes(b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks)
    return path


def recording(path: Path, codec: str, container: str = "", seconds: float = 0.5) -> Path:
    """A tone in any codec that FFmpeg writes."""
    with av.open(str(path), "w", format=container or None) as file:
        stream = file.add_stream(codec, rate=48_000 if codec == "libopus" else 16_000, layout="mono")
        samples = media.tone(seconds, stream.rate, 500.0)[None]
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples), format="fltp", layout="mono")
        frame.rate, frame.pts = stream.rate, 0
        for part in av.AudioResampler(format=stream.format, layout="mono", rate=stream.rate).resample(frame):
            file.mux(stream.encode(part))
        file.mux(stream.encode(None))
    return path
