import numpy as np
from kept import drawn, recorded
from numpy.typing import ArrayLike

from backend.verdict.history import History

RNG = np.random.default_rng(0)
COIN = RNG.random(400) < 0.5


def brake(k: ArrayLike) -> History:
    k = np.asarray(k, float)
    return drawn({"k.audio": k, "k.visual": np.ones(len(k)), "rho.audio": np.where(k < 1, 1.05, 0.95)})


SPEAKS = {
    "a coin decides": brake(np.where(COIN, 0.2, 1.0)),
    "OGM on two modalities alike": recorded("twins-ogm"),
    "OGM-GE on AV-digits": recorded("ogm-ge"),
}
SILENT = {
    "always braked": brake(0.3 + 0.05 * RNG.standard_normal(400)),
    "small jumps": brake(np.where(COIN, 0.9, 1.0)),
    "seldom": brake(np.where(np.arange(400) // 40 % 2, 0.2, 1.0)),
    "so few rows": brake(np.where(COIN[:60], 0.2, 1.0)),
    "a gentle alpha": recorded("gentle"),
    "joint training": recorded("joint"),
}
