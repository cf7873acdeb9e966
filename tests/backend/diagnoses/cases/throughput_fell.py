from typing import Any

import numpy as np
from kept import drawn, recorded
from numpy.typing import ArrayLike

from backend.verdict.history import Change, History

RNG = np.random.default_rng(0)
TWO = {"modalities": ["audio", "visual"]}


def pace(values: ArrayLike, **facts: Any) -> History:
    return drawn({"throughput": values}, **TWO | facts)


FELL = np.r_[[1000.0] * 300, [300.0] * 100]
SPEAKS = {
    "it fell": pace(FELL),
    "a delay was set": pace(FELL, changes=[Change(300, "step_delay_ms was changed to 50")]),
}
SILENT = {
    "steady": pace(1000 * np.exp(0.1 * RNG.standard_normal(400))),
    "a shared machine": pace(1000 * np.exp(0.5 * RNG.standard_normal(400))),
    "slow first steps": pace(np.r_[[100.0] * 20, [1000.0] * 380]),
    "it came back": pace(np.r_[[1000.0] * 200, [300.0] * 50, [1000.0] * 150]),
    "so few steps": pace(FELL[280:320]),
    "one modality": recorded("alone"),
}
