"""The API under the page's own origin: all passes as it is, as the visitor's own request, nobody else's."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request, WebSocket
from instrument import free_port
from served import listening
from starlette.responses import JSONResponse, StreamingResponse
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from dashboard.app import create_app
from rhoscope.environment import Environment

TOKEN = "secret-token"


def _sessions(app: FastAPI, *, strangers: bool) -> None:
    async def cookie() -> JSONResponse:
        answer = JSONResponse({})
        answer.set_cookie("rhoscope_session", "given")
        return answer

    async def session(request: Request) -> JSONResponse:
        role = "viewer" if not strangers or "known" in request.headers.get("cookie", "") else None
        return JSONResponse({"name": "", "role": role, "required": strangers, "ways": ["password"]})

    app.add_api_route("/metrics", lambda: "outside")
    app.add_api_route("/api/v1/session", session)
    app.add_api_route("/api/v1/cookie", cookie)


def upstream(*, strangers: bool = False) -> FastAPI:
    """An API that tells what it was asked, and whose live channel echoes until it is told to close.

    With `strangers`, it knows only one session.
    """
    app = FastAPI()

    async def echo(request: Request) -> JSONResponse:
        body = await request.body()
        address = f"{request.scope['raw_path'].decode()}?{request.url.query}"
        answer: dict[str, Any] = {"method": request.method, "url": address, "length": len(body)}
        return JSONResponse(
            answer | {"headers": dict(request.headers)}, 418 if "teapot" in request.url.path else 200
        )

    async def slow(_request: Request) -> StreamingResponse:
        async def parts() -> AsyncIterator[bytes]:
            for i in range(3):
                yield f"part {i}\n".encode()
                await asyncio.sleep(0.05)

        return StreamingResponse(parts(), media_type="text/csv")

    async def live(browser: WebSocket) -> None:
        await browser.accept()
        await browser.send_text(browser.headers.get("authorization", ""))
        async for message in browser.iter_text():
            if message == "close":
                await browser.close(4404, "no such run")
                return
            await browser.send_bytes(message.encode())

    _sessions(app, strangers=strangers)
    app.add_api_route("/api/v1/export", slow)
    app.add_api_route("/api/v1/{path:path}", echo, methods=["GET", "POST", "PATCH", "DELETE"])
    app.add_api_websocket_route("/api/v1/live", live)
    return app


@pytest.fixture(scope="module")
def page() -> Iterator[str]:
    """host:port of a dashboard in front of that API."""
    with listening(upstream()) as api:
        environment = Environment(api_url=f"http://127.0.0.1:{api}", api_token=TOKEN)
        with listening(create_app(environment)) as port:
            yield f"127.0.0.1:{port}"


@pytest.fixture(scope="module")
def strange() -> Iterator[str]:
    """host:port of a dashboard in front of an API that does not know everybody."""
    with ExitStack() as stack:
        api = stack.enter_context(listening(upstream(strangers=True)))
        port = stack.enter_context(listening(create_app(Environment(api_url=f"http://127.0.0.1:{api}"))))
        yield f"127.0.0.1:{port}"


@pytest.fixture(scope="module")
def orphan() -> Iterator[str]:
    """host:port of a dashboard whose API is not there."""
    with listening(create_app(Environment(api_url=f"http://127.0.0.1:{free_port()}"))) as port:
        yield f"127.0.0.1:{port}"


def live(page: str, **headers: str) -> ClientConnection:
    return connect(f"ws://{page}/api/v1/live?runs=a", additional_headers=headers, proxy=None)


def test_method_path_query_and_body_arrive_as_they_were_sent(page: str) -> None:
    answer = httpx.request(
        "PATCH", f"http://{page}/api/v1/runs/a%2Fb?x=1&y=%C3%A4", content=b"z" * 100_000
    ).json()
    assert (answer["method"], answer["length"]) == ("PATCH", 100_000)
    assert answer["url"] == "/api/v1/runs/a%2Fb?x=1&y=%C3%A4"


def test_status_and_type_come_back(page: str) -> None:
    answer = httpx.get(f"http://{page}/api/v1/teapot")
    assert (answer.status_code, answer.headers["content-type"]) == (418, "application/json")


def test_a_long_answer_is_passed_on_as_it_comes(page: str) -> None:
    with httpx.stream("GET", f"http://{page}/api/v1/export") as answer:
        assert list(answer.iter_lines()) == ["part 0", "part 1", "part 2"]


def test_a_visitor_asks_with_their_own_session_and_token_and_no_other_cookie(page: str) -> None:
    given = {"cookie": "a=b; rhoscope_session=mine; c=d", "authorization": "Bearer mine"}
    headers = httpx.get(f"http://{page}/api/v1/x", headers=given).json()["headers"]
    assert (headers["cookie"], headers["authorization"]) == ("rhoscope_session=mine", "Bearer mine")
    nobodys = httpx.get(f"http://{page}/api/v1/x", headers={"cookie": "a=b"}).json()["headers"]
    assert {"cookie", "authorization"}.isdisjoint(nobodys)


def raw(page: str, request: bytes) -> str:
    """The first line of what a page answers to these bytes."""
    host, port = page.split(":")
    with socket.create_connection((host, int(port)), 10) as connection:
        connection.sendall(request.replace(b"PAGE", page.encode()))
        return connection.makefile("rb").readline().decode().strip()


@pytest.mark.parametrize("name", [b"Authorization", b"User-Agent", b"X-Name"])
@pytest.mark.parametrize("value", ["Bearer \u00fcn\u00efcode".encode(), b"\xff\xfe"])
@pytest.mark.parametrize("path", [b"/api/v1/x", b"/"])
def test_headers_of_any_bytes_reach_the_api(page: str, name: bytes, value: bytes, path: bytes) -> None:
    """Its own requests, and those that a page makes for its visitor."""
    request = b"GET " + path + b" HTTP/1.1\r\nHost: PAGE\r\nConnection: close\r\n" + name + b": " + value
    assert raw(page, request + b"\r\n\r\n") == "HTTP/1.1 200 OK"


def test_a_body_of_two_lengths_is_no_request(page: str) -> None:
    request = b"POST /api/v1/x HTTP/1.1\r\nHost: PAGE\r\nContent-Length: 6\r\n"
    request += b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /api/v1/y HTTP/1.1\r\nHost: PAGE\r\n\r\n"
    assert raw(page, request) == "HTTP/1.1 400 Bad Request"


def test_a_visitor_who_leaves_within_a_body_is_no_error(page: str, caplog: pytest.LogCaptureFixture) -> None:
    host, port = page.split(":")
    with socket.create_connection((host, int(port)), 10) as connection:
        head = f"POST /api/v1/x HTTP/1.1\r\nHost: {page}\r\nContent-Length: 9\r\n\r\nhalf"
        connection.sendall(head.encode())
    assert httpx.get(f"http://{page}/api/v1/x").status_code == 200
    assert "httpx" not in caplog.text


def test_what_one_visitor_gets_to_be_known_by_is_never_sent_for_another(page: str) -> None:
    answer = httpx.get(f"http://{page}/api/v1/cookie")
    assert answer.cookies["rhoscope_session"] == "given"
    assert "cookie" not in httpx.get(f"http://{page}/api/v1/x").json()["headers"]


def test_the_page_does_nothing_with_the_token_of_its_own_environment(page: str) -> None:
    for path in ("/", "/_dash-layout", "/_dash-dependencies", "/api/v1/x"):
        assert TOKEN not in httpx.get(f"http://{page}{path}").text


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/../../metrics",
        "/api/v1/../../docs",
        "/api/v1/..",
        "/api/v1/x/../../../metrics",
        "/api/v1/%2e%2e/%2e%2e/metrics",
        "/api/v1/%2E./.%2e/docs",
        "/api/v1/..%2f..%2fmetrics",
        "/api/v1/..\\..\\metrics",
        "/api/v1/%252e%252e/%252e%252e/metrics",
        "/api/v1/./runs",
        "/api/v1/..;/..;/metrics",
        "/metrics",
        "/redoc",
    ],
)
def test_no_path_leads_past_the_api(page: str, path: str) -> None:
    with socket.create_connection(page.split(":")) as raw:
        raw.sendall(f"GET {path} HTTP/1.1\r\nHost: {page}\r\nConnection: close\r\n\r\n".encode())
        answer = b"".join(iter(lambda: raw.recv(65536), b""))
    assert b" 404 " in answer.splitlines()[0]
    assert b"outside" not in answer


def test_another_host_reaches_nothing(page: str) -> None:
    """A foreign page whose name points here is, to the browser, of our origin."""
    rebound = {"host": "evil.example", "origin": "http://evil.example"}
    for path in ("/", "/api/v1/x", "/login", "/healthz", "/_dash-layout"):
        assert httpx.get(f"http://{page}{path}", headers=rebound).status_code == 403
    assert httpx.post(f"http://{page}/api/v1/runs", headers=rebound).status_code == 403
    with socket.create_connection(page.split(":")) as raw, pytest.raises(Exception, match="403"):
        connect("ws://evil.example/api/v1/live?runs=*", sock=raw)


def test_every_answer_carries_the_headers_that_keep_browsers_safe(page: str) -> None:
    for path in ("/", "/login", "/nowhere", "/api/v1/x", "/_dash-layout", "/assets/favicon.svg"):
        headers = httpx.get(f"http://{page}{path}").headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "same-origin"
        policy = headers["content-security-policy"]
        assert "frame-ancestors 'none'" in policy
        (scripts,) = [part for part in policy.split("; ") if part.startswith("script-src")]
        assert "unsafe" not in scripts


def test_a_stranger_is_sent_to_the_login_and_back(strange: str) -> None:
    answer = httpx.get(f"http://{strange}/watch?runs=a,b")
    assert (answer.status_code, answer.headers["location"]) == (303, "/login?next=%2Fwatch%3Fruns%3Da%2Cb")
    assert httpx.get(f"http://{strange}/login").status_code == 200
    known = {"cookie": "rhoscope_session=known"}
    assert httpx.get(f"http://{strange}/watch?runs=a,b", headers=known).status_code == 200


def test_a_page_that_other_machines_reach_says_so_to_the_api() -> None:
    with listening(upstream()) as api:
        environment = Environment(api_url=f"http://127.0.0.1:{api}", host="0.0.0.0")
        with listening(create_app(environment)) as port:
            headers = httpx.get(f"http://127.0.0.1:{port}/api/v1/x").json()["headers"]
    assert headers["x-rhoscope-exposed"] == "1"


def test_the_live_channel_carries_both_ways_and_the_reason_of_its_end(page: str) -> None:
    with live(page, authorization="Bearer mine") as feed:
        assert feed.recv(5) == "Bearer mine"
        feed.send("hello")
        assert feed.recv(5) == b"hello"
        feed.send("close")
        with pytest.raises(ConnectionClosed) as closed:
            feed.recv(5)
    assert closed.value.rcvd is not None
    assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (4404, "no such run")


def test_a_page_of_another_site_may_neither_change_nor_listen(page: str) -> None:
    foreign = {"origin": "http://evil.example"}
    assert httpx.post(f"http://{page}/api/v1/runs", headers={"origin": "http://[evil"}).status_code == 403
    refused = httpx.post(f"http://{page}/api/v1/runs", headers=foreign)
    assert refused.status_code == 403
    assert refused.headers["content-type"] == "application/problem+json"
    with pytest.raises(Exception, match="403"):
        live(page, **foreign)


def test_the_page_itself_may(page: str) -> None:
    own = {"origin": f"http://{page}"}
    assert httpx.post(f"http://{page}/api/v1/runs", headers=own).status_code == 200
    with live(page, **own) as feed:
        assert feed.recv(5) == ""


def test_an_api_that_is_away_is_a_problem_that_names_it(orphan: str) -> None:
    answer = httpx.get(f"http://{orphan}/api/v1/runs")
    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/problem+json"
    assert "is not responding" in answer.json()["detail"]


def test_a_live_channel_without_an_api_says_so_and_may_be_tried_again(orphan: str) -> None:
    with live(orphan) as feed:
        assert "is not responding" in str(feed.recv(10))
        with pytest.raises(ConnectionClosed) as closed:
            feed.recv(5)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1013


def test_an_address_that_is_no_page_is_not_found(page: str) -> None:
    assert httpx.get(f"http://{page}/nowhere").status_code == 404
    assert httpx.get(f"http://{page}/watch").status_code == 200
