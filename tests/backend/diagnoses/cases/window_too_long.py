from typing import Any

import numpy as np
from kept import drawn, recorded
from numpy.typing import ArrayLike

from backend.verdict.history import History

EPOCHS = np.arange(50, 450, 50)
STAYS = (0.6,) * 8


def course(
    first: float, late: float, branch: ArrayLike = STAYS, fused: ArrayLike = STAYS, **facts: Any
) -> History:
    rho = np.geomspace(first, late, 400)
    curves = {
        "rho.audio": rho,
        "rho.visual": 1 / rho,
        "k.audio": np.where(rho > 1, 0.2, 1.0),
        "k.visual": np.ones(400),
        "val.accuracy.audio": (EPOCHS, branch),
        "val.accuracy": (EPOCHS, fused),
    }
    return drawn(curves, **facts)


LOSES = np.linspace(0.66, 0.43, 8)
SPEAKS = {
    "the lead turned round": course(4.0, 0.3),
    "its branch pays for nothing": course(4.0, 2.0, LOSES),
}
SILENT = {
    "the lead goes and nothing is lost": course(4.0, 1.0),
    "its branch pays, and the network gains": course(4.0, 2.0, LOSES, np.linspace(0.6, 0.8, 8)),
    "modulation ended long ago": course(
        4.0, 0.3, settings={"modulation_ends": 3, "modulation_unit": "epoch"}, steps_per_epoch=25.0
    ),
    "joint training": recorded("joint"),
}
