"""The grid of a sweep: its combinations, each checked as a launch of its own."""

import itertools
from collections.abc import Iterator
from typing import Any

from backend.application import Application
from rhoscope.catalog import Catalog
from rhoscope.errors import MOST_LISTED, FieldError, InvalidInput
from rhoscope.runs import SweepSpec
from rhoscope.spec import RunSpec
from rhoscope.variation import varied

MOST_RUNS = 1000
LARGEST_BYTES = 16 * 2**20
"""Of all specifications of one sweep; each is stored with its run."""


def fitting(here: Application, catalog: Catalog, spec: SweepSpec) -> list[tuple[RunSpec, dict[str, Any]]]:
    """Every combination with all its settings. Raises: InvalidInput, with each misfit of any of them once.

    What does not fit in all of them alike is found with the first one and not looked for again.
    """
    points: list[tuple[RunSpec, dict[str, Any]]] = []
    errors: dict[tuple[str, str], FieldError] = {}
    inspections = here.inspections()
    everywhere: set[str] = set()
    size = 0
    for point in map(catalog.read, combinations(spec)):
        size += len(point.model_dump_json())
        if size > LARGEST_BYTES:
            message = f"its runs together are larger than the maximum of {LARGEST_BYTES // 2**20} MiB"
            raise InvalidInput.field("grid", message)
        try:
            points.append((point, inspections.check(catalog, _without(point, everywhere))))
        except InvalidInput as error:
            errors |= {(e.field, e.message): e for e in error.errors}
            everywhere = everywhere or {e.field for e in error.errors} - _varying(spec)
        if len(errors) >= MOST_LISTED:
            break
    if errors:
        raise InvalidInput.of(list(errors.values()))
    return points


def _varying(spec: SweepSpec) -> set[str]:
    """Names of what is not the same in all runs."""
    return {"seed", *spec.grid, *(name for point in spec.points for name in point)}


def _without(point: RunSpec, names: set[str]) -> RunSpec:
    if not names:
        return point
    settings = {name: value for name, value in point.settings.items() if name not in names}
    return point.model_copy(update={"settings": settings})


def combinations(spec: SweepSpec) -> Iterator[RunSpec]:
    """One specification per point, seed and combination of the grid.

    Raises:
        InvalidInput: for an empty list, too many runs, or a field that does not fit.
    """
    empty = [name for name, values in spec.grid.items() if not values]
    if empty:
        message = "expected at least one value"
        raise InvalidInput.of([FieldError(field=f"grid.{name}", value=[], message=message) for name in empty])
    axes = [[(name, value) for value in values] for name, values in spec.grid.items()]
    seeds: list[dict[str, Any]] = [{"seed": seed} for seed in spec.seeds] or [{}]
    count = len(seeds) * max(1, len(spec.points))
    for axis in axes:
        count *= len(axis)
    if count > MOST_RUNS:
        message = f"{count} runs are more than the maximum of {MOST_RUNS} per sweep"
        raise InvalidInput.field("grid", message, count)
    for point in spec.points or [{}]:
        for combination in itertools.product(*axes):
            for seed in seeds:
                yield varied(spec.base, {**point, **dict(combination), **seed})
