"""Sweeps: every combination of a grid, queued as one."""

import itertools
from collections.abc import Iterator
from contextlib import suppress
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from backend.application import Application, Here
from backend.http.problems import documented
from backend.routes.control import end
from backend.routes.runs import Key, digest, json_answer, list_answer
from backend.store import catalogs, sweeps
from rhoscope.catalog import Catalog
from rhoscope.errors import Conflict, FieldError, InvalidInput
from rhoscope.runs import Sweep, SweepSpec
from rhoscope.spec import RunSpec
from rhoscope.states import FINAL
from rhoscope.validation import invalid

router = APIRouter(tags=["sweeps"])
MOST_RUNS = 1000


@router.post(
    "/sweeps",
    status_code=201,
    response_model=Sweep,
    responses={
        200: {"model": Sweep, "description": "The sweep this Idempotency-Key made before"},
        **documented(409, 413, 503),
    },
)
def launch(here: Here, spec: SweepSpec, key: Key = "") -> Response:
    """Queue every combination, or none when one does not fit."""
    with here.store.reading() as db:
        catalog = catalogs.newest(db)
    points = fitting(here, catalog, spec)
    with here.store.writing() as db:
        before = sweeps.answered(db, key, digest(spec))
        sweep = before or sweeps.create(db, spec, points)
        if not before:
            sweeps.remember(db, key, digest(spec), sweep)
        made = sweeps.get(db, sweep)
    for run in made.runs:
        here.fanout.touch(run.id)
    here.launcher.nudge()
    return json_answer(made, 200 if before else 201)


@router.get("/sweeps", response_model=list[Sweep], responses=documented())
def listed(here: Here, limit: Annotated[int, Query(ge=1, le=100)] = 20) -> Response:
    """The newest sweeps with their runs."""
    with here.store.reading() as db:
        return list_answer(sweeps.newest(db, limit))


@router.get("/sweeps/{sweep}", response_model=Sweep, responses=documented(404))
def one(here: Here, sweep: str) -> Response:
    """A sweep and its runs as they stand."""
    with here.store.reading() as db:
        return json_answer(sweeps.get(db, sweep))


@router.post("/sweeps/{sweep}/stop", response_model=Sweep, responses=documented(404))
def stop(here: Here, sweep: str) -> Response:
    """Stop every run of it that has not ended."""
    with here.store.reading() as db:
        found = sweeps.get(db, sweep)
    for run in found.runs:
        if run.state not in FINAL:
            with suppress(Conflict):  # it may end by itself meanwhile
                end(here, run.id)
    with here.store.reading() as db:
        return json_answer(sweeps.get(db, sweep))


class SweepEdit(BaseModel):
    """What may be changed of any sweep at any time."""

    model_config = ConfigDict(extra="forbid")

    name: str | None = Field(default=None, min_length=1, max_length=200)
    median_after: int | None = Field(default=None, ge=1, lt=2**31, description="null: the rule is off")


@router.patch("/sweeps/{sweep}", response_model=Sweep, responses=documented(404, 413))
def edit(here: Here, sweep: str, changes: SweepEdit) -> Response:
    """Change the name, or from which epoch on the median rule stops hopeless runs."""
    given = changes.model_dump(exclude_unset=True)
    if given.get("name", "") is None:
        del given["name"]
    with here.store.writing() as db:
        sweeps.edit(db, sweep, given)
        edited = sweeps.get(db, sweep)
    here.launcher.nudge()
    return json_answer(edited)


def fitting(here: Application, catalog: Catalog, spec: SweepSpec) -> list[tuple[RunSpec, dict[str, Any]]]:
    """Every combination with all its settings. Raises: InvalidInput, with each misfit of any of them once."""
    points: list[tuple[RunSpec, dict[str, Any]]] = []
    errors: dict[tuple[str, str], FieldError] = {}
    inspections = here.inspections()
    for point in combinations(spec):
        try:
            points.append((point, inspections.check(catalog, point)))
        except InvalidInput as error:
            errors |= {(e.field, e.message): e for e in error.errors}
    if errors:
        raise InvalidInput.of(list(errors.values()))
    return points


def combinations(spec: SweepSpec) -> Iterator[RunSpec]:
    """One specification per point, seed and combination of the grid.

    Raises:
        InvalidInput: for an empty list, too many runs, or a field that does not fit.
    """
    empty = [name for name, values in spec.grid.items() if not values]
    if empty:
        message = "has no value; name at least one"
        raise InvalidInput.of([FieldError(field=f"grid.{name}", value=[], message=message) for name in empty])
    axes = [[(name, value) for value in values] for name, values in spec.grid.items()]
    seeds: list[dict[str, Any]] = [{"seed": seed} for seed in spec.seeds] or [{}]
    count = len(seeds) * max(1, len(spec.points))
    for axis in axes:
        count *= len(axis)
    if count > MOST_RUNS:
        message = f"{count} runs are more than the {MOST_RUNS} one sweep may hold"
        raise InvalidInput.field("grid", message, count)
    for point in spec.points or [{}]:
        for combination in itertools.product(*axes):
            for seed in seeds:
                yield _changed(spec.base, {**point, **dict(combination), **seed})


def _changed(base: RunSpec, changes: dict[str, Any]) -> RunSpec:
    fields = {name: value for name, value in changes.items() if name in RunSpec.model_fields}
    settings = {name: value for name, value in changes.items() if name not in RunSpec.model_fields}
    whole = base.model_dump() | fields
    whole["settings"] = {**base.settings, **settings}
    try:
        return RunSpec.model_validate(whole)
    except ValidationError as error:
        raise invalid(error) from error
