"""Pictures of every kind that Pillow reads, as eight bits of red, green and blue would show them.

Turned as their EXIF says, of many pictures the first, numbers of any depth scaled to the same range, and
what is transparent on white. Letters: H rows, W columns.
"""

import math
import struct
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from trainer.prepare.files import MOST_PIXELS, Unreadable, decoding

BACKGROUND = "white"
"""The color behind transparent places."""
PROGRAMS = frozenset({"EPS", "WMF"})
"""Kinds that Pillow hands to another program, which a file from somewhere must not start."""
STUBS = frozenset({"BUFR", "GRIB", "HDF5", "MPEG"})
"""Kinds that Pillow only knows by name."""
RANGES = (1, 255, 1023, 4095, 16_383, 65_535)
"""Largest values that numbers of unknown depth are taken to have: 1, or 8, 10, 12, 14 or 16 bits."""
SLACK = 0.05
"""Share of a range by which resampled numbers reach beyond it."""
DARK = 1 / 16
"""Share of its range that a picture should reach; what reaches less is said to be dark."""
DEEP = ("I", "F")
"""How the modes of pictures with one number of more than eight bits begin."""
BROKEN_EXIF = (SyntaxError, ValueError, OSError, KeyError, TypeError, OverflowError, struct.error)

Pixels = NDArray[np.float32]

TURNED = "turned as their EXIF data say"
UNTURNED = "with EXIF data that can't be read, not turned"
FIRST = "with more than one picture, of which the first is read"
FLATTENED = f"with transparent places, which become {BACKGROUND}"
SCALED = "with numbers of more than eight bits, scaled by"
FAINT = f"of which they reach less than a {round(1 / DARK)}th, so that it is dark"
SIGNED, WIDTH, INVERTED = 339, 258, 262
"""Tags of TIFF: whether numbers are signed, their bits, and whether 0 is white."""


@dataclass(frozen=True)
class Picture:
    """Red, green and blue from -1 to 1 [3, edge, edge], and what was done to the file to get there."""

    pixels: Pixels
    notes: tuple[str, ...] = ()


def kinds() -> tuple[str, ...]:
    """Kinds of picture that are read, as Pillow names them."""
    Image.init()
    return tuple(kind for kind in Image.OPEN if kind not in PROGRAMS | STUBS)


def endings() -> tuple[str, ...]:
    """Endings of picture files, the most common first: of two pictures of one name it decides."""
    first = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff", ".ppm", ".pgm")
    read = kinds()
    others = sorted(e for e, kind in Image.registered_extensions().items() if kind in read and e not in first)
    return (*first, *others)


def read_picture(path: Path, edge: int) -> Picture:
    """A picture resized to a square.

    Raises:
        Unreadable: when it can't be decoded, holds numbers that are not finite, or has more than
            `MOST_PIXELS` pixels.
    """
    with decoding(path), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of odd metadata; of a size that is checked here
        _check_kind(path)
        with Image.open(path, formats=kinds()) as picture:
            if math.prod(picture.size) > MOST_PIXELS:
                raise Unreadable(f"more than {MOST_PIXELS // 10**6} megapixels")
            notes = [FIRST] if getattr(picture, "n_frames", 1) > 1 else []
            shown, more = _flat(_upright(picture, notes), picture)
            small = shown.resize((edge, edge), Image.Resampling.BILINEAR)
    values = np.asarray(small, np.float32) / 127.5 - 1
    channels = values.transpose(2, 0, 1) if values.ndim == 3 else np.stack([values] * 3)
    return Picture(np.ascontiguousarray(channels), (*notes, *more))


def _check_kind(path: Path) -> None:
    with path.open("rb") as file:
        begins = file.read(4)
    if begins in {b"%!PS", b"\xc5\xd0\xd3\xc6"}:
        raise Unreadable("PostScript, which is a program and not run; save it as PNG")


