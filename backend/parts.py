"""The parts of a running back end, made once per application."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends
from redis import Redis
from starlette.requests import HTTPConnection

from backend.alerts import Alerts
from backend.curves import Curves
from backend.engines import chosen
from backend.fanout import Fanout
from backend.inspections import Inspections
from backend.launcher import Launcher
from backend.metrics import Metrics
from backend.recorder import Recorder
from backend.sparks import Sparks
from backend.store import Store, runs
from backend.workers import Workers
from rhoscope.environment import Environment
from rhoscope.runs import Run

TIMEOUT_S = 5.0


@dataclass(frozen=True)
class Parts:
    """What routes work with."""

    environment: Environment
    store: Store
    redis: Redis
    fanout: Fanout
    metrics: Metrics
    alerts: Alerts
    recorder: Recorder
    launcher: Launcher
    workers: Workers
    sparks: Sparks
    curves: Curves

    def inspections(self) -> Inspections:
        """What workers say of data, for one request."""
        return Inspections(self.redis, self.workers)

    @classmethod
    def build(cls, environment: Environment) -> "Parts":
        """Raises: InvalidInput, when an address can't be read."""
        store = Store(environment.store_url)
        redis = _redis(environment)
        fanout = Fanout(lambda ids: _present(store, list(ids)))
        metrics = Metrics()
        alerts = Alerts()
        recorder = Recorder(_redis(environment), store, fanout, metrics, alerts)
        asks = _redis(environment)
        engine = chosen(environment, asks)
        launcher = Launcher(asks, store, fanout, engine, environment.lease_s)
        workers = Workers(redis, store)
        return cls(
            environment=environment,
            store=store,
            redis=redis,
            fanout=fanout,
            metrics=metrics,
            alerts=alerts,
            recorder=recorder,
            launcher=launcher,
            workers=workers,
            sparks=Sparks(),
            curves=Curves(),
        )


def parts_of(connection: HTTPConnection) -> Parts:
    """The parts of the application a request or WebSocket came to."""
    found: Parts = connection.app.state.parts
    return found


Here = Annotated[Parts, Depends(parts_of)]


def _redis(environment: Environment) -> Redis:
    timeouts = {"socket_timeout": TIMEOUT_S, "socket_connect_timeout": 2.0}
    return Redis.from_url(environment.broker_url, **timeouts)


def _present(store: Store, ids: list[str]) -> list[Run]:
    with store.reading() as db:
        return runs.of_ids(db, ids)
