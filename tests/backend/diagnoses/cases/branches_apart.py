from typing import Any

import numpy as np
from kept import drawn, recorded

from backend.verdict.history import History

EPOCHS = np.arange(50, 450, 50)
SPLIT = {"modalities": ["audio", "visual"], "classes": 10, "examples": 500, "majority": 0.1}


def branches(visual: float, audio: float = 0.7, **more: Any) -> History:
    extra = {name: (EPOCHS, np.full(8, value)) for name, value in more.pop("curves", {}).items()}
    curves = {
        "val.accuracy.audio": (EPOCHS, np.full(8, audio)),
        "val.accuracy.visual": (EPOCHS, np.full(8, visual)),
    }
    return drawn(curves | extra, **SPLIT | more)


SPEAKS = {
    "fifty points": branches(0.34, audio=0.84),
    "a modality that is noise": recorded("chance"),
    "of three, the best and the worst": branches(
        0.4, modalities=["audio", "visual", "text"], curves={"val.accuracy.text": 0.9}
    ),
}
SILENT = {
    "ten points": branches(0.6),
    "twenty points of a small split": branches(0.5, examples=20),
    "the other was trained alone": branches(0.34, curves={"alone.visual": 0.35}),
    "a probe was read": branches(0.34, curves={"probe.accuracy.visual": 0.6}),
    "joint training with baselines": recorded("joint-baselines"),
    "balanced data": recorded("balanced"),
    "one modality": recorded("alone"),
}
