"""Whether the back end lives, is ready, and its numbers for Prometheus."""

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
    """One part: whether it is well, and a sentence."""

    ok: bool
    says: str


class Health(BaseModel):
    """Well when every part is, workers aside: without one, runs wait in the queue."""

    ok: bool
    checks: dict[str, Check]


@router.get("/healthz")
async def alive() -> dict[str, bool]:
    """The program runs. The event loop answers by itself: all threads may be waiting for the store."""
    return {"ok": True}


@router.get("/readyz", response_model=Health, responses={503: {"model": Health}})
def ready(here: Here) -> Response:
    """Each part with a sentence; 503 when one we can't do without is away."""
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
    """Prometheus' text format."""
    return Response(here.metrics.text(), media_type="text/plain; version=0.0.4")


def _tried(ask: Callable[[], object], fine: str) -> Check:
    try:
        ask()
    except (RedisError, *AWAY) as error:
        return Check(ok=False, says=f"It does not answer: {error}")
    return Check(ok=True, says=fine)


def _count(here: Application) -> None:
    with here.store.reading() as db:
        runs.counts(db)


def _recorder(here: Application) -> Check:
    recorder = here.recorder
    if not recorder.is_alive():
        return Check(ok=False, says="It does not run.")
    if recorder.trouble:
        return Check(ok=False, says=recorder.trouble)
    return Check(ok=recorder.lag_s < LAG_S, says=f"It is {recorder.lag_s:.1f} s behind.")


def _workers(here: Application) -> Check:
    try:
        count = len(here.workers.alive())
    except RedisError as error:
        return Check(ok=False, says=f"Redis does not answer: {error}")
    if count == 0:
        return Check(ok=False, says="There is none; runs wait until one is started with `rhoscope worker`.")
    return Check(ok=True, says=f"{count} of them live.")
