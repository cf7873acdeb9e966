"""Remedies for a run: candidates that are trained side by side, halved, and ranked."""

from fastapi import APIRouter, Response

from backend.application import Here
from backend.http.answers import Key, json_answer
from backend.http.gate import Who
from backend.http.problems import documented
from backend.launching.standing import ranking
from backend.orders import remedies
from backend.store import sweeps
from rhoscope.errors import Conflict
from rhoscope.remedies import Ranking, Suggestion, Trial
from rhoscope.runs import Sweep

router = APIRouter(tags=["sweeps"])


@router.get("/runs/{run}/remedies", response_model=Suggestion, responses=documented(404, 409, 503))
def suggest_remedies(here: Here, run: str) -> Response:
    """Suggest candidates that fit the run's network, from its verdict, and estimate the cost."""
    return json_answer(remedies.suggestion(here, run))


@router.post(
    "/runs/{run}/remedies",
    status_code=201,
    response_model=Sweep,
    responses={
        200: {
            "model": Sweep,
            "description": "The sweep that an earlier request with this Idempotency-Key created",
        },
        **documented(404, 409, 413, 503),
    },
)
def try_remedies(here: Here, who: Who, run: str, trial: Trial, key: Key = "") -> Response:
    """Train candidates side by side from one place with equal data order; the better half goes on."""
    sweep, before = remedies.launch(here, run, trial, key, who.name)
    return json_answer(sweep, 200 if before else 201)


@router.get("/sweeps/{sweep}/ranking", response_model=Ranking, responses=documented(404, 409))
def rank_candidates(here: Here, sweep: str) -> Response:
    """Rank the candidates of a sweep of remedies by their advantage over the control."""
    with here.store.reading() as db:
        made = sweeps.get(db, sweep)
        race = made.spec.race
        if race is None or not race.runs:
            raise Conflict(
                f"Sweep '{sweep}' tries no remedies; POST /runs/{{id}}/remedies makes one that does."
            )
        members = {run.id: run for run in made.runs}
        return json_answer(ranking(db, race, members))
