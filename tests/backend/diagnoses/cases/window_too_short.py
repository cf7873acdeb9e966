from typing import Any

import numpy as np
from kept import drawn, recorded

from backend.verdict.history import History

ENDS = {"alpha": 1.5, "modulation_ends": 3, "modulation_unit": "epoch"}


def window(inside: float, after: float, steps: int = 400, **facts: Any) -> History:
    rho = np.r_[[inside] * 100, [after] * (steps - 100)]
    facts = {"settings": ENDS, "steps_per_epoch": 25.0} | facts
    return drawn({"rho.audio": rho, "rho.visual": 1 / rho}, **facts)


SPEAKS = {
    "the lead came back": window(1.1, 4.0),
    "an end in steps": window(
        1.1, 4.0, settings={"alpha": 1.5, "modulation_ends": 99, "modulation_unit": "step"}
    ),
}
SILENT = {
    "the lead stayed away": window(1.1, 1.2),
    "it was there before": window(4.0, 4.2),
    "no end": window(1.1, 4.0, settings={"alpha": 1.5, "modulation_ends": None}),
    "too soon to say": window(1.1, 4.0, steps=120),
    "OGM-GE on AV-digits": recorded("ogm-ge"),
}
