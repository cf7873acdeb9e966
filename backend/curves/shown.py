"""Curves on their way to a page: which series, and as many of their values as are drawn."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from backend.curves.numbers import json_numbers
from backend.store import downsample
from backend.store.overview import Overview
from backend.store.rows import Curve
from rhoscope.errors import FieldError, InvalidInput
from rhoscope.runs import Run


def selected(line: Sequence[Run], names: str) -> list[str]:
    """The series of runs that continue each other, by their names or all.

    Raises:
        InvalidInput: naming the series that there are.
    """
    available = list(
        dict.fromkeys(
            name for run in line[::-1] for name in [*(s.name for s in run.series), *sorted(run.last)]
        )
    )
    if not names:
        return available
    selection = list(dict.fromkeys(name for name in names.split(",") if name))
    expected = ", ".join(available) or "none, since nothing is recorded yet"
    errors = [
        FieldError(field="names", value=name, message=f"unknown series '{name}'; expected {expected}")
        for name in selection
        if name not in available
    ]
    if errors:
        raise InvalidInput.of(errors)
    return selection


def thin(curve: Curve, points: int) -> Curve:
    """At most `points` values of a curve, with its extremes and NaN."""
    steps, values = curve
    positions = downsample.positions(values, points)
    return np.ascontiguousarray(steps[positions], np.int64), np.ascontiguousarray(values[positions])


def thinned(curves: Mapping[str, Overview], points: int) -> list[dict[str, Any]]:
    """At most `points` values of each series, as `rhoscope.runs.SeriesData` in plain values."""
    answer = []
    for name, (curve, total) in curves.items():
        steps, values = thin(curve, points)
        answer.append({"name": name, "steps": steps, "values": json_numbers(values), "total": total})
    return answer
