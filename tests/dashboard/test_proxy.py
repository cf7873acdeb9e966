"""The API under the page's own origin: all passes as it is, nobody foreign acts, the token stays inside."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI, Request, WebSocket
from instrument import free_port, wait_for
from starlette.responses import JSONResponse, StreamingResponse
from starlette.types import ASGIApp
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from dashboard.app import create_app
from rhoscope.environment import Environment

TOKEN = "secret-token"


def upstream() -> FastAPI:
    """An API that tells what it was asked, and whose live channel echoes until it is told to close."""
    app = FastAPI()

    async def echo(request: Request) -> JSONResponse:
        body = await request.body()
        address = f"{request.scope['raw_path'].decode()}?{request.url.query}"
        told: dict[str, Any] = {"method": request.method, "url": address, "length": len(body)}
        return JSONResponse(
            told | {"headers": dict(request.headers)}, 418 if "teapot" in request.url.path else 200
        )

    async def slow(_request: Request) -> StreamingResponse:
        async def parts() -> AsyncIterator[bytes]:
            for i in range(3):
                yield f"part {i}\n".encode()
                await asyncio.sleep(0.05)

        return StreamingResponse(parts(), media_type="text/csv")

    async def live(socket: WebSocket) -> None:
        await socket.accept()
        await socket.send_text(socket.headers.get("authorization", ""))
        async for message in socket.iter_text():
            if message == "close":
                await socket.close(4404, "no such run")
                return
            await socket.send_bytes(message.encode())

    app.add_api_route("/api/v1/export", slow)
    app.add_api_route("/api/v1/{path:path}", echo, methods=["GET", "POST", "PATCH", "DELETE"])
    app.add_api_websocket_route("/api/v1/live", live)
    return app


@contextmanager
def served(app: ASGIApp) -> Iterator[int]:
    """The port of a server in a thread of its own."""
    port = free_port()
    config = uvicorn.Config(
        app, port=port, log_level="error", ws="websockets-sansio", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    wait_for(lambda: server.started, 30, "the server")
    try:
        yield port
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="module")
def page() -> Iterator[str]:
    """host:port of a dashboard in front of that API."""
    with served(upstream()) as api:
        environment = Environment(api_url=f"http://127.0.0.1:{api}", api_token=TOKEN)
        with served(create_app(environment)) as port:
            yield f"127.0.0.1:{port}"


@pytest.fixture(scope="module")
def orphan() -> Iterator[str]:
    """host:port of a dashboard whose API is not there."""
    with served(create_app(Environment(api_url=f"http://127.0.0.1:{free_port()}"))) as port:
        yield f"127.0.0.1:{port}"


def live(page: str, **headers: str) -> ClientConnection:
    return connect(f"ws://{page}/api/v1/live?runs=a", additional_headers=headers, proxy=None)


def test_method_path_query_and_body_arrive_as_they_were_sent(page: str) -> None:
    told = httpx.request(
        "PATCH", f"http://{page}/api/v1/runs/a%2Fb?x=1&y=%C3%A4", content=b"z" * 100_000
    ).json()
    assert (told["method"], told["length"]) == ("PATCH", 100_000)
    assert told["url"] == "/api/v1/runs/a%2Fb?x=1&y=%C3%A4"


def test_status_and_type_come_back(page: str) -> None:
    answer = httpx.get(f"http://{page}/api/v1/teapot")
    assert (answer.status_code, answer.headers["content-type"]) == (418, "application/json")


def test_a_long_answer_is_passed_on_as_it_comes(page: str) -> None:
    with httpx.stream("GET", f"http://{page}/api/v1/export") as answer:
        assert list(answer.iter_lines()) == ["part 0", "part 1", "part 2"]


def test_the_token_is_added_on_the_way_and_cookies_stay_here(page: str) -> None:
    told = httpx.get(
        f"http://{page}/api/v1/x", headers={"cookie": "a=b", "authorization": "Bearer mine"}
    ).json()
    assert told["headers"]["authorization"] == f"Bearer {TOKEN}"
    assert "cookie" not in told["headers"]


def test_the_page_never_holds_the_token(page: str) -> None:
    for path in ("/", "/_dash-layout", "/_dash-dependencies"):
        assert TOKEN not in httpx.get(f"http://{page}{path}").text


def test_the_live_channel_carries_both_ways_and_the_reason_of_its_end(page: str) -> None:
    with live(page) as socket:
        assert socket.recv(5) == f"Bearer {TOKEN}"
        socket.send("hello")
        assert socket.recv(5) == b"hello"
        socket.send("close")
        with pytest.raises(ConnectionClosed) as closed:
            socket.recv(5)
    assert closed.value.rcvd is not None
    assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (4404, "no such run")


def test_a_page_of_another_site_may_neither_change_nor_listen(page: str) -> None:
    foreign = {"origin": "http://evil.example"}
    refused = httpx.post(f"http://{page}/api/v1/runs", headers=foreign)
    assert refused.status_code == 403
    assert refused.headers["content-type"] == "application/problem+json"
    with pytest.raises(Exception, match="403"):
        live(page, **foreign)


def test_the_page_itself_may(page: str) -> None:
    own = {"origin": f"http://{page}"}
    assert httpx.post(f"http://{page}/api/v1/runs", headers=own).status_code == 200
    with live(page, **own) as socket:
        assert socket.recv(5)


def test_an_api_that_is_away_is_a_problem_that_names_it(orphan: str) -> None:
    answer = httpx.get(f"http://{orphan}/api/v1/runs")
    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/problem+json"
    assert "is not responding" in answer.json()["detail"]


def test_a_live_channel_without_an_api_says_so_and_may_be_tried_again(orphan: str) -> None:
    with live(orphan) as socket:
        assert "is not responding" in str(socket.recv(10))
        with pytest.raises(ConnectionClosed) as closed:
            socket.recv(5)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1013


def test_an_address_that_is_no_page_is_not_found(page: str) -> None:
    assert httpx.get(f"http://{page}/nowhere").status_code == 404
    assert httpx.get(f"http://{page}/watch").status_code == 200
