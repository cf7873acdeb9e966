import numpy as np
from kept import drawn, recorded

from backend.verdict.history import History


def noisy(noise: float, steps: int = 400, other: float | None = None, k: float = 1.0) -> History:
    whole = {"noise.audio": noise, "noise.visual": noise if other is None else other}
    whole |= {"grad_norm.audio": 1.0, "grad_norm.visual": 1.0, "k.audio": k, "k.visual": k}
    return drawn({n: np.full(steps, v) for n, v in whole.items()}, modalities=["audio", "visual"])


SPEAKS = {"a hundredth of the gradient": noisy(0.01)}
SILENT = {
    "as large as the gradient": noisy(1.0),
    "small for one encoder alone": noisy(0.01, other=0.5),
    "none": noisy(0.0),
    "k of 0": noisy(1.0, k=0.0),
    "so few steps": noisy(0.01, steps=60),
    "GE alone": recorded("ge"),
    "OGM-GE on AV-digits": recorded("ogm-ge"),
}
