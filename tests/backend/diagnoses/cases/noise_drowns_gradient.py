import numpy as np
from kept import drawn, recorded

from backend.verdict.history import History


def noisy(noise: float, k: float = 0.1, steps: int = 400) -> History:
    whole = {
        "noise.audio": noise,
        "grad_norm.audio": 1.0,
        "k.audio": k,
        "noise.visual": noise,
        "k.visual": 1.0,
    }
    whole["grad_norm.visual"] = 1.0
    return drawn({n: np.full(steps, v) for n, v in whole.items()}, modalities=["audio", "visual"])


SPEAKS = {
    "twenty times what k leaves": noisy(2.0),
    "OGM-GE where nothing needs balancing": recorded("saturated"),
    "k of 0": noisy(1.0, k=0.0),
}
SILENT = {
    "as large as the gradient": noisy(1.0, k=1.0),
    "half of what k leaves": noisy(0.05),
    "none": noisy(0.0),
    "so few steps": noisy(1.0, steps=60),
    "GE alone": recorded("ge"),
    "OGM-GE on AV-digits": recorded("ogm-ge"),
    "joint training": recorded("joint"),
}
