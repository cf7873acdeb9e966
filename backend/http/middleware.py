"""Around every request: the browser's origin, the body's size and the time taken. Plain ASGI."""

import time
from collections.abc import Callable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.http.problems import answer
from rhoscope.errors import Forbidden, TooLarge
from rhoscope.web.asgi import refuse

METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})
"""Methods that a metric is kept of; anybody can make up others, and each would stay in memory."""
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_ALLOW = {
    "Access-Control-Allow-Methods": "GET, POST, PATCH, DELETE",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, Idempotency-Key, Accept",
    "Access-Control-Max-Age": "600",
}


def same_host(origin: str, host: str) -> bool:
    """Whether a page of `origin` was served by the machine that `host` names; ports may differ.

    >>> same_host("http://lab:8050", "lab:8000"), same_host("http://evil.example", "lab:8000")
    (True, False)
    """
    try:
        names = urlsplit(origin).hostname, urlsplit(f"//{host}").hostname
    except ValueError:
        return False
    return bool(names[0]) and (names[0] == names[1] or set(names) <= _LOOPBACK)


class Origin:
    """Pages of this host may read and write (the dashboard has another port); other sites may do neither.

    A browser sends `Origin`; programs do not and pass.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        origin = headers.get("origin")
        if origin is None:
            await self._app(scope, receive, send)
        elif not same_host(origin, headers.get("host", "")):
            await self._foreign(origin, scope, receive, send)
        elif scope["type"] == "http" and "access-control-request-method" in headers:
            grant = {"Access-Control-Allow-Origin": origin, "Vary": "Origin", **_ALLOW}
            await Response(status_code=204, headers=grant)(scope, receive, send)
        else:
            await self._app(scope, receive, _with_origin(send, origin))

    async def _foreign(self, origin: str, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] in _SAFE:
            await self._app(scope, receive, send)  # without our header the browser keeps the answer to itself
        elif scope["type"] == "http":
            await refuse(scope, send, Forbidden(f"Pages of {origin} may not change anything on this server."))
        else:
            await send({"type": "websocket.close", "code": 4403, "reason": "foreign origin"})


def _with_origin(send: Send, origin: str) -> Send:
    async def wrapped(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers["Access-Control-Allow-Origin"] = origin
            headers.add_vary_header("Origin")
        await send(message)

    return wrapped


class Size:
    """Refuses a body that says it is larger than `limit` bytes, or turns out to be."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self._app = app
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        length = Headers(scope=scope).get("content-length", "") if scope["type"] == "http" else ""
        if length.isdecimal() and int(length) > self._limit:
            await answer(self._refusal().problem(scope["path"]))(scope, receive, send)
        else:
            await self._app(scope, self._counted(receive), send)

    def _counted(self, receive: Receive) -> Receive:
        read = 0

        async def counted() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > self._limit:
                raise HTTPException(413, self._refusal().detail)  # the only kind that FastAPI lets through
            return message

        return counted

    def _refusal(self) -> TooLarge:
        return TooLarge(f"The body is too large; the maximum is {self._limit} bytes.")


class Clock:
    """Tells `note` method, route, status and seconds of every HTTP request; `other` of made-up methods."""

    def __init__(self, app: ASGIApp, note: Callable[[str, str, int, float], None]) -> None:
        self._app = app
        self._note = note

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.perf_counter(), 500

        async def wrapped(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, wrapped)
        finally:
            route = getattr(scope.get("route"), "path", "none")
            method = scope["method"] if scope["method"] in METHODS else "other"
            self._note(method, route, status, time.perf_counter() - began)
