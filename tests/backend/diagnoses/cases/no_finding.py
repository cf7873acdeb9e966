import numpy as np
from kept import drawn, recorded

WELL = {
    "loss": np.geomspace(2.3, 0.2, 400),
    "rho.audio": np.full(400, 1.1),
    "rho.visual": np.full(400, 0.9),
}
EPOCHS = np.arange(20, 420, 20)
STALE = drawn(WELL | {"val.accuracy": (EPOCHS, np.full(20, 0.8))})
SPEAKS = {
    "a run without a lead": drawn(WELL),
    "balanced data": recorded("balanced"),
    "no gain since long": STALE,
}
SILENT = {
    "a lead": drawn(WELL | {"rho.audio": np.full(400, 4.0), "rho.visual": np.full(400, 0.25)}),
    "so few steps": drawn({name: values[:50] for name, values in WELL.items()}),
    "joint training": recorded("joint"),
    "one modality": recorded("alone"),
    "a learning rate of 100": recorded("diverging"),
}
