"""Tables that a run reports repeatedly, such as gradient norms by layer: one of them over time."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from backend.application import Here
from backend.http.answers import json_answer
from backend.http.problems import documented
from backend.store import rows, runs, tables_over_time
from rhoscope.tables import TablesAnswer

router = APIRouter(tags=["series"])


class TableQuery(BaseModel):
    """Which table to return, from which step, and the maximum number of points in time."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(
        min_length=1,
        max_length=100,
        pattern=r"^[\w.-]+$",
        description="`layers`: gradient norms by layer; `classes`: the validation split by class",
    )
    start: int = Field(default=0, ge=0, le=rows.LAST, description="first step")
    points: int = Field(
        default=100, ge=1, le=1000, description="maximum number of points in time, evenly spread"
    )
    ancestors: bool = Field(
        default=True, description="include what a fork's ancestors recorded before the fork"
    )


@router.get("/runs/{run}/tables", response_model=TablesAnswer, responses=documented(404))
def get_tables(here: Here, run: str, query: Annotated[TableQuery, Query()]) -> Response:
    """Return a table at each time it was reported, always including the newest; empty if it never was."""
    with here.store.reading() as db:
        runs.get(db, run)
        line = runs.lineage(db, run) if query.ancestors else [(run, rows.LAST)]
        return json_answer(tables_over_time.over_time(db, run, line, query.name, query.start, query.points))
