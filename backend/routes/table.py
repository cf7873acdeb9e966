"""Tables of thousands of runs: the order of all, sparklines of some, bulk actions."""

from collections.abc import Callable
from typing import Annotated, Literal

import orjson
from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field, model_validator
from redis import RedisError

from backend.application import Application, Here
from backend.http.answers import Key, json_answer
from backend.http.gate import Who
from backend.http.problems import documented
from backend.http.run_filter import NAMED, RunFilter, check_name
from backend.orders import course
from backend.orders.signed import signed
from backend.store import AWAY, runs
from backend.store.index import TAG, Index, index
from rhoscope.alerts import NO_NUL
from rhoscope.errors import InvalidInput, RhoscopeError
from rhoscope.sparks import Spark

router = APIRouter(tags=["runs"])
MOST_SPARKS = 100
MOST_RUNS = 1000
GONE = "Redis or the store does not answer; try again."
Id = Annotated[str, Field(min_length=1, max_length=100, pattern=NO_NUL)]
Tag = Annotated[str, Field(min_length=1, max_length=200)]


class IndexQuery(RunFilter):
    """Which runs to list, in which order, and how to group them."""

    by: str = Field(default="", description=f"group by {NAMED}, or by `{TAG}`")


@router.get("/runs/index", response_model=Index, responses=documented())
def index_runs(here: Here, query: Annotated[IndexQuery, Query()]) -> Response:
    """List the ids of all matching runs in order, with counts by state; with `by`, group by group."""
    query.check()
    if query.by and query.by != TAG:
        check_name("by", query.by)
    with here.store.reading() as db:
        return json_answer(index(db, query.filters(db), query.sort, query.by))


class SparklineQuery(BaseModel):
    """Which runs to return sparklines of, and how many points."""

    model_config = ConfigDict(extra="forbid")

    runs: str = Field(description=f"up to {MOST_SPARKS} comma-separated ids")
    points: int = Field(default=48, ge=8, le=256, description="maximum number of intervals per curve")


@router.get("/runs/sparks", response_model=list[Spark], responses=documented())
def list_sparklines(here: Here, query: Annotated[SparklineQuery, Query()]) -> Response:
    """Return sparklines of rho and accuracy with all extremes. Unknown runs are left out."""
    ids = list(dict.fromkeys(one for one in query.runs.split(",") if one))
    if len(ids) > MOST_SPARKS:
        message = f"{len(ids)} runs are more than the maximum of {MOST_SPARKS}"
        raise InvalidInput.field("runs", message, len(ids))
    with here.store.reading() as db:
        curves = here.sparks.of(db, ids, query.points)
    return Response(orjson.dumps(curves, option=orjson.OPT_SERIALIZE_NUMPY), media_type="application/json")


class BulkAction(BaseModel):
    """A bulk action."""

    model_config = ConfigDict(extra="forbid")

    runs: list[Id] = Field(min_length=1, max_length=MOST_RUNS)
    act: Literal["stop", "delete", "tag"]
    add: list[Tag] = Field(default=[], max_length=50, description="tags to add, for the action `tag`")
    remove: list[Tag] = Field(default=[], max_length=50, description="tags to remove, for the action `tag`")

    @model_validator(mode="after")
    def _tags(self) -> "BulkAction":
        if (self.act == "tag") != bool(self.add or self.remove):
            raise ValueError("tags to add or remove belong to the action 'tag', which needs at least one")
        return self


class Refusal(BaseModel):
    """A run on which the action failed, and why."""

    run: str
    status: int = Field(description="HTTP status that a request for this run alone would have")
    detail: str


class Outcome(BaseModel):
    """The runs on which a bulk action succeeded, and those on which it failed."""

    done: list[str]
    refused: list[Refusal]


@router.post("/runs/bulk", response_model=Outcome, responses=documented(413, 503))
def act_on_runs(here: Here, who: Who, action: BulkAction, key: Key = "") -> Response:
    """Stop, delete or tag many runs. Runs are independent: one failure does not undo the others."""
    acts: dict[str, Callable[[Application, str, str], object]] = {
        "stop": lambda here, run, key: course.stop(here, run, key, who.name),
        "delete": course.forget,
        "tag": tagger(action, who.name),
    }
    outcome = Outcome(done=[], refused=[])
    ids = list(dict.fromkeys(action.runs))
    for place, run in enumerate(ids):
        try:
            acts[action.act](here, run, f"{key}/{run}" if key else "")
        except RhoscopeError as error:
            outcome.refused.append(Refusal(run=run, status=error.status, detail=error.detail))
        except (RedisError, *AWAY):
            if not outcome.done:  # as for one run alone: nothing was changed
                raise
            outcome.refused += [Refusal(run=one, status=503, detail=GONE) for one in ids[place:]]
            break
        else:
            outcome.done.append(run)
    return json_answer(outcome)


def tagger(action: BulkAction, who: str) -> Callable[[Application, str, str], None]:
    """An act that adds and removes these tags."""

    def tag(here: Application, run: str, _key: str) -> None:  # adding and removing twice is harmless
        with signed(here, who) as (db, sign):
            runs.tag(db, run, action.add, action.remove)
            sign(run, "Changed tags")
        here.alerts.renew()
        here.fanout.touch(run)

    return tag
