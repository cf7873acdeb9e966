"""The running back end: every part that routes work with, built once."""

import asyncio
from collections.abc import Iterable
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Annotated, Any

from fastapi import Depends
from redis import Redis
from starlette.requests import HTTPConnection

from backend.access.identities import Identities
from backend.channels.postman import Postman
from backend.curves.cache import Curves
from backend.curves.sparks import Sparks
from backend.http.downloads import Downloads
from backend.launching.engines import engine_of
from backend.launching.inspections import Inspections
from backend.launching.launcher import Launcher
from backend.launching.workers import Workers
from backend.loops import Loop
from backend.metrics import Metrics
from backend.recording.alerts import Alerts
from backend.recording.fanout import Fanout
from backend.recording.recorder import Recorder
from backend.searches.importance import Importances
from backend.searches.loop import Searches
from backend.store import Store, runs
from backend.verdict.reading import Verdicts
from rhoscope.environment import Environment
from rhoscope.runs import Run

TIMEOUT_S = 5.0
LOOKS = 3
"""Threads that look after Redis, the store, and the workers."""


@dataclass(frozen=True)
class Application:
    """The store, Redis, the threads and the caches of one back end."""

    environment: Environment
    store: Store
    identities: Identities
    redis: Redis
    fanout: Fanout
    metrics: Metrics
    alerts: Alerts
    recorder: Recorder
    launcher: Launcher
    postman: Postman
    searches: Searches
    workers: Workers
    sparks: Sparks
    curves: Curves
    verdicts: Verdicts
    importances: Importances
    lookout: Executor
    looks: dict[str, "asyncio.Future[Any]"] = field(default_factory=dict)
    """Checks of health that were begun, by part; the executor is theirs alone."""
    downloads: Downloads = field(default_factory=Downloads)

    @property
    def loops(self) -> tuple[Loop, ...]:
        """Everything that goes on for as long as the back end serves."""
        return (
            self.launcher.loop,
            self.recorder.loop,
            self.recorder.rules,
            self.fanout.loop,
            self.postman.loop,
            self.searches.loop,
        )

    def inspections(self) -> Inspections:
        """Workers' reports on data, for one request."""
        return Inspections(self.redis, self.workers)

    @classmethod
    def build(cls, environment: Environment) -> "Application":
        """Raises: InvalidInput, when an address can't be read."""
        store = Store(environment.store_url)
        redis = _redis(environment)
        fanout = Fanout(partial(_present, store), partial(_present, store, series=False))
        metrics = Metrics()
        alerts = Alerts()
        recorder = Recorder(_redis(environment), store, fanout, metrics, alerts)
        asks = _redis(environment)
        engine = engine_of(environment, asks)
        launcher = Launcher(asks, store, fanout, engine, environment.lease_s)
        workers = Workers(redis, store)
        curves = Curves()
        return cls(
            environment=environment,
            store=store,
            identities=Identities(store, environment.api_token),
            redis=redis,
            fanout=fanout,
            metrics=metrics,
            alerts=alerts,
            recorder=recorder,
            launcher=launcher,
            postman=Postman(store),
            searches=Searches(store, fanout, lambda: Inspections(redis, workers), launcher.nudge),
            workers=workers,
            sparks=Sparks(),
            curves=curves,
            verdicts=Verdicts(curves),
            importances=Importances(),
            lookout=ThreadPoolExecutor(LOOKS, "health"),
        )


def application_of(connection: HTTPConnection) -> Application:
    """The application that a request or WebSocket reached."""
    application: Application = connection.app.state.application
    return application


async def _here(connection: HTTPConnection) -> Application:
    """As `application_of`; a plain function would need one of the threads that wait for the store."""
    return application_of(connection)


Here = Annotated[Application, Depends(_here)]


def _redis(environment: Environment) -> Redis:
    timeouts = {"socket_timeout": TIMEOUT_S, "socket_connect_timeout": 2.0}
    return Redis.from_url(environment.broker_url, **timeouts)


def _present(store: Store, ids: Iterable[str], *, series: bool = True) -> list[Run]:
    with store.reading() as db:
        return runs.of_ids(db, list(ids), series=series)
