"""What can be launched, and who can train it."""

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict

from backend.application import Here
from backend.http.answers import json_answer, list_answer
from backend.http.problems import documented
from backend.store import catalogs
from rhoscope.catalog import CatalogAnswer
from rhoscope.runs import WorkerStatus

router = APIRouter(tags=["catalogue"])


@router.get("/catalog", response_model=CatalogAnswer, responses=documented(503))
def newest(here: Here) -> Response:
    """Every plug-in with its settings and series, as the worker seen last announced them, and run states."""
    with here.store.reading() as db:
        known = catalogs.newest(db)
    return json_answer(CatalogAnswer(version=known.version, plugins=known.plugins))


@router.get("/workers", response_model=list[WorkerStatus], responses=documented(503))
def workers(here: Here) -> Response:
    """Workers that live now, by name."""
    return list_answer(here.workers.alive())


class WorkerEdit(BaseModel):
    """What a worker can be told."""

    model_config = ConfigDict(extra="forbid")

    draining: bool


@router.patch("/workers/{name}", response_model=WorkerStatus, responses=documented(404, 413, 503))
def edit_worker(here: Here, name: str, changes: WorkerEdit) -> Response:
    """Drain a worker: it finishes what it trains and takes nothing new; or let it take part again."""
    return json_answer(here.workers.drain(name, draining=changes.draining))
