"""The API as an ASGI application."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from fastapi import FastAPI

import rhoscope
from backend import gate, problems
from backend.parts import Parts
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
    report,
    runs,
    series,
    sweeps,
    table,
    tables,
)
from backend.store import runs as stored_runs
from rhoscope.environment import Environment
from rhoscope.errors import Problem

PREFIX = "/api/v1"


def create_app(environment: Environment) -> FastAPI:
    """The back end of one environment; opens the store and starts recording when served.

    Raises:
        InvalidInput: when an address in the environment can't be read.
    """
    parts = Parts.build(environment)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await asyncio.to_thread(parts.store.open)
        telling = asyncio.create_task(parts.fanout.tell_progress())
        parts.recorder.start()
        parts.launcher.start()
        yield
        telling.cancel()
        with suppress(asyncio.CancelledError):
            await telling
        await asyncio.to_thread(_stop, parts)

    app = FastAPI(
        title="rhoscope",
        version=rhoscope.__version__,
        summary="Watch and steer the balance between modalities while a multimodal network trains.",
        lifespan=lifespan,
        redoc_url=None,
    )
    app.state.parts = parts
    problems.install(app)
    for part in (
        check,
        report,
        table,
        runs,
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
    ):
        app.include_router(part.router, prefix=PREFIX)
    app.include_router(health.router, prefix=PREFIX, include_in_schema=False)
    app.include_router(health.router)
    app.include_router(health.metrics)
    app.add_middleware(gate.Token, token=environment.api_token)
    app.add_middleware(gate.Size, limit=problems.BODY_LIMIT)
    app.add_middleware(gate.Origin)
    app.add_middleware(gate.Clock, note=_note(parts))
    parts.metrics.watch(lambda: _gauges(parts))
    _document(app)
    return app


def _stop(parts: Parts) -> None:
    parts.launcher.stop()
    parts.recorder.stop()
    parts.store.close()
    parts.redis.close()


def _note(parts: Parts) -> Any:
    def note(method: str, route: str, status: int, seconds: float) -> None:
        parts.metrics.requests.labels(method, route, str(status)).observe(seconds)

    return note


def _gauges(parts: Parts) -> dict[str, tuple[str, dict[str, float]]]:
    with parts.store.reading() as db:
        states = stored_runs.counts(db)
    return {
        "runs": ("Runs by state", {state: float(n) for state, n in states.items()}),
        "recorder_lag_seconds": ("Since everything published was stored", {"": parts.recorder.lag_s}),
        "live_subscribers": ("Open live connections", {"": float(len(parts.fanout.subscribers))}),
    }


def _document(app: FastAPI) -> None:
    """OpenAPI with the schema of problems, which no route returns by itself."""
    made = app.openapi

    def openapi() -> dict[str, Any]:
        schema = made()
        parts = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas = schema.setdefault("components", {}).setdefault("schemas", {})
        schemas |= parts.pop("$defs", {})
        schemas["Problem"] = parts
        return schema

    app.openapi = openapi  # type: ignore[method-assign]
