"""The history of a run: events, checkpoints, log."""

from collections import deque
from contextlib import suppress
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from backend.application import Here
from backend.http.answers import json_answer, list_answer
from backend.http.problems import documented
from backend.store import catalogs, checkpoints, events, runs
from rhoscope.errors import InvalidInput, Unavailable
from rhoscope.records import Event
from rhoscope.runs import Checkpoint
from rhoscope.series import LAST_STEP

router = APIRouter(tags=["events"])
_LOG_BYTES = 2**20
Start = Annotated[int, Query(ge=0, le=LAST_STEP, description="first step")]


class Log(BaseModel):
    """The last lines of the process, or of what a guest printed, and of its `log` events, oldest first."""

    run: str
    lines: list[str]
    notes: list[str]
    there: bool = Field(
        description="whether the process's log file is on the API's machine, or a guest has printed something"
    )


@router.get("/runs/{run}/events", response_model=list[Event], responses=documented(404))
def list_events(
    here: Here,
    run: str,
    start: Start = 0,
    limit: Annotated[int, Query(ge=1, le=100_000)] = events.NEWEST,
) -> Response:
    """List the newest `limit` events, oldest first.

    GET `/runs/{run}/tables` returns tables, `/runs/{run}/facts` what a start says of its process, and
    `/runs/{run}/logs` what a guest printed.
    """
    with here.store.reading() as db:
        runs.get(db, run)
        return list_answer(events.plain(db, run, start, limit))


@router.get("/runs/{run}/checkpoints", response_model=list[Checkpoint], responses=documented(404))
def list_checkpoints(here: Here, run: str) -> Response:
    """List checkpoints in the order they were written; only kept ones can be forked from.

    A fork starts with the strategy and settings listed with its checkpoint.
    """
    with here.store.reading() as db:
        parent = runs.get(db, run)
        with suppress(Unavailable, InvalidInput):  # what it began with is not known any more
            return list_answer(checkpoints.with_origins(db, parent, catalogs.newest(db)))
        return list_answer(checkpoints.of_run(db, run))


@router.get("/runs/{run}/logs", response_model=Log, responses=documented(404))
def get_log(here: Here, run: str, lines: Annotated[int, Query(ge=1, le=10_000)] = 500) -> Response:
    """Return the last `lines` lines: of a guest what it printed, else those on the API's machine."""
    with here.store.reading() as db:
        guest = runs.get(db, run).spec.guest is not None
        notes = [str(e.data.get("line", "")) for e in events.of_run(db, run, ["log"], limit=lines)]
        printed = events.printed(db, run, lines) if guest else []
    path = here.environment.log_of(run)
    there = path.exists() or bool(printed)
    return json_answer(Log(run=run, lines=printed or _tail(path, lines), notes=notes, there=there))


def _tail(path: Path, lines: int) -> list[str]:
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - _LOG_BYTES))
            return list(deque(file.read().decode(errors="replace").splitlines(), lines))
    except FileNotFoundError:
        return []
