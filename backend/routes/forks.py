"""Forks: a new run from another one's checkpoint, with changes."""

from fastapi import APIRouter, Response

from backend.application import Here
from backend.http.answers import Key, json_answer, list_answer
from backend.http.gate import Who
from backend.http.problems import documented
from backend.orders import course, forks, launches
from backend.store import catalogs, runs
from rhoscope.errors import Conflict
from rhoscope.runs import Fork, Relative, Run
from rhoscope.states import FINAL

router = APIRouter(tags=["runs"])


@router.get("/runs/{run}/family", response_model=list[Relative], responses=documented(404))
def list_family(here: Here, run: str) -> Response:
    """List all runs that descend by forks from the same first run, including this one; parents come first."""
    with here.store.reading() as db:
        runs.get(db, run)
        members = runs.family(db, run)
    ids = {member.id for member in members}
    relatives = []
    for member in members:
        parent = member.parent if member.parent in ids else None
        row = member.model_dump(include=set(Relative.model_fields))
        relatives.append(Relative.model_validate(row | {"strategy": member.spec.strategy, "parent": parent}))
    return list_answer(relatives)


@router.post(
    "/runs/{run}/fork",
    status_code=201,
    response_model=Run,
    responses={
        200: {
            "model": Run,
            "description": "The fork that an earlier request with this Idempotency-Key created",
        },
        **documented(404, 409, 413, 503),
    },
)
def fork_run(here: Here, who: Who, run: str, changes: Fork, key: Key = "") -> Response:
    """Queue a run that continues from a checkpoint of this one, with changes."""
    with here.store.reading() as db:
        parent = runs.get(db, run)
        if not parent.spec.leased:
            raise Conflict(f"Run '{run}' is a guest: only its own program can start it again, so not a fork.")
        spec = forks.forked(db, catalogs.newest(db), parent, changes)
    if spec.origin and parent.state not in FINAL:
        course.keep(here, run, spec.origin.step)
    forked, before = launches.launch(here, spec, key, who.name)
    return json_answer(forked, 200 if before else 201)
