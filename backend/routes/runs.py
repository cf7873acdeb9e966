"""Runs: launched, listed, edited, deleted."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Query, Response
from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag
from sqlalchemy import Connection
from typing_extensions import override

from backend.application import Here
from backend.http.answers import Key, json_answer
from backend.http.gate import Who
from backend.http.problems import KINDS, documented
from backend.http.run_filter import RunFilter
from backend.orders import course, guests, launches
from backend.orders.signed import signed
from backend.store import pages, runs
from rhoscope.errors import InvalidInput
from rhoscope.guests import GuestSpec
from rhoscope.runs import Run, RunPage
from rhoscope.spec import RunSpec

router = APIRouter(tags=["runs"])
MOST_IDS = 1000


class RunEdit(BaseModel):
    """Changes to a run, possible at any time."""

    model_config = ConfigDict(extra="forbid")

    name: str | None = Field(default=None, min_length=1, max_length=200)
    tags: list[Annotated[str, Field(max_length=200)]] | None = Field(default=None, max_length=50)
    notes: str | None = Field(default=None, max_length=20_000)
    priority: int | None = Field(
        default=None, ge=-1000, le=1000, description="runs with a higher priority start first"
    )


def _kind(body: Any) -> str:
    kind = body.get("kind") if isinstance(body, dict) else getattr(body, "kind", None)
    return KINDS[1] if kind == "guest" else KINDS[0]


Launchable = Annotated[
    Annotated[RunSpec, Tag(KINDS[0])] | Annotated[GuestSpec, Tag(KINDS[1])], Discriminator(_kind)
]


@router.post(
    "/runs",
    status_code=201,
    response_model=Run,
    responses={
        200: {
            "model": Run,
            "description": "The run that an earlier request with this Idempotency-Key created",
        },
        **documented(409, 413, 503),
    },
)
def launch_run(here: Here, who: Who, spec: Annotated[Launchable, Body()], key: Key = "") -> Response:
    """Queue one run, or announce a guest. An error names every invalid field, and what is expected.

    A guest (`kind: guest`) is known by the `id` that its program chose: announced again, it is the same run.
    """
    if isinstance(spec, GuestSpec):
        launched, before = guests.announce(here, spec, who.name)
    else:
        launched, before = launches.launch(here, spec, key, who.name)
    return json_answer(launched, 200 if before else 201)


class RunQuery(RunFilter):
    """Which runs to list, in which order, from which place on."""

    ids: str = Field(default="", description="comma-separated ids; only these runs")
    limit: int = Field(default=100, ge=1, le=1000)
    cursor: str = Field(default="", description="`next` of the previous page")

    @override
    def filters(self, db: Connection) -> pages.Filters:
        """Raises: InvalidInput, also for more than 1000 ids."""
        ids = [one for one in self.ids.split(",") if one]
        if len(ids) > MOST_IDS:
            message = f"{len(ids)} ids are more than the maximum of {MOST_IDS}"
            raise InvalidInput.field("ids", message, len(ids))
        return super().filters(db).model_copy(update={"ids": ids})


@router.get("/runs", response_model=RunPage, responses=documented())
def list_runs(here: Here, query: Annotated[RunQuery, Query()]) -> Response:
    """List runs page by page, newest first by default; each run's `series` is empty here."""
    query.check()
    with here.store.reading() as db:
        return json_answer(pages.page(db, query.filters(db), query.sort, query.limit, query.cursor))


@router.get("/runs/{run}", response_model=Run, responses=documented(404))
def get_run(here: Here, run: str) -> Response:
    """Return one run with its current settings, newest values and series declarations."""
    with here.store.reading() as db:
        return json_answer(runs.get(db, run))


@router.patch("/runs/{run}", response_model=Run, responses=documented(404, 413))
def edit_run(here: Here, who: Who, run: str, changes: RunEdit) -> Response:
    """Change a run's name, tags, notes or priority."""
    fields = changes.model_dump(exclude_none=True)
    with signed(here, who.name) as (db, sign):
        edited = runs.edit(db, run, fields)
        if fields:
            sign(run, f"Changed {', '.join(fields)}")
    if changes.tags is not None:
        here.alerts.renew()
    here.fanout.touch(run)
    here.launcher.nudge()
    return json_answer(edited)


@router.delete("/runs/{run}", status_code=204, responses=documented(404, 409))
def delete_run(here: Here, run: str, key: Key = "") -> Response:
    """Delete an ended or paused run with its curves, events, log and checkpoints."""
    course.forget(here, run, key)
    return Response(status_code=204)
