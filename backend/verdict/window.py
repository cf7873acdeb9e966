"""The steps in which a strategy modulates, and whom it slows down."""

import numpy as np

from backend.verdict.history import History, mean


def window_end(history: History) -> int | None:
    """The last modulated step; None where modulation goes on to the end, or none is known."""
    last, unit = history.settings.get("modulation_ends"), history.settings.get("modulation_unit")
    if not isinstance(last, int) or isinstance(last, bool):
        return None
    if unit == "step":
        return last
    return int((last + 1) * history.steps_per_epoch) if history.steps_per_epoch else None


def slowed(history: History) -> str | None:
    """The modality with the smallest mean k; None where no k was ever below 1."""
    means = {m: mean(curve) for m, curve in history.each("k").items() if np.nanmin(curve.low) < 1}
    return min(means, key=lambda m: means[m]) if means else None
