from typing import Any

import numpy as np
from kept import drawn, recorded
from numpy.typing import ArrayLike

from backend.verdict.history import History

ABOUT = {"modalities": ["audio", "visual"], "settings": {"lr": 0.05}}
RNG = np.random.default_rng(0)


def loss(values: ArrayLike, **facts: Any) -> History:
    return drawn({"loss": values}, **ABOUT | facts)


FALLING = np.geomspace(2.3, 0.1, 400)
SPEAKS = {
    "NaN": loss(np.r_[FALLING[:300], [np.nan] * 5]),
    "NaN in the first steps": loss([2.3, 2.4, np.nan]),
    "infinite": loss(np.r_[FALLING[:50], np.inf]),
    "rising above its beginning": loss(np.r_[FALLING, np.geomspace(0.1, 9, 200)]),
    "the run says so": loss(FALLING[:50], reason="The loss was not a finite number at step 50."),
    "a learning rate of 100": recorded("diverging"),
    "a learning rate of 30, after the worst": recorded("broken"),
}
SILENT = {
    "falling": loss(FALLING),
    "one spike": loss(np.r_[FALLING[:200], 50.0, FALLING[200:]]),
    "noise": loss(FALLING * np.exp(0.5 * RNG.standard_normal(400))),
    "flat": loss(2.3 + 0.1 * RNG.standard_normal(400)),
    "a warm-up hump": loss(np.r_[np.linspace(2.3, 3.0, 20), FALLING]),
    "so few steps": loss([2.3, 1.0, 3.0]),
    "joint training": recorded("joint"),
    "one modality": recorded("alone"),
}
