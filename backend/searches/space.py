"""The space of a search: what each setting's declared type makes of its axis. Pure functions."""

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from rhoscope import literals
from rhoscope.catalog import Catalog
from rhoscope.errors import FieldError
from rhoscope.schema import allowed, misfits
from rhoscope.search import DEFAULT_TRIALS, MOST_TRIALS, Axis, Search
from rhoscope.spec import PLUGIN_FIELDS, RunSpec

Schemas = Mapping[str, Mapping[str, Any]]
"""JSON Schema of each setting."""
DIGITS, STEP_DIGITS = 6, 12
"""Significant digits of a value that a sampler draws: enough to find an optimum, and short in every name.

The values of a range with a step have more, by which the step is found again.
"""


@dataclass(frozen=True)
class Question:
    """A search of a sweep, with the declared types of its settings; `epochs` of a trial, where known."""

    sweep: str
    search: Search
    schemas: Schemas
    epochs: int | None = None

    @classmethod
    def of(cls, sweep: str, search: Search, catalog: Catalog, base: RunSpec) -> "Question":
        """With the types that this catalog declares."""
        schemas = catalog.every_schema(base)
        epochs = base.settings.get("epochs", schemas.get("epochs", {}).get("default"))
        return cls(sweep, search, schemas, epochs if isinstance(epochs, int) else None)


def is_whole(schema: Mapping[str, Any]) -> bool:
    """Whether a setting takes whole numbers only."""
    kinds = literals.types(schema)
    return "integer" in kinds and "number" not in kinds


def axis_errors(search: Search, schemas: Schemas) -> Iterator[FieldError]:
    """Each axis that its setting's type does not allow, in one sentence."""
    for name, axis in search.space.items():
        field = f"search.space.{name}"
        if name in PLUGIN_FIELDS:
            if not axis.choices:
                yield FieldError(field=field, message="is chosen by name; give choices instead of a range")
            continue
        schema = schemas[name]
        values = ends(axis)
        if not axis.choices and not literals.numeric(schema):
            yield FieldError(field=field, message=f"has no range; give choices, {allowed(schema)}")
            continue
        if not axis.choices and is_whole(schema) and not _whole(axis):
            yield FieldError(field=field, message="low, high, and step must be whole numbers")
            continue
        read = [literals.read(exact(value, schema), schema) for value in values]
        wrong = [next(misfits({name: value}, {name: schema}), None) for value in read]
        yield from [one.model_copy(update={"field": field}) for one in wrong if one][:1]
        if search.sampler == "grid" and points_of(axis, schema) is None:
            yield FieldError(field=field, message="a grid needs choices, or a range with a step")


def read(search: Search, schemas: Schemas) -> Search:
    """The search with each choice as the type that is declared for its setting, once each."""
    axes = {}
    for name, axis in search.space.items():
        choices = [literals.read(one, schemas.get(name, {})) for one in axis.choices]
        once = {encoded(axis, one): one for one in choices}
        axes[name] = axis.model_copy(update={"choices": list(once.values())})
    return search.model_copy(update={"space": axes})


def ends(axis: Axis) -> list[Any]:
    """The choices, or both ends of the range."""
    return axis.choices or [axis.low, axis.high]


def points_of(axis: Axis, schema: Mapping[str, Any]) -> list[Any] | None:
    """All values of an axis with finitely many; None for any other, or more than a search can try."""
    if axis.choices:
        return list(axis.choices)
    low, high = axis.low or 0.0, axis.high or 0.0
    step = axis.step or (1.0 if is_whole(schema) and not axis.log else 0.0)
    steps = (high - low) / step if step else math.inf
    if steps >= MOST_TRIALS:
        return None
    count = math.floor(steps + 1e-9) + 1
    values = [low + i * step for i in range(count)]
    return [round(one) if is_whole(schema) else float(f"{one:.{STEP_DIGITS}g}") for one in values]


def grid_of(search: Search, schemas: Schemas) -> dict[str, list[Any]]:
    """The values of each setting of a grid, as the sampler knows them."""
    return {
        name: [encoded(axis, value) for value in points_of(axis, schemas.get(name, {})) or []]
        for name, axis in search.space.items()
    }


def planned(search: Search, schemas: Schemas) -> int:
    """Number of trials when the search is over."""
    if search.sampler != "grid":
        return search.trials or DEFAULT_TRIALS
    size = size_of(search, schemas)
    return min(size, search.trials or size)


def size_of(search: Search, schemas: Schemas) -> int:
    """Number of points of a grid."""
    return math.prod(len(values) for values in grid_of(search, schemas).values())


def encoded(axis: Axis, value: Any) -> Any:
    """A value as the sampler knows it: a choice as JSON, which tells 1 from true."""
    if axis.choices:
        return json.dumps(value, sort_keys=True)
    return _on_step(axis, value) if axis.step and isinstance(value, float) else value


def decoded(axis: Axis, value: Any, schema: Mapping[str, Any]) -> Any:
    """As a run's specification has it."""
    if axis.choices:
        return json.loads(value)
    if is_whole(schema):
        return int(value)
    rounded = float(f"{value:.{STEP_DIGITS if axis.step else DIGITS}g}")
    return min(max(rounded, axis.low or 0.0), axis.high or 0.0)


def place(axis: Axis, value: Any) -> float:
    """The place of a value on its axis, from 0 to 1; choices in their order.

    >>> place(Axis(low=0.01, high=1, log=True), 0.1), place(Axis(choices=["a", "b", "c"]), "c")
    (0.5, 1.0)
    """
    if axis.choices:
        texts = [encoded(axis, one) for one in axis.choices]
        return texts.index(encoded(axis, value)) / max(1, len(texts) - 1)
    low, high = float(axis.low or 0), float(axis.high or 0)
    if axis.log:
        low, high, value = math.log(low), math.log(high), math.log(value)
    return (float(value) - low) / (high - low)


def exact(value: Any, schema: Mapping[str, Any]) -> Any:
    """A value as its setting's type has it: a whole number where that is declared."""
    whole = is_whole(schema) and isinstance(value, float) and value.is_integer()
    return int(value) if whole else value


def _on_step(axis: Axis, value: float) -> float:
    """The exact value of the step that a shortened one stands for."""
    low, step = axis.low or 0.0, axis.step or 1.0
    return low + round((value - low) / step) * step


def _whole(axis: Axis) -> bool:
    return all(value is None or value.is_integer() for value in (axis.low, axis.high, axis.step))
