"""The API as an ASGI application."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html

import rhoscope
from backend.application import Application
from backend.http import middleware, problems
from backend.http.gate import Gate
from backend.routes import (
    alerts,
    catalog,
    check,
    control,
    events,
    forks,
    groups,
    health,
    live,
    queue,
    report,
    runs,
    series,
    session,
    sweeps,
    table,
    tables,
    tokens,
    users,
)
from backend.store import runs as stored_runs
from rhoscope.environment import Environment
from rhoscope.errors import Problem
from rhoscope.web import headers
from rhoscope.web.headers import Secured
from rhoscope.web.hosts import KnownHost

PREFIX = "/api/v1"


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
        application.recorder.start()
        application.launcher.start()
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
        redoc_url=None,
    )
    app.state.application = application
    problems.install(app)
    for part in (
        check,
        report,
        table,
        runs,
        queue,
        forks,
        control,
        events,
        alerts,
        series,
        tables,
        sweeps,
        groups,
        catalog,
        live,
        session,
        users,
        tokens,
    ):
        app.include_router(part.router, prefix=PREFIX)
    app.include_router(health.router, prefix=PREFIX, include_in_schema=False)
    app.include_router(health.router)
    app.include_router(health.metrics)
    app.add_middleware(Gate, identities=application.identities, exposed=environment.exposed)
    app.add_middleware(middleware.Size, limit=problems.BODY_LIMIT)
    app.add_middleware(middleware.Origin)
    app.add_middleware(KnownHost, hosts=environment.hosts)
    app.add_middleware(middleware.Clock, note=_note(application))
    app.add_middleware(Secured, policies={"/docs": _docs_policy(app)})
    application.metrics.watch(lambda: _gauges(application))
    _document(app)
    return app


def _stop(application: Application) -> None:
    application.launcher.stop()
    application.recorder.stop()
    application.store.close()
    application.redis.close()


def _docs_policy(app: FastAPI) -> str:
    """The interactive description is a program of others, from their server."""
    redirect = app.swagger_ui_oauth2_redirect_url
    page = get_swagger_ui_html(
        openapi_url=app.openapi_url or "", title=app.title, oauth2_redirect_url=redirect
    )
    programs = " ".join(map(headers.hashed, headers.inline(bytes(page.body).decode())))
    source = "https://cdn.jsdelivr.net"
    allowed = f"script-src {source} {programs}; style-src {source} 'unsafe-inline'; connect-src 'self'"
    return f"{headers.NOTHING}; {allowed}; img-src data: https://fastapi.tiangolo.com"


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
        return schema

    app.openapi = openapi  # type: ignore[method-assign]
