"""The objective over two settings: linear between the completed trials, nothing outside of their hull."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.searches.space import place
from rhoscope.errors import InvalidInput
from rhoscope.optional_libraries import library
from rhoscope.schema import unknown_name
from rhoscope.search import Axis, Search, SearchTrial, Surface, TrialState

CELLS = 41
LEAST_POINTS = 4


def surface(search: Search, trials: Sequence[SearchTrial], x: str, y: str) -> Surface:
    """A grid of `CELLS` by `CELLS` values; without values where one setting has choices that are no numbers.

    Raises:
        InvalidInput: for a setting that is not searched, or twice the same.
    """
    for field, name in (("x", x), ("y", y)):
        if name not in search.space:
            raise InvalidInput.field(field, unknown_name("setting", name, search.space), name)
    if x == y:
        raise InvalidInput.field("y", "expected another setting than x", y)
    ends = np.linspace(0, 1, CELLS)
    done = [one for one in trials if one.state == TrialState.COMPLETED and one.value is not None]
    points = {
        (place(search.space[x], one.values[x]), place(search.space[y], one.values[y])): one.value
        for one in done
    }
    ordered = _is_ordered(search.space[x]) and _is_ordered(search.space[y])
    values = _interpolated(list(points), list(points.values()), ends) if ordered else []
    return Surface(x=x, y=y, columns=ends.tolist(), rows=ends.tolist(), values=values)


def _is_ordered(axis: Axis) -> bool:
    numbers = all(isinstance(one, int | float) and not isinstance(one, bool) for one in axis.choices)
    return numbers and axis.choices == sorted(axis.choices)


def _interpolated(
    points: Sequence[tuple[float, float]], values: Sequence[float | None], ends: NDArray[np.float64]
) -> list[list[float | None]]:
    if len(points) < LEAST_POINTS:
        return []
    interpolate: Any = library("scipy.interpolate", "backend")
    try:
        heights = interpolate.griddata(
            np.array(points), np.array(values, float), tuple(np.meshgrid(ends, ends))
        )
    except RuntimeError:  # Qhull's, where all lie on one line
        return []
    return [[float(one) if math.isfinite(one) else None for one in row] for row in heights.tolist()]
