"""The catalog of plug-ins, and the workers that run them."""

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from backend.application import Here
from backend.http.answers import json_answer, list_answer
from backend.http.problems import documented
from backend.store import catalogs
from rhoscope.catalog import CatalogAnswer
from rhoscope.runs import WorkerStatus

router = APIRouter(tags=["catalog"])


@router.get("/catalog", response_model=CatalogAnswer, responses=documented(503))
def get_catalog(here: Here) -> Response:
    """List all plug-ins with settings and series, as a worker last reported them, and all run states."""
    with here.store.reading() as db:
        catalog = catalogs.newest(db)
    return json_answer(CatalogAnswer(version=catalog.version, plugins=catalog.plugins))


@router.get("/workers", response_model=list[WorkerStatus], responses=documented(503))
def list_workers(here: Here) -> Response:
    """List running workers, sorted by name."""
    return list_answer(here.workers.alive())


class WorkerEdit(BaseModel):
    """Changes to a worker."""

    model_config = ConfigDict(extra="forbid")

    draining: bool = Field(description="true: finish the current run and start no other")


@router.patch("/workers/{name}", response_model=WorkerStatus, responses=documented(404, 413, 503))
def edit_worker(here: Here, name: str, changes: WorkerEdit) -> Response:
    """Drain a worker, so that it finishes its current run and starts no other, or resume it."""
    return json_answer(here.workers.drain(name, draining=changes.draining))
