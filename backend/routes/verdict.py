"""The verdict on a run."""

from fastapi import APIRouter, Response

from backend.application import Here
from backend.http.answers import list_answer
from backend.http.problems import documented
from backend.store import runs
from rhoscope.verdict import Judgment

router = APIRouter(tags=["runs"])


@router.get("/runs/{run}/verdict", response_model=list[Judgment], responses=documented(404))
def judge_run(here: Here, run: str) -> Response:
    """Diagnose a run from its stored series: first what was found, last what can't be said."""
    with here.store.reading() as db:
        return list_answer(here.verdicts.of(db, runs.get(db, run)))
