import numpy as np
from kept import drawn, recorded
from numpy.typing import ArrayLike

from backend.verdict.history import History


def gradients(audio: ArrayLike, visual: ArrayLike, steps: int = 400) -> History:
    curves = {
        "grad_norm.audio": np.broadcast_to(audio, steps),
        "grad_norm.visual": np.broadcast_to(visual, steps),
    }
    return drawn(curves, modalities=["audio", "visual"])


FALLS = np.geomspace(1, 1e-5, 400)
SPEAKS = {
    "one falls to nothing": gradients(1.0, FALLS),
    "one is 0": gradients(1.0, 0.0),
    "one is next to nothing from the start": gradients(1.0, 1e-6),
}
SILENT = {
    "both fall as the loss does": gradients(FALLS, FALLS),
    "one is smaller from the start": gradients(1.0, 0.005),
    "one falls to a tenth": gradients(1.0, np.geomspace(1, 0.1, 400)),
    "so few steps": gradients(1.0, np.geomspace(1, 1e-5, 60), steps=60),
    "joint training on AV-digits": recorded("joint"),
    "OGM-GE on AV-digits": recorded("ogm-ge"),
}
