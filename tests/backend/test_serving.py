"""How the API is served, beside what it answers."""

import socket
import threading
from collections.abc import Iterator

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from instrument import wait_for

from backend.__main__ import configured, listen


@pytest.fixture(params=["127.0.0.1", "::1"])
def server(request: pytest.FixtureRequest) -> Iterator[uvicorn.Server]:
    """A server as the API's, on a socket made as the API's is."""
    made = uvicorn.Server(configured(FastAPI()))
    with listen(request.param, 0) as listener:
        thread = threading.Thread(target=made.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        wait_for(lambda: made.started, 30, "the server")
        yield made
        made.should_exit = True
        thread.join(30)
    assert not thread.is_alive()


def test_a_client_gives_an_unused_connection_up_before_the_api_closes_it() -> None:
    """Else a request that is sent in that very moment fails, of which nobody knows whether it was done."""
    kept = httpx.Limits().keepalive_expiry
    assert kept is not None
    assert configured(FastAPI()).timeout_keep_alive > 2 * kept


def test_an_answer_is_sent_at_once_and_does_not_wait_for_an_acknowledgment(server: uvicorn.Server) -> None:
    """Nagle's algorithm is off on an accepted connection; it would cost each request on a kept one 40 ms."""
    address = server.servers[0].sockets[0].getsockname()
    with socket.create_connection(address[:2]):
        (connection,) = wait_for(lambda: server.server_state.connections, 30, "the connection")
        assert connection.transport is not None
        accepted = connection.transport.get_extra_info("socket")
        assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0
