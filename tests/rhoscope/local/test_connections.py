"""Connections that stop in the middle end: half a request, and an answer that nobody reads."""

import asyncio
import socket
import threading
from collections.abc import Iterator

import pytest
import uvicorn
from instrument import wait_for
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from rhoscope.local import connections

given = {"pieces": 0, "sockets": 0}


async def endless(_request: Request) -> StreamingResponse:
    async def pieces() -> object:
        while True:
            given["pieces"] += 1
            yield b"x" * 65_536
            await asyncio.sleep(0)  # as an export does, whose pieces come from a thread

    return StreamingResponse(pieces())  # type: ignore[arg-type]


async def echo(request: Request) -> PlainTextResponse:
    return PlainTextResponse(str(len(await request.body())))


async def flood(browser: WebSocket) -> None:
    await browser.accept()
    given["sockets"] += 1
    try:
        while True:
            await browser.send_bytes(b"x" * 65_536)
            await asyncio.sleep(0)
    finally:
        given["sockets"] -= 1


async def quiet(browser: WebSocket) -> None:
    await browser.accept()
    await browser.send_text(str(len(browser.url.query)))
    while (await browser.receive())["type"] != "websocket.disconnect":
        pass


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[uvicorn.Server]:
    monkeypatch.setattr(connections, "REQUEST_S", 0.4)
    monkeypatch.setattr(connections, "STALLED_S", 0.4)
    routes = [Route("/endless", endless), Route("/echo", echo, methods=["GET", "POST"])]
    app = Starlette(routes=[*routes, WebSocketRoute("/flood", flood), WebSocketRoute("/quiet", quiet)])
    config = uvicorn.Config(
        app,
        port=0,
        log_level="error",
        http=connections.Requests,
        ws=connections.Sockets,
        lifespan="off",
        **connections.OPTIONS,
    )
    made = uvicorn.Server(config)
    thread = threading.Thread(target=made.run, daemon=True)
    thread.start()
    wait_for(lambda: made.started, 30, "the server")
    yield made
    made.should_exit = True
    thread.join(30)
    assert not thread.is_alive()


def reach(server: uvicorn.Server) -> socket.socket:
    address = server.servers[0].sockets[0].getsockname()
    return socket.create_connection(address[:2], timeout=30)


def answer(opened: socket.socket) -> bytes:
    """Everything until the other side closes."""
    parts = []
    try:
        while data := opened.recv(65_536):
            parts.append(data)
    except ConnectionResetError:
        pass
    return b"".join(parts)


@pytest.mark.parametrize(
    "part",
    [
        b"",
        b"GET /echo HT",
        b"GET /echo HTTP/1.1\r\nHost: a\r\nX-Slow: ",
        b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nhalf",
        b"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
        b"GET /echo HTTP/1.1\r\nHost: a\r\n\r\nGET /ec",
    ],
)
def test_half_a_request_ends_its_connection(server: uvicorn.Server, part: bytes) -> None:
    with reach(server) as opened:
        opened.sendall(part)
        answer(opened)
    wait_for(lambda: not server.server_state.connections, 30, "no connection")


def test_whole_requests_on_one_connection_are_not_ended(server: uvicorn.Server) -> None:
    with reach(server) as opened:
        for _ in range(3):
            opened.sendall(b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody")
            answers = b""
            while not answers.endswith(b"\r\n\r\n4"):
                answers += opened.recv(65_536)
            assert b"200 OK" in answers
            threading.Event().wait(0.5)  # longer than a request may take: nobody is in the middle of one
        assert len(server.server_state.connections) == 1


def test_an_answer_that_nobody_reads_is_dropped(server: uvicorn.Server) -> None:
    with reach(server) as opened:
        opened.sendall(b"GET /endless HTTP/1.1\r\nHost: a\r\n\r\n")
        wait_for(lambda: given["pieces"] > 3, 30, "an answer that begins")
        wait_for(lambda: not server.server_state.connections, 30, "a dropped connection")
    before = given["pieces"]
    wait_for(lambda: not server.server_state.tasks, 30, "an answer that ends")
    assert given["pieces"] <= before + 1


def test_a_live_connection_that_nobody_reads_is_dropped(server: uvicorn.Server) -> None:
    upgrade = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    with reach(server) as opened:
        opened.sendall(f"GET /flood HTTP/1.1\r\nHost: a\r\n{upgrade}{key}\r\n".encode())
        wait_for(lambda: given["sockets"] == 1, 30, "a flood")
        wait_for(lambda: given["sockets"] == 0, 30, "its end")


def test_what_is_no_http_or_too_long_is_answered_with_a_problem(server: uvicorn.Server) -> None:
    for text in (b"\x16\x03\x01junk\r\n\r\n", b"GET /" + b"a" * 200_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n"):
        with reach(server) as opened:
            try:
                opened.sendall(text)
                answers = answer(opened)
            except (BrokenPipeError, ConnectionResetError):
                continue  # it closed before it had everything
        assert b"400 Bad Request" in answers
        assert b"application/problem+json" in answers


def test_a_long_address_of_a_live_connection_is_accepted_and_a_large_message_ends_it(
    server: uvicorn.Server,
) -> None:
    port = server.servers[0].sockets[0].getsockname()[1]
    with connect(f"ws://127.0.0.1:{port}/quiet?names={'a' * 20_000}") as opened:
        assert opened.recv(timeout=30) == "20006"
        opened.send(b"x" * (connections.LARGEST_MESSAGE + 1))
        with pytest.raises(ConnectionClosed) as closed:
            opened.recv(timeout=30)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1009
