from typing import Any

import numpy as np
from kept import drawn, recorded

from backend.verdict.history import History

EPOCHS = np.arange(50, 450, 50)
SPLIT = {"modalities": ["audio", "visual"], "classes": 10, "examples": 500, "majority": 0.1}


def branches(visual: float, **more: Any) -> History:
    extra = {name: (EPOCHS, np.full(8, value)) for name, value in more.pop("curves", {}).items()}
    curves = {
        "val.accuracy.audio": (EPOCHS, np.full(8, 0.7)),
        "val.accuracy.visual": (EPOCHS, np.full(8, visual)),
    }
    return drawn(curves | extra, **SPLIT | more)


SPEAKS = {
    "guessing": branches(0.11),
    "the most frequent class": branches(0.6, majority=0.6, classes=2),
    "a modality that is noise": recorded("chance"),
}
SILENT = {
    "above chance": branches(0.2),
    "a probe reads it": branches(0.11, curves={"probe.accuracy.visual": 0.5}),
    "classes that are not known": branches(0.11, majority=None),
    "joint training with baselines": recorded("joint-baselines"),
    "one modality": recorded("alone"),
    "balanced data": recorded("balanced"),
}
