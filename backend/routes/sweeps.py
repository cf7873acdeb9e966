"""Sweeps: every combination of a grid, queued as one."""

from contextlib import suppress
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from backend.application import Here
from backend.http.answers import Key, digest, json_answer, list_answer
from backend.http.gate import Who
from backend.http.problems import documented
from backend.orders import course, grid, searches
from backend.orders.signed import signed
from backend.store import catalogs, sweeps, trials
from rhoscope.errors import Conflict, InvalidInput
from rhoscope.runs import Sweep, SweepSpec
from rhoscope.search import MOST_TRIALS, SearchState
from rhoscope.states import FINAL

router = APIRouter(tags=["sweeps"])


@router.post(
    "/sweeps",
    status_code=201,
    response_model=Sweep,
    responses={
        200: {
            "model": Sweep,
            "description": "The sweep that an earlier request with this Idempotency-Key created",
        },
        **documented(409, 413, 503),
    },
)
def launch_sweep(here: Here, who: Who, spec: SweepSpec, key: Key = "") -> Response:
    """Queue all combinations of a grid, or none if one is invalid; or begin a search."""
    if spec.race is not None:
        raise InvalidInput.field("race", "can't be given; POST /runs/{id}/remedies makes a race")
    body = digest(spec)
    with here.store.reading() as db:
        catalog = catalogs.newest(db)
    if spec.search:
        (spec, _), points = searches.checked(here, catalog, spec), []
    else:
        points = grid.fitting(here, catalog, spec)
    with signed(here, who.name) as (db, sign):
        before = sweeps.answered(db, key, body)
        sweep = before or sweeps.create(db, spec, points)
        if not before:
            sweeps.remember(db, key, body, sweep)
        launched = sweeps.get(db, sweep)
        for run in [] if before else launched.runs:
            sign(run.id, "Launched")
    for run in launched.runs:
        here.fanout.touch(run.id)
    here.launcher.nudge()
    return json_answer(launched, 200 if before else 201)


@router.get("/sweeps", response_model=list[Sweep], responses=documented())
def list_sweeps(here: Here, limit: Annotated[int, Query(ge=1, le=100)] = 20) -> Response:
    """List the newest sweeps with their runs."""
    with here.store.reading() as db:
        return list_answer(sweeps.newest(db, limit))


@router.get("/sweeps/{sweep}", response_model=Sweep, responses=documented(404))
def get_sweep(here: Here, sweep: str) -> Response:
    """Return a sweep with the current state of its runs."""
    with here.store.reading() as db:
        return json_answer(sweeps.get(db, sweep))


@router.post("/sweeps/{sweep}/stop", response_model=Sweep, responses=documented(404))
def stop_sweep(here: Here, who: Who, sweep: str, key: Key = "") -> Response:
    """Stop all runs of a sweep that have not ended; a search begins no other trial until it is resumed."""
    with here.store.writing() as db:
        before = sweeps.get(db, sweep)
        if before.search and before.search.state == SearchState.RUNNING:
            trials.turn(db, sweep, SearchState.STOPPED, f"Stopped by {who.name or 'a user'}.")
    for run in before.runs:
        if run.state not in FINAL:
            with suppress(Conflict):  # it may end by itself meanwhile
                course.stop(here, run.id, f"{key}/{run.id}" if key else "", who.name)
    with here.store.reading() as db:
        return json_answer(sweeps.get(db, sweep))


LIMITS = ("trials", "parallel", "budget_minutes")


class SweepEdit(BaseModel):
    """Changes to a sweep, possible at any time."""

    model_config = ConfigDict(extra="forbid")

    name: str | None = Field(default=None, min_length=1, max_length=200)
    median_after: int | None = Field(
        default=None,
        ge=1,
        lt=2**31,
        description="epochs before the median rule applies; null: the rule is off",
    )
    trials: int = Field(default=1, ge=1, le=MOST_TRIALS, description="number of trials of a search")
    parallel: int = Field(default=1, ge=1, le=100, description="trials of a search at the same time")
    budget_minutes: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = Field(
        default=None, description="minutes of training, after which a search begins no trial; null: no limit"
    )


@router.patch("/sweeps/{sweep}", response_model=Sweep, responses=documented(404, 409, 413, 503))
def edit_sweep(here: Here, sweep: str, changes: SweepEdit) -> Response:
    """Change a sweep's name, the epoch from which the median rule applies, or the limits of a search."""
    fields = changes.model_dump(exclude_unset=True)
    if fields.get("name", "") is None:
        del fields["name"]
    limits = {name: fields.pop(name) for name in LIMITS if name in fields}
    with here.store.writing() as db:
        if limits:
            searches.change(db, catalogs.newest(db), sweep, limits)
        sweeps.edit(db, sweep, fields)
        edited = sweeps.get(db, sweep)
    here.launcher.nudge()
    return json_answer(edited)
