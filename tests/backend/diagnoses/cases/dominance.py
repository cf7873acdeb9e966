import numpy as np
from kept import drawn, recorded

from backend.verdict.history import History

STEPS = 400
THREE = {"audio": 0.9, "visual": 0.3, "text": 0.3}


def lead(factor: float, noise: float = 0.1) -> History:
    rng = np.random.default_rng(0)
    rho = factor * np.exp(noise * rng.standard_normal(STEPS))
    return drawn({"rho.audio": rho, "rho.visual": 1 / rho})


SPEAKS = {
    "a clear lead": lead(3.0),
    "a lead with much noise": lead(4.0, 0.8),
    "one of three": drawn(
        {f"{stem}.{m}": np.full(STEPS, v) for stem in ("rho", "score") for m, v in THREE.items()}
    ),
    "joint training on AV-digits": recorded("joint"),
}
SILENT = {
    "a small lead": lead(1.2),
    "chance around a tie": lead(1.0, 1.0),
    "a lead of so few steps": drawn({"rho.audio": [4.0] * 50, "rho.visual": [0.25] * 50}),
    "one modality": drawn({"rho.audio": [1.0] * STEPS}, modalities=["audio"]),
    "a lead that is gone": drawn(
        {"rho.audio": np.r_[[5.0] * 200, [1.05] * 200], "rho.visual": np.r_[[0.2] * 200, [0.95] * 200]}
    ),
    "balanced data": recorded("balanced"),
    "visual alone": recorded("alone"),
}
