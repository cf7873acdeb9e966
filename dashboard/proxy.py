"""The API under the dashboard's own origin: the browser needs one address, and asks as its own user."""

import asyncio
import json
import logging
import re
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import unquote

import httpx
from fastapi import APIRouter, Request, WebSocket
from pydantic import ValidationError
from starlette.background import BackgroundTask
from starlette.requests import ClientDisconnect
from starlette.responses import Response, StreamingResponse
from starlette.types import Scope
from starlette.websockets import WebSocketDisconnect, WebSocketState
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus, InvalidURI

from dashboard.visitor import Visitors, no_cookies
from rhoscope.accounts import Session
from rhoscope.answers import silence
from rhoscope.base_path import within
from rhoscope.environment import Environment
from rhoscope.errors import BY_STATUS, PROBLEM_TYPE, NotFound, Unavailable

log = logging.getLogger("rhoscope.dashboard")
PREFIX = "/api/v1"
LIVE = f"{PREFIX}/live"
TRY_AGAIN = 1013
"""Close code of a live connection that could not be made or was lost."""
DOCS = ("/docs", "/docs/{name}", "/openapi.json")
"""The API's own reference, where the page alone can be reached."""
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]

_LIVE_OPTIONS: dict[str, Any] = {"max_size": None, "compression": None, "open_timeout": 5, "proxy": None}
_FINAL = (401, 403)
"""Refusals after which it is no use to try again."""
_SESSION_S = 3.0
_TIMEOUT = httpx.Timeout(60.0, connect=5.0)
_OURS = frozenset(
    {
        "connection", "cookie", "forwarded", "host", "keep-alive", "origin", "proxy-authorization", "te",
        "trailer", "transfer-encoding", "upgrade", "x-forwarded-host",
    }
)  # fmt: skip
"""Headers that belong to one connection, or to the page and not to the API."""


class Proxy:
    """Forwards to RHOSCOPE_API_URL: HTTP as streams, the live WebSocket both ways."""

    def __init__(self, environment: Environment, visitors: Visitors) -> None:
        self._url = environment.api_url.rstrip("/")
        self._visitors = visitors
        options: dict[str, Any] = {"base_url": self._url, "timeout": _TIMEOUT, "trust_env": False}
        self._http = httpx.AsyncClient(**options, cookies=no_cookies())
        self.router = APIRouter(include_in_schema=False)
        self.router.add_api_route(f"{PREFIX}/{{path:path}}", self.forward, methods=METHODS)
        for path in DOCS:
            self.router.add_api_route(path, self.forward, methods=["GET", "HEAD"])
        self.router.add_api_websocket_route(LIVE, self.live)

    async def close(self) -> None:
        """Give the connections back."""
        await self._http.aclose()

    async def forward(self, request: Request) -> Response:
        """One HTTP exchange; a problem document when the API does not answer."""
        if leads_away(request.scope["raw_path"]):
            problem = NotFound(f"There is nothing at {request.url.path}.").problem(request.url.path)
            return Response(problem.model_dump_json(), problem.status, media_type=PROBLEM_TYPE)
        headers = {k: v for k, v in request.headers.items() if k not in _OURS}
        headers |= self._visitors.headers(request.scope)
        if request.url.scheme == "https":
            headers["x-forwarded-proto"] = "https"
        url = httpx.URL(raw_path=request.scope["raw_path"] + b"?" + request.scope["query_string"])
        if base := within(""):
            headers["x-forwarded-prefix"] = base
        sends = "content-length" in headers or "transfer-encoding" in request.headers
        content = request.stream() if sends else None
        try:
            outgoing = self._http.build_request(request.method, url, headers=_bytes(headers), content=content)
            answer = await self._http.send(outgoing, stream=True)
        except ClientDisconnect:
            return Response(status_code=400)  # which nobody is there to read
        except httpx.HTTPError as error:
            log.warning("%s %s did not get through: %r", request.method, request.url.path, error)
            problem = self._lost(request, error).problem(request.url.path)
            return Response(problem.model_dump_json(), problem.status, media_type=PROBLEM_TYPE)
        kept = {k: v for k, v in answer.headers.items() if k not in _OURS}
        if (elsewhere := kept.get("location", "")).startswith(f"{self._url}/"):
            kept["location"] = within(elsewhere.removeprefix(self._url))
        close = BackgroundTask(answer.aclose)
        return StreamingResponse(answer.aiter_raw(), answer.status_code, kept, background=close)

    async def session(self, scope: Scope) -> Session | None:
        """The sender of a request; None while the API does not answer that."""
        try:
            path, headers = f"{PREFIX}/session", self._visitors.headers(scope)
            answer = await self._http.get(path, headers=headers, timeout=_SESSION_S)
            return Session.model_validate_json(answer.content) if answer.is_success else None
        except (httpx.HTTPError, ValidationError) as error:
            log.warning("The API does not say who asks: %r", error)
            return None

    async def live(self, browser: WebSocket) -> None:
        """Accept, connect to the API, carry messages both ways until one side closes."""
        await browser.accept()
        url = f"{self._url.replace('http', 'ws', 1)}{LIVE}?{browser.url.query}"
        headers = self._visitors.headers(browser.scope)
        try:
            async with connect(url, additional_headers=headers, **_LIVE_OPTIONS) as api:
                await _carry(browser, api)
                await _close(browser, api.close_code, api.close_reason)
        except InvalidStatus as error:
            await _refuse(browser, error.response.status_code, bytes(error.response.body or b""))
        except (OSError, TimeoutError, InvalidHandshake, InvalidURI) as error:
            await _refuse(browser, 503, self._unavailable(error).problem(LIVE).model_dump_json().encode())

    def _lost(self, request: Request, error: httpx.HTTPError) -> Unavailable:
        """Why there is no answer; what was sent to change something may have come through."""
        return silence(self._url, error, request.headers.get("idempotency-key", ""))

    def _unavailable(self, error: Exception) -> Unavailable:
        reason = str(error) or type(error).__name__
        return Unavailable(f"The rhoscope API at {self._url} is not responding ({reason}).")


