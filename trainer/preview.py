"""How an input is shown to a reader: a picture, a sound, a text, or curves. Letters: H, W edges, T times."""

import io
import wave
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from rhoscope.samples import MOST_LETTERS, Part

EDGE = 128
"""Longest edge of a picture, in pixels; smaller ones stay as they are, and the page enlarges them."""
POINTS = 256
"""Points of a curve."""
CURVES = 8
RATE = 8000
"""Samples per second of a sound: enough for speech, a fifth of the bytes of a CD's."""
SECONDS = 4.0


def derived(modality: str, values: NDArray[Any]) -> Part | None:
    """The likeliest view of an input, by its shape alone; None where it has none.

    [H, W], [1, H, W], and [3, H, W] are pictures, of [3, T, H, W] the middle one is shown; [T], [C, T] and
    [C, 1, T] with at most 8 channels are curves.
    """
    if not values.size:
        return None
    if values.ndim == 4 and len(values) == 3:
        values = values[:, values.shape[1] // 2]
    if values.ndim == 3 and len(values) <= CURVES and values.shape[1] == 1:
        values = values[:, 0]
    if values.ndim == 3 and values.shape[0] in (1, 3):
        return picture(modality, values[0] if values.shape[0] == 1 else values.transpose(1, 2, 0))
    if values.ndim == 1 or (values.ndim == 2 and len(values) <= CURVES):
        return curves(modality, np.atleast_2d(values))
    return picture(modality, values) if values.ndim == 2 else None


def picture(modality: str, values: NDArray[Any]) -> Part:
    """Numbers [H, W] or [H, W, 3] as a PNG: the smallest is black, the largest white."""
    finite = np.nan_to_num(values.astype(np.float32), nan=0.0, posinf=0.0, neginf=0.0)
    low, high = float(finite.min()), float(finite.max())
    scaled = (finite - low) / max(high - low, 1e-12) * 255
    return drawing(modality, Image.fromarray(scaled.round().astype(np.uint8)), "PNG")


def drawing(modality: str, image: Image.Image, format: str = "JPEG") -> Part:
    """A picture, made small."""
    small = image if format == "PNG" else image.convert("RGB")
    small.thumbnail((EDGE, EDGE))  # keeps the ratio of its edges
    file = io.BytesIO()
    small.save(file, format=format)
    return Part.of(modality, "image", file.getvalue())


def sound(modality: str, samples: NDArray[Any], rate: int = RATE) -> Part:
    """Samples [n] in [-1, 1] as a WAV of 16 bits."""
    whole = (np.clip(np.nan_to_num(samples.astype(np.float32)), -1, 1) * 32767).round().astype("<i2")
    file = io.BytesIO()
    with wave.open(file, "wb") as written:
        written.setnchannels(1)
        written.setsampwidth(2)
        written.setframerate(rate)
        written.writeframes(whole.tobytes())
    return Part.of(modality, "sound", file.getvalue())


def text(modality: str, words: str) -> Part:
    """A text, as far as there is room for it."""
    return Part(modality=modality, kind="text", text=words[:MOST_LETTERS])


def curves(modality: str, values: NDArray[Any]) -> Part:
    """Numbers [C, T] over time, of which evenly many are kept."""
    places = np.linspace(0, values.shape[1] - 1, min(POINTS, values.shape[1])).round().astype(int)
    kept = np.nan_to_num(values[:CURVES, places].astype(np.float64), nan=0.0, posinf=0.0, neginf=0.0)
    return Part(modality=modality, kind="curves", curves=[[float(f"{v:.4g}") for v in row] for row in kept])
