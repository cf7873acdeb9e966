import numpy as np
from kept import drawn, recorded
from numpy.typing import ArrayLike

from backend.verdict.history import History

EPOCHS = np.arange(50, 450, 50)


def gaps(leader: float, other: float, rho: float = 3.0, epochs: ArrayLike = EPOCHS) -> History:
    curves = {
        "rho.audio": [rho] * 400,
        "rho.visual": [1 / rho] * 400,
        "gap.audio": (epochs, leader * np.ones(len(epochs))),
        "gap.visual": (epochs, other * np.ones(len(epochs))),
    }
    return drawn(curves)


SPEAKS = {"a large gap of the leader": gaps(0.3, 0.02), "joint training on AV-digits": recorded("joint")}
SILENT = {
    "a small gap": gaps(0.05, 0.02),
    "the same gap in both": gaps(0.3, 0.28),
    "no leader": gaps(0.3, 0.02, rho=1.1),
    "two validations": gaps(0.3, 0.02, epochs=EPOCHS[:2]),
    "balanced data": recorded("balanced"),
    "one modality": recorded("alone"),
}
