"""Curves on their way to a page: which series, and as many of their values as are drawn."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from backend.curves.numbers import json_numbers
from backend.store import downsample
from backend.store.overview import Overview
from backend.store.rows import Curve
from rhoscope.errors import FieldError, InvalidInput
from rhoscope.runs import Run

EACH = ".*"
"""Behind the stem of a series: those of all modalities."""


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


def spelled(names: str, modalities: Iterable[str]) -> list[str]:
    """Comma-separated names of series, each once.

    >>> spelled("loss,rho.*", ["audio", "visual"])
    ['loss', 'rho.audio', 'rho.visual']
    """
    each: dict[str, None] = {}
    for name in filter(None, names.split(",")):
        stem = name.removesuffix(EACH)
        each |= dict.fromkeys([name] if stem == name else [f"{stem}.{one}" for one in modalities])
    return list(each)


def beside_dense(line: Sequence[Run], names: Sequence[str], dense: str) -> list[str]:
    """Of `names` those that are not dense, and of the dense ones those in `dense`, spelled as above."""
    chosen = {*spelled(dense, [one for run in line for one in run.modalities])}
    left_out = {one.name for run in line for one in run.series if not one.sparse} - chosen
    return [name for name in names if name not in left_out]


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
