"""Pictures, sounds, texts, and tables that a program gives, as bytes that a browser can show.

Arrays are read by what they look like: nothing has to be installed beside numpy.
"""

import io
import json
import math
import struct
import wave
import zlib
from collections.abc import Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rhoscope.media import Kind

Piece = tuple[Kind, bytes]
_SOUNDS = (".wav", ".ogg", ".oga", ".flac", ".mp3")
_PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".webp")


def piece(value: Any, rate: int | None = None) -> Piece:
    """Kind and bytes of whatever `Run.media` takes.

    A picture is an array [H, W] or [H, W, 3 or 4], a tensor [3, H, W], a PIL image, or a figure; a sound an
    array [N] or [N, channels] with its `rate` in Hz; a table a frame, a mapping of columns, or rows.

    Raises:
        TypeError, ValueError: when it is none of these.
        OSError: when a file can't be read.
    """
    if isinstance(value, PathLike):
        return _file(Path(value))
    if isinstance(value, str):
        return "text", value.encode()
    save = getattr(value, "savefig", None) or (hasattr(value, "mode") and getattr(value, "save", None))
    if save:
        return "image", _saved(save)
    if hasattr(value, "to_dict") and hasattr(value, "columns"):
        return "table", _table(value.to_dict("list"))
    if isinstance(value, Mapping) or _are_rows(value):
        return "table", _table(value)
    return _array(value, rate)


def _are_rows(value: Any) -> bool:
    return isinstance(value, Sequence) and bool(value) and all(isinstance(row, Mapping) for row in value)


def _file(path: Path) -> Piece:
    suffix = path.suffix.lower()
    kind: Kind = "image" if suffix in _PICTURES else "sound" if suffix in _SOUNDS else "text"
    return kind, path.read_bytes()


def _saved(save: Any) -> bytes:
    file = io.BytesIO()
    save(file, format="png")
    return file.getvalue()


def _table(value: Any) -> bytes:
    if isinstance(value, Mapping):
        columns = [str(name) for name in value]
        rows = [[_cell(cell) for cell in row] for row in zip(*value.values(), strict=True)]
    else:
        names = list(dict.fromkeys(name for row in value for name in row))
        columns = [str(name) for name in names]
        rows = [[_cell(row.get(name)) for name in names] for row in value]
    return json.dumps({"columns": columns, "rows": rows}).encode()


def _cell(value: Any) -> Any:
    """A value of JSON, which knows no NaN."""
    value = value.item() if isinstance(value, np.generic) else value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    return value if value is None or isinstance(value, (bool, int)) else str(value)[:1000]


def _array(value: Any, rate: int | None) -> Piece:
    if hasattr(value, "detach"):
        value = value.detach().float().cpu().numpy()
    array = np.asarray(value)
    if array.dtype.kind not in "buif" or not array.size:
        raise TypeError(f"a {type(value).__name__} is no picture, sound, text, or table")
    if rate is not None:
        return "sound", wav(array, rate)
    if array.ndim == 3 and array.shape[0] in (1, 3, 4) and array.shape[2] not in (1, 3, 4):
        array = array.transpose(1, 2, 0)
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[:, :, 0]
    if array.ndim == 2 or (array.ndim == 3 and array.shape[2] in (3, 4)):
        return "image", png(array)
    shape = " x ".join(map(str, array.shape))
    raise ValueError(f"an array of {shape} is no picture; a sound needs its rate")


def png(array: NDArray[Any]) -> bytes:
    r"""A picture [H, W] or [H, W, 3 or 4]: uint8 as it is, other numbers from 0 to 1.

    >>> png(np.zeros((2, 3), np.uint8))[:4]
    b'\x89PNG'
    """
    if array.dtype != np.uint8:
        array = (np.clip(np.nan_to_num(array.astype(np.float64)), 0, 1) * 255).round().astype(np.uint8)
    height, width = array.shape[:2]
    kind = {1: 0, 3: 2, 4: 6}[1 if array.ndim == 2 else array.shape[2]]
    lines = array.reshape(height, -1)
    raw = np.concatenate([np.zeros((height, 1), np.uint8), lines], axis=1).tobytes()
    head = struct.pack(">IIBBBBB", width, height, 8, kind, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(raw, 6)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in chunks)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def wav(array: NDArray[Any], rate: int) -> bytes:
    """A sound [N] or [N, channels] as 16 bits: int16 as it is, other numbers from -1 to 1."""
    if array.ndim > 2 or (array.ndim == 2 and array.shape[1] > 8):
        raise ValueError("a sound has samples, and perhaps up to 8 channels beside each other")
    if array.dtype != np.int16:
        array = (np.clip(np.nan_to_num(array.astype(np.float64)), -1, 1) * 32767).round().astype("<i2")
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1 if array.ndim == 1 else array.shape[1])
        sound.setsampwidth(2)
        sound.setframerate(int(rate))
        sound.writeframes(np.ascontiguousarray(array, "<i2").tobytes())
    return file.getvalue()
