"""Searches: their trials, which settings decide, the objective over two settings, and going on."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from backend.application import Application, Here
from backend.http.answers import json_answer
from backend.http.problems import documented
from backend.orders import searches
from backend.searches.space import Question
from backend.searches.surface import surface
from backend.store import catalogs, sweeps, trials
from backend.store.trials import Kept
from rhoscope.runs import Sweep
from rhoscope.search import Importance, Search, Surface, Trials

router = APIRouter(tags=["sweeps"])
_Setting = Annotated[str, Query(max_length=100, description="one of the searched settings")]


@router.get("/sweeps/{sweep}/trials", response_model=Trials, responses=documented(404, 409))
def list_trials(here: Here, sweep: str) -> Response:
    """List the trials of a search with their values, in the order in which they began."""
    search, kept = _read(here, sweep)
    with here.store.reading() as db:
        status = trials.status(db, sweep, search)
    every = [one.trial for one in kept]
    body = {"search": search, "status": status, "maximizes": search.maximizes, "trials": every}
    return json_answer(Trials.model_validate(body))


@router.get("/sweeps/{sweep}/importance", response_model=Importance, responses=documented(404, 409, 503))
def estimate_importance(here: Here, sweep: str) -> Response:
    """Estimate how much each setting decides, with an interval, from the completed trials of a search."""
    search, kept = _read(here, sweep)
    with here.store.reading() as db:
        question = Question.of(sweep, search, catalogs.newest(db), sweeps.spec(db, sweep).base)
    return json_answer(here.importances.of(question, kept))


@router.get("/sweeps/{sweep}/contour", response_model=Surface, responses=documented(404, 409))
def interpolate_objective(here: Here, sweep: str, x: _Setting, y: _Setting) -> Response:
    """Interpolate the objective over two settings, between the completed trials of a search."""
    search, kept = _read(here, sweep)
    return json_answer(surface(search, [one.trial for one in kept], x, y))


@router.post("/sweeps/{sweep}/resume", response_model=Sweep, responses=documented(404, 409))
def resume_search(here: Here, sweep: str) -> Response:
    """Let a search that was stopped or has failed go on with its next trial."""
    with here.store.writing() as db:
        resumed = searches.resume(db, sweep)
    return json_answer(resumed)


def _read(here: Application, sweep: str) -> tuple[Search, list[Kept]]:
    """Raises: NotFound; Conflict, for a sweep that is no search."""
    with here.store.reading() as db:
        return searches.search_of(sweep, sweeps.spec(db, sweep)), trials.of_sweep(db, sweep)