def _upright(picture: Image.Image, notes: list[str]) -> Image.Image:
    """The picture as it should be looked at, with a note where that is not as it is stored."""
    try:
        turned = picture.getexif().get(0x0112, 1) in range(2, 9)  # a TIFF is turned while it is loaded
    except BROKEN_EXIF:
        turned = False
    picture.load()
    try:
        turned = turned or picture.getexif().get(0x0112, 1) in range(2, 9)
        upright = ImageOps.exif_transpose(picture)
    except BROKEN_EXIF:
        notes.append(UNTURNED)
        return picture
    if turned:
        notes.append(TURNED)
    return upright


def _flat(picture: Image.Image, file: Image.Image) -> tuple[Image.Image, list[str]]:
    """The picture of a file as RGB, or as floats from 0 to 255 where it has one number of greater depth."""
    stored = _stored(picture, file)
    if picture.mode.startswith(DEEP) or stored.dtype == np.int8:
        values, top = scaled(stored, file.format)
        hollow = stored == picture.info.get("transparency", np.nan)
        values[hollow] = 255
        faint = not hollow.any() and top.isdecimal() and values.max() < 255 * DARK
        notes = [f"{SCALED} {top}{f', {FAINT}' if faint else ''}", *([FLATTENED] if hollow.any() else [])]
        return Image.fromarray(255 - values if _inverted(file) else values), notes
    if picture.mode == "La":
        picture = picture.convert("LA")
    if not picture.has_transparency_data:
        return picture.convert("RGB"), []
    picture = picture.convert("RGBA")
    ground = Image.new("RGBA", picture.size, BACKGROUND)
    hollow = picture.getchannel("A").getextrema() != (255, 255)
    return Image.alpha_composite(ground, picture).convert("RGB"), [FLATTENED] if hollow else []


def _stored(picture: Image.Image, file: Image.Image) -> NDArray[np.generic]:
    """The numbers of a picture; of a TIFF with the sign that its file says they have."""
    values: NDArray[np.generic] = np.asarray(picture)
    tags = getattr(file, "tag_v2", {})
    kind, bits = tags.get(SIGNED, (0,)), tags.get(WIDTH, (0,))
    if picture.mode == "L" and kind == (2,):
        return values.view(np.int8)
    if picture.mode == "I" and kind == (1,) and bits == (32,):
        return values.view(np.uint32)
    return values


def _inverted(file: Image.Image) -> bool:
    """Whether 0 is white; Pillow inverts pictures of eight bits only."""
    return getattr(file, "tag_v2", {}).get(INVERTED) == 0 and file.mode.startswith(DEEP)


def scaled(values: NDArray[np.generic], kind: str | None = None) -> tuple[Pixels, str]:
    """Numbers [H, W] of any depth from 0 to 255, and what they were scaled by.

    Sixteen bits have a range of their own, as have all numbers of a PGM; of wider ones nobody knows it, so
    the smallest usual one is taken that holds them, and what fits none is stretched over its own. Fractions
    may lie a little beyond it.

    Raises:
        Unreadable: when some are not finite.

    >>> scaled(np.array([[0, 65535]], np.uint16))[0].tolist()
    [[0.0, 255.0]]
    >>> scaled(np.array([[0.0, 0.5]], np.float32))
    (array([[  0. , 127.5]], dtype=float32), '1')
    """
    wide = values.astype(np.float64)
    if not np.isfinite(wide).all():
        raise Unreadable("numbers that are not finite")
    low, high = float(wide.min()), float(wide.max())
    if values.dtype == np.uint16 or kind == "PPM":
        return (wide / (RANGES[-1] / 255)).astype(np.float32), f"{RANGES[-1]}"
    tops = RANGES if values.dtype.kind == "f" else RANGES[1:]
    slack = SLACK if values.dtype.kind == "f" else 0.0
    for top in tops if low >= -slack * high else ():
        if high <= top * (1 + slack):
            return np.clip(wide * (255 / top), 0, 255).astype(np.float32), f"{top}"
    span = high - low or 1.0
    return ((wide - low) * (255 / span)).astype(np.float32), "their own smallest and largest"
