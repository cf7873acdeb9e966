from typing import Any

import numpy as np
from kept import drawn, recorded

from backend.verdict.history import History

EPOCHS = np.arange(50, 450, 50)


def branch(reached: float, able: float, stem: str = "alone", **facts: Any) -> History:
    ones = np.ones(len(EPOCHS))
    curves = {
        "val.accuracy.audio": (EPOCHS, 0.7 * ones),
        "val.accuracy.visual": (EPOCHS, reached * ones),
        f"{stem}.audio": (EPOCHS, 0.72 * ones),
        f"{stem}.visual": (EPOCHS, able * ones),
    }
    return drawn(curves, modalities=["audio", "visual"], **facts)


def fitted(fused: float, weak: float, rises: float = 0.0) -> History:
    line = np.ones(400)
    weakening = weak + rises * (np.arange(400) > 300)
    curves = {"accuracy": fused * line, "accuracy.audio": fused * line, "accuracy.visual": weakening}
    return drawn(curves, modalities=["audio", "visual"])


SPEAKS = {
    "far behind its modality alone": branch(0.2, 0.84),
    "far behind its probe": branch(0.2, 0.5, "probe.accuracy"),
    "stopped where the network fits all": fitted(0.98, 0.2),
    "joint training with baselines": recorded("joint-baselines"),
}
SILENT = {
    "as good as its modality alone": branch(0.82, 0.84),
    "behind by what a small validation split gives": branch(0.5, 0.65, examples=40),
    "still rising": fitted(0.98, 0.2, rises=0.2),
    "a network that fits little": fitted(0.5, 0.2),
    "one modality": recorded("alone"),
    "balanced data": recorded("balanced"),
}
