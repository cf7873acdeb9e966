"""The back end in this process, on a real port, and a pretended worker whose every record a test chooses."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import uvicorn
from instrument import free_port, wait_for
from numpy.typing import ArrayLike
from redis import Redis
from starlette.types import ASGIApp

from backend.app import create_app
from backend.application import Application
from rhoscope import keys
from rhoscope.catalog import Catalog
from rhoscope.client import Client
from rhoscope.environment import Environment
from rhoscope.errors import Unavailable
from rhoscope.lease import Lease
from rhoscope.local import connections
from rhoscope.records import Block, Event, EventKind
from rhoscope.runs import WorkerStatus
from rhoscope.series import Series


class Server(uvicorn.Server):
    """One that leaves no connection open: uvicorn stops waiting for a page that holds one."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await super().shutdown(sockets)
        for connection in list(self.server_state.connections):
            if transport := getattr(connection, "transport", None):
                transport.abort()
        await asyncio.sleep(0.05)


class Served:
    """A back end that answers at `url`."""

    def __init__(self, environment: Environment) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.app = create_app(environment)
        served = {"http": connections.Requests, "ws": connections.Sockets, **connections.OPTIONS}
        config = uvicorn.Config(self.app, port=self.port, log_level="error", **served)
        self._server = Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)

    @property
    def application(self) -> Application:
        application: Application = self.app.state.application
        return application

    def start(self) -> None:
        self._thread.start()
        wait_for(lambda: self._server.started, 30, "the back end")

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(30)


@contextmanager
def listening(app: ASGIApp) -> Iterator[int]:
    """The port of an application that is served in a thread of its own."""
    port = free_port()
    config = uvicorn.Config(
        app, port=port, log_level="error", ws="websockets-sansio", timeout_graceful_shutdown=1
    )
    server = Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    wait_for(lambda: server.started, 30, "the server")
    try:
        yield port
    finally:
        server.should_exit = True
        thread.join()


@contextmanager
def serving(environment: Environment, catalog: Catalog) -> Iterator[Served]:
    """A back end that knows this catalog."""
    served = Served(environment)
    served.start()
    token = environment.api_token
    with Redis.from_url(environment.broker_url) as redis, Client(served.url, token) as client:
        announce(redis, catalog)
        wait_for(lambda: _knows(client), 30, "the catalog")
        yield served
    served.stop()


def announce(redis: Redis, catalog: Catalog) -> None:
    """As a worker does once, with a heartbeat that lasts for the whole test."""
    now = time.time()
    digest = catalog.digest()
    status = WorkerStatus(
        name="pretended", host="here", pid=1, device="cpu", catalog=digest, started=now, seen=now
    )
    redis.set(keys.catalog(digest), catalog.model_dump_json())
    redis.set(keys.worker("pretended"), status.model_dump_json())
    redis.sadd(keys.WORKERS, "pretended")


def _knows(client: Client) -> bool:
    try:
        return bool(client.catalog().plugins)
    except Unavailable:
        return False


class Attempt:
    """One attempt at a run, as its training process tells of it."""

    def __init__(self, redis: Redis, run: str, number: int = 1, names: Sequence[str] = ("loss",)) -> None:
        self.redis, self.run, self.number, self.names = redis, run, number, list(names)
        self.seq = 0
        self.time = time.time()
        self.lease = Lease(redis, run, number, "pretended/1", 600.0)  # outlives a slow module

    def take(self) -> None:
        """Take the lease once the launcher wants this attempt."""
        wait_for(self.lease.take, 20, f"lease {self.number} of {self.run}")

    def begin(self, start: int = 0, total: int = 100) -> None:
        series = [
            Series(name=name, title=name, unit="1", formula="x", help="A number.").model_dump()
            for name in self.names
        ]
        sparse = Series(
            name="val.accuracy", title="v", unit="1", formula="x", help="A number.", sparse=True
        ).model_dump()
        self.tell("started", start, start_step=start, total_steps=total, epochs=2, series=[*series, sparse])

    def rows(self, steps: ArrayLike, values: ArrayLike | None = None) -> None:
        """One block; by default every series' value is its step."""
        which = np.asarray(steps, np.int32)
        each = np.broadcast_to(
            np.asarray(which if values is None else values, np.float32), (len(self.names), len(which))
        )
        began, self.time = self.time, time.time()
        block = Block.make(self.run, self.number, self.names, which, each, (began, self.time))
        self._add(b"b", block.encode())

    def tell(self, kind: EventKind, step: int, **data: object) -> None:
        event = Event(
            run=self.run, attempt=self.number, kind=kind, step=step, time=time.time(), data=dict(data)
        )
        self._add(b"e", event.encode())

    def finish(self, step: int, state: str = "completed") -> None:
        self.tell("finished", step, state=state, reason="All is done.")
        self.lease.release()

    def _add(self, field: bytes, data: bytes) -> None:
        self.seq += 1
        self.redis.xadd(keys.records(self.run), {field: data}, id=f"{self.number}-{self.seq}")
