"""Knowledge from the experiment `predict` (docs/results/predict) about runs as short as those it compared."""

import math

from backend.verdict.history import History

STEPS = 138
"""Steps of the longest runs there; its others have 108 and 126."""
ALPHA = 1.5
"""Of OGM-GE there."""
SETTINGS, LOST = 32, 31
"""Of data set, fusion, and optimizer there, and those in which OGM-GE lost against joint training."""
OFTEN = f"in {LOST} of {SETTINGS} settings this short it lost against joint training"


def planned(history: History) -> int | None:
    """Steps of the whole run, where they are known."""
    epochs, each = history.settings.get("epochs"), history.steps_per_epoch
    if not isinstance(epochs, int | float) or each is None:
        return None
    steps = epochs * each
    return round(steps) if math.isfinite(steps) else None


def brief(history: History) -> bool:
    """Whether the run is as short as those of the study."""
    steps = planned(history)
    return steps is not None and steps <= STEPS
