"""Folders of one's own: classes that differ in pitch, shade and word, and the odd files people have."""

import struct
import zlib
from pathlib import Path

import media
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
