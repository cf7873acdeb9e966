"""Numbers of curves on their way out."""

from typing import Any

import numpy as np


def json_numbers(values: Any) -> Any:
    """Numbers as orjson writes them; non-finite ones as texts."""
    odd = np.flatnonzero(~np.isfinite(values))
    if not len(odd):
        return values
    numbers = values.tolist()
    for place in odd.tolist():
        numbers[place] = _WORDS.get(numbers[place], "NaN")
    return numbers


_WORDS = {np.inf: "Infinity", -np.inf: "-Infinity"}
