"""Numbers of curves on their way out."""

from typing import Any

import numpy as np


def json_numbers(values: Any) -> Any:
    """Numbers as orjson writes them; non-finite ones as texts."""
    if np.isfinite(values).all():
        return values
    words = {np.inf: "Infinity", -np.inf: "-Infinity"}
    return [v if np.isfinite(v) else words.get(v, "NaN") for v in values.tolist()]
