import numpy as np
from kept import drawn, recorded

from backend.verdict.history import History

RNG = np.random.default_rng(0)


def ratio(middle: float, spread: float, steps: int = 400) -> History:
    rho = middle * np.exp(spread * RNG.standard_normal(steps))
    k = np.where(rho > 1, 1 - np.tanh(rho), 1.0)
    curves = {"rho.audio": rho, "rho.visual": 1 / rho, "k.audio": k, "k.visual": np.ones(steps)}
    return drawn(curves, settings={"batch_size": 16})


SPEAKS = {
    "chance around a tie": ratio(1.05, 0.6),
    "batches of eight, two modalities alike": recorded("small-batch"),
}
SILENT = {
    "a lead well above the noise": ratio(4.0, 0.4),
    "a tie without noise": ratio(1.0, 0.05),
    "so few rows": ratio(1.0, 0.6, 60),
    "OGM-GE on AV-digits": recorded("ogm-ge"),
    "joint training": recorded("joint"),
    "one modality": recorded("alone"),
}
