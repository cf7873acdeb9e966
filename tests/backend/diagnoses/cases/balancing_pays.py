from typing import Any

import numpy as np
from kept import drawn, recorded

from backend.verdict.history import History


def run(strategy: str, steps: int, k: float, **settings: Any) -> History:
    """A run of six epochs, to its end."""
    curves = {"rho.audio": [3.0] * steps, "rho.visual": [1 / 3] * steps, "k.audio": k * np.ones(steps)}
    given = {"alpha": 1.5, "epochs": 6, **settings}
    return drawn(curves, strategy=strategy, settings=given, steps_per_epoch=steps / 6)


SPEAKS = {
    "a short run that was slowed down": run("ogm-ge", 138, 0.1),
    "OGM-GE for six epochs of AV-digits": recorded("short-ogm-ge"),
}
SILENT = {
    "a short joint run": run("joint", 138, 1.0),
    "a longer run": run("ogm-ge", 144, 0.1),
    "a short part of a longer run": run("ogm-ge", 120, 0.1, epochs=24),
    "a gentle alpha": run("ogm-ge", 138, 0.1, alpha=0.3),
    "a strategy that was not looked at": run("ogm", 138, 0.1),
    "nobody was slowed down": run("ogm-ge", 138, 1.0),
    "its length is not known": drawn({"rho.audio": [3.0] * 120, "rho.visual": [0.3] * 120}),
    "OGM-GE on AV-digits": recorded("ogm-ge"),
    "joint training on AV-digits": recorded("joint"),
    "one modality": recorded("alone"),
}
