"""The queue: which runs wait for a worker, in the order in which they start."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from backend.application import Here
from backend.http.answers import json_answer
from backend.http.problems import documented
from backend.store import queue
from rhoscope.runs import Queue

router = APIRouter(tags=["runs"])


@router.get("/queue", response_model=Queue, responses=documented())
def list_queue(
    here: Here,
    start: Annotated[int, Query(ge=0, lt=2**31, description="number of runs to skip")] = 0,
    limit: Annotated[int, Query(ge=1, le=1000, description="maximum number of runs")] = 100,
) -> Response:
    """List queued runs in the order in which they start; each run's `series` is empty here."""
    with here.store.reading() as db:
        return json_answer(queue.part(db, start, limit))
