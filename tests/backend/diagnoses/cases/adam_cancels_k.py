from collections.abc import Mapping

import numpy as np
from kept import drawn, recorded

from backend.verdict.history import History

ADAM = {"optimizer": "adam"}


def moves(k: float, ratio: float, steps: int = 400, settings: Mapping[str, str] = ADAM) -> History:
    curves = {
        "k.audio": k,
        "k.visual": 1.0,
        "effective_step.audio": 0.01 * ratio,
        "effective_step.visual": 0.01,
    }
    whole = {name: np.full(steps, value) for name, value in curves.items()}
    return drawn(whole, modalities=["audio", "visual"], settings=settings)


SPEAKS = {
    "a slowed encoder moves as far": moves(0.1, 1.1),
    "OGM-GE under Adam": recorded("adam"),
}
SILENT = {
    "it is slowed": moves(0.1, 0.1),
    "SGD": moves(0.1, 1.1, settings={"optimizer": "sgd"}),
    "hardly slowed": moves(0.9, 1.0),
    "so few steps": moves(0.1, 1.1, steps=60),
    "an optimizer that is not known": moves(0.1, 1.1, settings={}),
    "OGM-GE under SGD": recorded("ogm-ge"),
}
