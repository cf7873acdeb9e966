"""The API as an ASGI application."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from fastapi import Depends, FastAPI

import rhoscope
from backend.application import Application
from backend.http import middleware, problems
from backend.http.boundary import check_texts
from backend.http.gate import Gate
from backend.routes import (
    alerts,
    catalog,
    channels,
    check,
    control,
    docs,
    events,
    forks,
    groups,
    guests,
    health,
    histories,
    live,
    media,
    queue,
    remedies,
    report,
    runs,
    samples,
    searches,
    series,
    session,
    sweeps,
    table,
    tables,
    tokens,
    users,
    verdict,
    views,
)
from backend.store import runs as stored_runs
from rhoscope.base_path import BasePath, within
from rhoscope.environment import Environment
from rhoscope.errors import Problem
from rhoscope.web import headers
from rhoscope.web.bodies import OneLength
from rhoscope.web.headers import Secured
from rhoscope.web.hosts import KnownHost

PREFIX = "/api/v1"
DOCS_POLICY = (
    f"{headers.NOTHING}; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self'; "
    "img-src 'self' data:"
)
"""The reference runs a program that is not ours, from this server; it writes its styles while it runs."""


def create_app(environment: Environment) -> FastAPI:
    """The back end of one environment; opens the store and starts recording when served.

    Raises:
        InvalidInput: when an address in the environment can't be read.
    """
    application = Application.build(environment)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await asyncio.to_thread(application.store.open)
        progress = asyncio.create_task(application.fanout.send_progress())
        application.fanout.loop.alive = lambda: not progress.done()
        application.recorder.start()
        application.launcher.start()
        application.postman.start()
        application.searches.start()
        yield
        progress.cancel()
        with suppress(asyncio.CancelledError):
            await progress
        await asyncio.to_thread(_stop, application)

    app = FastAPI(
        title="rhoscope",
        version=rhoscope.__version__,
        summary="Watch and steer the balance between modalities while a multimodal network trains.",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,  # a redirect would lead out of the path that a proxy shows us under
        dependencies=[Depends(check_texts)],
    )
    app.state.application = application
    problems.install(app)
    for part in (
        check,
        report,
        table,
        histories,
        runs,
        queue,
        forks,
        control,
        events,
        alerts,
        series,
        tables,
        samples,
        sweeps,
        searches,
        groups,
        guests,
        media,
        catalog,
        live,
        session,
        users,
        tokens,
        verdict,
        remedies,
        channels,
        views,
    ):
        app.include_router(part.router, prefix=PREFIX)
    app.include_router(health.router, prefix=PREFIX, include_in_schema=False)
    app.include_router(health.router)
    app.include_router(health.metrics)
    app.include_router(docs.router)
    app.add_middleware(Gate, identities=application.identities, exposed=environment.exposed)
    app.add_middleware(middleware.Size, limit=problems.BODY_LIMIT)
    app.add_middleware(middleware.Origin)
    app.add_middleware(OneLength)
    app.add_middleware(KnownHost, hosts=environment.hosts)
    app.add_middleware(middleware.Clock, note=_note(application))
    app.add_middleware(Secured, policies={"/docs": DOCS_POLICY})
    app.add_middleware(BasePath, base=environment.base_path)
    application.metrics.watch(lambda: _gauges(application))
    _document(app)
    return app


def _stop(application: Application) -> None:
    application.launcher.stop()
    application.postman.stop()
    application.searches.stop()
    application.recorder.stop()
    application.lookout.shutdown(wait=False, cancel_futures=True)
    application.store.close()
    application.redis.close()


def _note(application: Application) -> Any:
    def note(method: str, route: str, status: int, seconds: float) -> None:
        application.metrics.requests.labels(method, route, str(status)).observe(seconds)

    return note


def _gauges(application: Application) -> dict[str, tuple[str, dict[str, float]]]:
    with application.store.reading() as db:
        states = stored_runs.counts(db)
    return {
        "runs": ("Runs by state", {state: float(n) for state, n in states.items()}),
        "recorder_lag_seconds": ("Since everything published was stored", {"": application.recorder.lag_s}),
        "loop_well": (
            "Whether what goes on for ever does: 1, or 0",
            {loop.name: float(not loop.complaint()) for loop in application.loops},
        ),
        "set_aside": (
            "Runs and parts set aside",
            {loop.name: float(len(loop.aside)) for loop in application.loops},
        ),
        "unforeseen_errors": (
            "Errors that nobody foresaw",
            {loop.name: float(loop.unforeseen) for loop in application.loops},
        ),
        "live_subscribers": ("Open live connections", {"": float(len(application.fanout.subscribers))}),
    }


def _document(app: FastAPI) -> None:
    """OpenAPI with the schema of problems, which no route returns by itself."""
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        schema = generate()
        problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas = schema.setdefault("components", {}).setdefault("schemas", {})
        schemas |= problem.pop("$defs", {})
        schemas["Problem"] = problem
        base = within("")
        return schema | {"servers": [{"url": base}]} if base else schema

    app.openapi = openapi  # type: ignore[method-assign]
