"""Spoken and handwritten digits that come with rhoscope, as two small tensors and a target."""

from pathlib import Path

import numpy as np
import torch
from torch import Tensor

FILE = Path(__file__).parents[2] / "trainer" / "datasets" / "data" / "av-digits.npz"


def load() -> tuple[Tensor, Tensor, Tensor]:
    """Sound [N, 26], mean and spread of each cepstral coefficient; picture [N, 64]; digit [N]."""
    data = np.load(FILE)
    recordings = np.split(data["mfcc"], np.cumsum(data["length"].astype(int))[:-1])
    sound = np.stack([np.concatenate([one.mean(0), one.std(0)]) for one in recordings])
    sound = (sound - sound.mean(0)) / sound.std(0)
    rng = np.random.default_rng(0)
    pictures = [rng.choice(np.flatnonzero(data["image_digit"] == digit)) for digit in data["digit"]]
    picture = data["image"][pictures].reshape(len(sound), 64) / 16.0
    as_tensor = [torch.from_numpy(one.astype(np.float32)) for one in (sound, picture)]
    return as_tensor[0], as_tensor[1], torch.from_numpy(data["digit"].astype(np.int64))
