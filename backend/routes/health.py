"""Health of the back end, and its metrics for Prometheus."""

from collections.abc import Callable

from fastapi import APIRouter, Response
from pydantic import BaseModel
from redis import RedisError

from backend.application import Application, Here
from backend.store import AWAY, runs

router = APIRouter(tags=["health"])
metrics = APIRouter(tags=["health"])
LAG_S = 10.0
"""A recorder that is further behind than this is not well."""


class Check(BaseModel):
    """Health of one part, with a sentence that describes it."""

    ok: bool
    says: str


class Health(BaseModel):
    """Healthy when every part but the workers is: without a worker, runs wait in the queue."""

    ok: bool
    checks: dict[str, Check]


@router.get("/healthz")
async def alive() -> dict[str, bool]:
    """Liveness: the program runs. Answered by the event loop, even while all threads wait for the store."""
    return {"ok": True}


@router.get("/readyz", response_model=Health, responses={503: {"model": Health}})
def ready(here: Here) -> Response:
    """Readiness: the health of each part; 503 when a required one does not answer."""
    checks = {
        "redis": _tried(here.redis.ping, "Redis answers."),
        "store": _tried(lambda: _count(here), "The store answers."),
        "recorder": _recorder(here),
    }
    ok = all(check.ok for check in checks.values())
    health = Health(ok=ok, checks=checks | {"workers": _workers(here)})
    return Response(health.model_dump_json(), 200 if ok else 503, media_type="application/json")


@metrics.get("/metrics", response_class=Response)
def numbers(here: Here) -> Response:
    """Metrics in Prometheus' text format."""
    return Response(here.metrics.text(), media_type="text/plain; version=0.0.4")


def _tried(ask: Callable[[], object], fine: str) -> Check:
    try:
        ask()
    except (RedisError, *AWAY) as error:
        return Check(ok=False, says=f"No answer: {error}")
    return Check(ok=True, says=fine)


def _count(here: Application) -> None:
    with here.store.reading() as db:
        runs.counts(db)


def _recorder(here: Application) -> Check:
    recorder = here.recorder
    if not recorder.is_alive():
        return Check(ok=False, says="The recorder is not running.")
    if recorder.trouble:
        return Check(ok=False, says=recorder.trouble)
    return Check(ok=recorder.lag_s < LAG_S, says=f"The recorder is {recorder.lag_s:.1f} s behind.")


def _workers(here: Application) -> Check:
    try:
        count = len(here.workers.alive())
    except RedisError as error:
        return Check(ok=False, says=f"Redis does not answer: {error}")
    if count == 0:
        return Check(ok=False, says="No workers running; runs wait until `rhoscope worker` starts one.")
    return Check(ok=True, says=f"{count} running.")
