"""Several runs with what they recorded, in one answer: what a page of many runs draws."""

from typing import Annotated

import orjson
from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from backend.application import Here
from backend.curves import shown
from backend.http.problems import documented
from backend.store import downsample, events, overview, rows, runs
from rhoscope.errors import InvalidInput
from rhoscope.histories import History
from rhoscope.runs import Run

router = APIRouter(tags=["series"])
MOST_RUNS = 50
MOST_POINTS = 2000


class HistoriesQuery(BaseModel):
    """Which runs and series to return, and the maximum number of points of each."""

    model_config = ConfigDict(extra="forbid")

    runs: str = Field(description=f"up to {MOST_RUNS} comma-separated ids")
    points: int = Field(default=300, ge=downsample.SMALLEST, le=MOST_POINTS)
    dense: str = Field(
        default="",
        description="of the series with a value at every step only these, comma-separated; `rho.*` means rho "
        "of each modality; empty: all",
    )


@router.get("/runs/histories", response_model=list[History], responses=documented())
def list_histories(here: Here, query: Annotated[HistoriesQuery, Query()]) -> Response:
    """List several runs, each with its newest events and its series. Unknown runs are left out."""
    ids = list(dict.fromkeys(one for one in query.runs.split(",") if one))
    if len(ids) > MOST_RUNS:
        message = f"{len(ids)} runs are more than the maximum of {MOST_RUNS}"
        raise InvalidInput.field("runs", message, len(ids))
    with here.store.reading() as db:
        present = {run.id: run for run in runs.of_ids(db, ids)}
        parts = [_history(db, present[one], query) for one in ids if one in present]
    return Response(b"[" + b",".join(parts) + b"]", media_type="application/json")


def _history(db: Connection, run: Run, query: HistoriesQuery) -> bytes:
    """As `History`, in JSON."""
    line = runs.lineage(db, run.id) if run.parent else [(run.id, rows.LAST)]
    members = [*(runs.get(db, one) for one, _ in line[:-1]), run]
    names = shown.selected(members, "")
    if query.dense:
        names = shown.beside_dense(members, names, query.dense)
    curves = shown.thinned(overview.read_shown(db, line, names, query.points), query.points)
    happened = ",".join(one.model_dump_json() for one in events.plain(db, run.id))
    begin = f'{{"run":{run.model_dump_json()},"events":[{happened}],"series":'
    return begin.encode() + orjson.dumps(curves, option=orjson.OPT_SERIALIZE_NUMPY) + b"}"
