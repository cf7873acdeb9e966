"""Whose page it is: what the browser shows to prove it goes along to the API, and nothing of ours does."""

from collections.abc import Generator, Mapping
from contextvars import ContextVar
from http.cookiejar import CookieJar, DefaultCookiePolicy
from http.cookies import CookieError, SimpleCookie
from types import MappingProxyType

import httpx
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from rhoscope.accounts import EXPOSED, SESSION_COOKIE
from rhoscope.environment import Environment

_NOBODY: Mapping[str, str] = MappingProxyType({})
_PRESENT: ContextVar[Mapping[str, str]] = ContextVar("rhoscope visitor", default=_NOBODY)


class Visitors:
    """Finds the headers with which the API is asked for whoever sent a request."""

    def __init__(self, environment: Environment) -> None:
        self._always = {EXPOSED: "1"} if environment.exposed else {}

    def headers(self, scope: Scope) -> dict[str, str]:
        """A session's cookie and a token, as far as there are; and that other machines reach this page."""
        given = Headers(scope=scope)
        token = given.get("authorization", "").encode("ascii", "replace").decode()  # tokens are ASCII
        shown = {"authorization": token} if token else {}
        try:
            cookies = SimpleCookie(given.get("cookie", ""))
        except CookieError:
            cookies = SimpleCookie()
        if SESSION_COOKIE in cookies:
            shown["cookie"] = f"{SESSION_COOKIE}={cookies[SESSION_COOKIE].coded_value}"
        return shown | self._always


class Remembered:
    """Lets callbacks, and the threads that they start, ask the API as their visitor (`AsVisitor`)."""

    def __init__(self, app: ASGIApp, visitors: Visitors) -> None:
        self._app = app
        self._visitors = visitors

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        token = _PRESENT.set(self._visitors.headers(scope))
        try:
            await self._app(scope, receive, send)
        finally:
            _PRESENT.reset(token)


class AsVisitor(httpx.Auth):
    """Sends each request as the visitor for whom it is made."""

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Add the present visitor's headers."""
        request.headers.update(_PRESENT.get())
        yield request


def is_known() -> bool:
    """Whether the present visitor shows a session or a token."""
    return bool({"cookie", "authorization"} & _PRESENT.get().keys())


def no_cookies() -> CookieJar:
    """A jar that stays empty: a session that the API gives to one visitor must not be sent for another."""
    return CookieJar(DefaultCookiePolicy(allowed_domains=[]))
