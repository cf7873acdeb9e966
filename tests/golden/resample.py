"""Golden item `resample`: a sound file at another rate and its spectrogram, through `trainer.prepare`.

Compared by what the file allows another good band-limited resampler, since ours is soxr and not resampy.
"""

import tempfile
import wave
from pathlib import Path

import numpy as np
from comparison import Case, Difference, absolute

from trainer.prepare.media import read_sound
from trainer.prepare.sound import Spectrogram

SAMPLES, BELOW, ABOVE, LEVEL = 0.03, 0.05, 1.0, 0.5
PASSED, STOPPED = 0.916, 1.028
"""Ends of what both rates hold, as shares of half the lower rate: rows 0 to 170 and from 191 of 257."""


def differences(case: Case) -> list[Difference]:
    """Compare samples and spectrogram with librosa's."""
    settings, expected = case["settings"], case["expected"]["kaiser_best"]
    rate, lower = settings["rate_out"], min(settings["rate_in"], settings["rate_out"])
    samples = _read(np.array(case["inputs"]["pcm16"], np.int16), settings["rate_in"], rate)
    hearing = Spectrogram(rate, len(samples) / rate, settings["n_fft"], settings["hop"])
    ours = hearing(samples)
    columns = sorted(map(int, expected["spectrogram"]))[1:-1]
    theirs = np.array([expected["spectrogram"][str(column)] for column in columns]).T
    apart = np.abs(ours[:, columns] - theirs)
    share = np.arange(len(ours)) * rate / settings["n_fft"] / (lower / 2)
    low, high = share <= PASSED, share >= STOPPED
    compared = [
        absolute("samples", samples[:: settings.get("every", 1)], expected["samples"], SAMPLES),
        Difference("passed rows, mean", float(apart[low].mean()), BELOW),
    ]
    if high.any():
        level = ours[high, 2:-2].mean()
        compared.append(Difference("stopped rows, mean", float(apart[high].mean()), ABOVE))
        compared.append(absolute("level above", level, expected["mean_level"]["above_8200"], LEVEL))
    return compared


def _read(pcm: np.ndarray, rate: int, wanted: int) -> np.ndarray:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sound.wav"
        with wave.open(str(path), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(rate)
            file.writeframes(pcm.astype("<i2").tobytes())
        return read_sound(path, wanted).samples
