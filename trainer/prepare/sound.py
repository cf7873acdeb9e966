"""Log spectrograms and filter banks, computed once. Letters: F bins, T frames."""

from dataclasses import dataclass
from functools import cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]
FLOOR = 1e-7
WINDOW_MS = 25
PRE_EMPHASIS = 0.97
LOWEST_HZ = 20.0
SMALLEST = float(np.finfo(np.float32).eps)
"""Least energy of a filter."""


class Hearing(Protocol):
    """How samples become an array of always the same shape."""

    @property
    def rate(self) -> int:
        """Hz of the samples it takes."""

    @property
    def shape(self) -> tuple[int, int]:
        """Shape of what is stored."""

    @property
    def frames_axis(self) -> int:
        """Which axis is time."""

    def __call__(self, samples: Samples) -> NDArray[np.float32]:
        """The array to store for samples [n] at `rate`, n > 0."""


@dataclass(frozen=True)
class Spectrogram:
    """log(|STFT| + 1e-7) of `seconds` of sound, tiled or cut to that length: [F, T], F = n_fft / 2 + 1.

    Hann window, frames centered, zeros around the ends.
    """

    rate: int
    seconds: float
    n_fft: int
    hop: int

    @property
    def shape(self) -> tuple[int, int]:
        """[F, T].

        >>> Spectrogram(rate=22050, seconds=3, n_fft=512, hop=353).shape
        (257, 188)
        """
        return self.n_fft // 2 + 1, 1 + round(self.rate * self.seconds) // self.hop

    @property
    def frames_axis(self) -> int:
        """Time is the second axis."""
        return 1

    def __call__(self, samples: Samples) -> NDArray[np.float32]:
        """[F, T]. Samples are clipped to [-1, 1], as the official code does."""
        length = round(self.rate * self.seconds)
        tiled = np.tile(samples, -(-length // len(samples)))[:length]
        padded = np.pad(np.clip(tiled, -1, 1).astype(np.float64), self.n_fft // 2)
        window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(self.n_fft) / self.n_fft)
        frames = np.lib.stride_tricks.sliding_window_view(padded, self.n_fft)[:: self.hop]
        magnitudes = np.abs(np.fft.rfft(frames * window, axis=1)).T
        return np.log(magnitudes + FLOOR).astype(np.float32)


@dataclass(frozen=True)
class FilterBank:
    """Kaldi's log mel filter bank, padded with zeros or cut to `frames`: [T, bins].

    25 ms under a Hann window, each less its own mean and pre-emphasized by 0.97, filters from 20 Hz to half
    the rate. At 16 kHz the lowest of 128 filters are narrower than a line of the spectrum, and some hold
    none: like the official code's library we keep them, where Kaldi itself refuses.
    """

    rate: int
    frames: int
    bins: int = 128
    shift_ms: float = 10.0
    mean: float = 0.0
    spread: float = 1.0

    @property
    def shape(self) -> tuple[int, int]:
        """[T, bins]."""
        return self.frames, self.bins

    @property
    def frames_axis(self) -> int:
        """Time is the first axis."""
        return 0

    def __call__(self, samples: Samples) -> NDArray[np.float32]:
        """[T, bins], less `mean` over `spread`. The samples' own mean is taken off first."""
        length, shift = self.rate * WINDOW_MS // 1000, round(self.rate * self.shift_ms / 1000)
        output = np.zeros(self.shape, np.float32)
        if len(samples) >= length:
            centered = samples.astype(np.float64) - samples.mean(dtype=np.float64)
            frames = np.lib.stride_tricks.sliding_window_view(centered, length)[::shift][: self.frames]
            output[: len(frames)] = self._banks(frames)
        return (output - self.mean) / self.spread

    def _banks(self, frames: NDArray[np.float64]) -> NDArray[np.float64]:
        """Log energies [T, bins] of frames [T, n]."""
        length = frames.shape[1]
        leveled = frames - frames.mean(1, keepdims=True)
        before = np.concatenate([leveled[:, :1], leveled[:, :-1]], 1)
        window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(length) / (length - 1))
        size = 1 << (length - 1).bit_length()
        power = np.abs(np.fft.rfft((leveled - PRE_EMPHASIS * before) * window, size, axis=1)) ** 2
        energies = power[:, : size // 2] @ mel_filters(self.rate, size, self.bins).T
        logarithms: NDArray[np.float64] = np.log(np.maximum(energies, SMALLEST))
        return logarithms


@cache
def mel_filters(rate: int, size: int, bins: int) -> NDArray[np.float64]:
    """Triangles on the mel scale [bins, size / 2], over the lines of a spectrum of `size` samples."""
    low, high = mel(np.array([LOWEST_HZ, rate / 2]))
    lines = mel(np.arange(size // 2) * rate / size)
    edges = low + (high - low) / (bins + 1) * np.arange(bins + 2)
    left, middle, right = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    rising, falling = (lines - left) / (middle - left), (right - lines) / (right - middle)
    weights: NDArray[np.float64] = np.maximum(0.0, np.minimum(rising, falling))
    return weights


def mel(hertz: NDArray[np.float64]) -> NDArray[np.float64]:
    """Hertz as mel.

    >>> mel(np.array([700.0])).round(1).tolist()
    [781.2]
    """
    mels: NDArray[np.float64] = 1127 * np.log1p(hertz / 700)
    return mels
