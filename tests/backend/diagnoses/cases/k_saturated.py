from typing import Any

import numpy as np
from kept import drawn, recorded
from numpy.typing import ArrayLike

from backend.verdict.history import History


def brake(k: ArrayLike, steps: int = 400, **facts: Any) -> History:
    k = np.broadcast_to(k, steps)
    return drawn(
        {"k.audio": k, "k.visual": np.ones(steps), "rho.audio": [5.0] * steps, "rho.visual": [0.2] * steps}
    )


SPEAKS = {
    "k near 0": brake(0.01),
    "k near 0 for most of the second half": brake(np.r_[[1.0] * 260, [0.02] * 140]),
    "OGM-GE where nothing needs balancing": recorded("saturated"),
}
SILENT = {
    "half the gradient": brake(0.5),
    "k near 0 only at the beginning": brake(np.r_[[0.01] * 200, [0.6] * 200]),
    "so few steps": brake(0.01, 60),
    "k is 1": brake(1.0),
    "a gentle alpha": recorded("gentle"),
    "joint training": recorded("joint"),
}
