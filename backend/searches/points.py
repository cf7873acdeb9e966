"""The runs of a trial, each checked as a launch of its own."""

from collections.abc import Mapping, Sequence
from typing import Any

from backend.launching.inspections import Inspections
from rhoscope.catalog import Catalog
from rhoscope.errors import InvalidInput
from rhoscope.runs import SweepSpec
from rhoscope.spec import RunSpec
from rhoscope.variation import varied

Points = Sequence[tuple[RunSpec, dict[str, Any]]]
"""Specifications, each with all its settings."""


def fitting(catalog: Catalog, base: RunSpec, values: Mapping[str, Any]) -> RunSpec:
    """The base with these values, but for searched settings that the chosen plug-ins do not have.

    Raises:
        InvalidInput: for a plug-in that is not known.
    """
    spec = catalog.read(varied(base, values))
    known = catalog.schemas(spec)
    settings = {name: value for name, value in spec.settings.items() if name in known or name not in values}
    return spec.model_copy(update={"settings": settings})


def points_of(
    spec: SweepSpec, catalog: Catalog, number: int, values: Mapping[str, Any], inspections: Inspections
) -> tuple[Points, str]:
    """A run for each seed; none, and why, where the values do not fit together."""
    title = f"{spec.name or spec.base.name or spec.base.program or spec.base.strategy} trial {number}"
    points = []
    try:
        for seed in [{"seed": seed} for seed in spec.seeds] or [dict[str, Any]()]:
            words = " ".join(f"{name}={value}" for name, value in {**values, **seed}.items())
            point = fitting(catalog, spec.base, {**values, **seed})
            point = point.model_copy(update={"name": f"{title} {words}"[:200]})
            points.append((point, inspections.check(catalog, point)))
    except InvalidInput as error:
        return [], error.detail
    return points, ""