async def _carry(browser: WebSocket, api: ClientConnection) -> None:
    """A message is awaited on the far side before the next is read, so a slow browser slows the API."""
    ways = [asyncio.create_task(_down(browser, api)), asyncio.create_task(_up(browser, api))]
    try:
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)


async def _down(browser: WebSocket, api: ClientConnection) -> None:
    try:
        async for message in api:
            if isinstance(message, bytes):
                await browser.send_bytes(message)
            else:
                await browser.send_text(message)
    except (ConnectionClosed, WebSocketDisconnect):
        return


async def _up(browser: WebSocket, api: ClientConnection) -> None:
    try:
        async for message in _messages(browser):
            await api.send(message)
    except ConnectionClosed:
        return


async def _messages(browser: WebSocket) -> AsyncIterator[str | bytes]:
    while (message := await browser.receive())["type"] != "websocket.disconnect":
        text = message.get("text")
        yield message["bytes"] if text is None else text


def _bytes(headers: dict[str, str]) -> list[tuple[bytes, bytes]]:
    """Headers as they came: of what is beyond ASCII nobody knows the encoding."""
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]


def leads_away(path: bytes) -> bool:
    """Whether a path under ours means one that is not, however it is written: `..` as such or encoded.

    >>> leads_away(b"/api/v1/../../metrics"), leads_away(b"/api/%2e%2e/x"), leads_away(b"/api/a..b")
    (True, True, False)
    """
    text, plainer = "", path.decode("latin-1")
    while text != plainer:
        text, plainer = plainer, unquote(plainer, "latin-1")
    return not {".", ".."}.isdisjoint(re.split(r"[/\\;]", text))


async def _refuse(browser: WebSocket, status: int, problem: bytes) -> None:
    try:
        details = json.loads(problem)
    except ValueError:
        error = BY_STATUS.get(status, Unavailable)
        details = error("The rhoscope API refused the live connection.").problem(LIVE).model_dump()
    try:
        await browser.send_text(json.dumps({"type": "error", "problem": details}))
    except WebSocketDisconnect:
        return
    code = 4000 + status if status in _FINAL else TRY_AGAIN
    await _close(browser, code, details.get("title", ""))


async def _close(browser: WebSocket, code: int | None, reason: str | None) -> None:
    gone = WebSocketState.DISCONNECTED in (browser.client_state, browser.application_state)
    if gone:
        return
    sendable = code is not None and (code in range(1000, 1004) or code in range(1007, 1015) or code >= 3000)
    try:
        await browser.close(code if code is not None and sendable else TRY_AGAIN, reason)
    except (RuntimeError, WebSocketDisconnect):
        return
