"""Health of the back end, and its metrics for Prometheus."""

import asyncio
from collections.abc import Callable

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field
from redis import RedisError

from backend.application import Application, Here
from backend.loops import Loop
from backend.store import AWAY, runs
from rhoscope.errors import Damaged

router = APIRouter(tags=["health"])
metrics = APIRouter(tags=["health"])
LAG_S = 10.0
"""A recorder that is further behind than this is not well."""
PATIENCE_S = 3.0
"""A part that has not answered by then does not answer."""
MOST_WARNINGS = 20


class Check(BaseModel):
    """Health of one part, with a sentence that describes it."""

    ok: bool
    says: str


class Health(BaseModel):
    """Healthy when every part but the workers is: without a worker, runs wait in the queue."""

    ok: bool
    checks: dict[str, Check]
    warnings: list[str] = Field(
        default=[], description="what a part met and nobody foresaw, and has set aside; all others go on"
    )


@router.get("/healthz")
async def alive() -> dict[str, bool]:
    """Liveness: the program runs. Answered by the event loop, even while all threads wait for the store."""
    return {"ok": True}


@router.get("/readyz", response_model=Health, responses={503: {"model": Health}})
async def ready(here: Here) -> Response:
    """Readiness: the health of each part; 503 when a required one does not answer within seconds."""
    redis, store, workers = await asyncio.gather(
        _within(here, "redis", lambda: _tried(here.redis.ping, "Redis answers.")),
        _within(here, "store", lambda: _tried(lambda: _count(here), "The store answers.")),
        _within(here, "workers", lambda: _workers(here)),
    )
    checks = {"redis": redis, "store": store, "recorder": _recorder(here)}
    checks |= {loop.name: _loop(loop) for loop in here.loops if loop is not here.recorder.loop}
    ok = all(check.ok for check in checks.values())
    health = Health(ok=ok, checks=checks | {"workers": workers}, warnings=_warnings(here))
    return Response(health.model_dump_json(), 200 if ok else 503, media_type="application/json")


@metrics.get("/metrics", response_class=Response)
def numbers(here: Here) -> Response:
    """Metrics in Prometheus' text format."""
    return Response(here.metrics.text(), media_type="text/plain; version=0.0.4")


async def _within(here: Application, part: str, check: Callable[[], Check]) -> Check:
    """A check in a thread that no request uses; one that still waits from before is not made twice."""
    looking = here.looks.get(part)
    if looking is None or looking.done():
        looking = here.looks[part] = asyncio.get_running_loop().run_in_executor(here.lookout, check)
    try:
        return await asyncio.wait_for(asyncio.shield(looking), PATIENCE_S)
    except TimeoutError:
        return Check(ok=False, says=f"No answer within {PATIENCE_S:g} s.")


def _tried(ask: Callable[[], object], fine: str) -> Check:
    try:
        ask()
    except (RedisError, *AWAY) as error:
        return Check(ok=False, says=f"No answer: {error}")
    except Damaged as damaged:
        return Check(ok=False, says=damaged.detail)
    return Check(ok=True, says=fine)


def _count(here: Application) -> None:
    with here.store.reading() as db:
        runs.counts(db)


def _loop(loop: Loop) -> Check:
    words = loop.complaint()
    return Check(ok=not words, says=words or f"The {loop.name} goes on.")


def _recorder(here: Application) -> Check:
    recorder = here.recorder
    if words := recorder.loop.complaint():
        return Check(ok=False, says=words)
    return Check(ok=recorder.lag_s < LAG_S, says=f"The recorder is {recorder.lag_s:.1f} s behind.")


def _warnings(here: Application) -> list[str]:
    aside = [(loop.name, what, reason) for loop in here.loops for what, reason in loop.aside.items()]
    words = [f"The {name} has set {what} aside: {reason}" for name, what, reason in aside[:MOST_WARNINGS]]
    more = len(aside) - len(words)
    if here.store.damage:
        words.insert(0, here.store.damage)
    return [*words, f"And {more} more; see the API log."] if more else words


def _workers(here: Application) -> Check:
    try:
        count = len(here.workers.alive())
    except RedisError as error:
        return Check(ok=False, says=f"Redis does not answer: {error}")
    if count == 0:
        return Check(ok=False, says="No workers running; runs wait until `rhoscope worker` starts one.")
    return Check(ok=True, says=f"{count} running.")
