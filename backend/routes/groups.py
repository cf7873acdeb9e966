"""Groups of runs: runs with equal settings as one, with means and bands."""

from typing import Annotated

import orjson
from fastapi import APIRouter, Query, Response

from backend.application import Here
from backend.curves.grouping import GroupQuery, grouped
from backend.http.problems import documented
from rhoscope.groups import Groups

router = APIRouter(tags=["sweeps"])


@router.get("/groups", response_model=Groups, responses=documented(404))
def group_runs(here: Here, query: Annotated[GroupQuery, Query()]) -> Response:
    """Group runs with equal settings: mean and standard deviation of curves and of final values."""
    with here.store.reading() as db:
        _, body = grouped(db, here.curves, query)
    return Response(orjson.dumps(body, option=orjson.OPT_SERIALIZE_NUMPY), media_type="application/json")
