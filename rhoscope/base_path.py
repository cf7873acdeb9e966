"""The path under which a reverse proxy shows us: `/rho` of nginx, `/user/me/proxy/8050` of JupyterHub.

Requests come with that path or, where the proxy takes it off, without it; links need it in any case.
"""

import re
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from contextvars import ContextVar
from typing import Any

HEADERS = (b"x-forwarded-prefix", b"x-forwarded-context")
"""Headers in which proxies name the path: nginx and Traefik by convention, JupyterHub's proxy."""
PATTERN = r"^(/[A-Za-z0-9_~@%+-][A-Za-z0-9._~@%+-]*)*$"

Scope = MutableMapping[str, Any]
App = Callable[[Scope, Any, Any], Awaitable[None]]

_present: ContextVar[str] = ContextVar("base_path", default="")


def cleaned(text: str) -> str:
    """A path with one slash before it and none behind; a mistake in it stays, for whoever checks it.

    >>> cleaned("rho/"), cleaned("/"), cleaned("/user/me/proxy/8050/")
    ('/rho', '', '/user/me/proxy/8050')
    """
    bare = text.strip().strip("/")
    return f"/{bare}" if bare else ""


def within(address: str) -> str:
    """An address on this server as the browser of the present request has to ask for it.

    >>> within("/watch?runs=a")
    '/watch?runs=a'
    """
    return f"{_present.get()}{address}"


def without(path: str, base: str | None = None) -> str:
    """A path as we know it, out of one as the browser asked for it.

    >>> without("/rho/watch", "/rho"), without("/rho", "/rho"), without("/rhodes", "/rho")
    ('/watch', '/', '/rhodes')
    """
    base = _present.get() if base is None else base
    if base and (path == base or path.startswith(f"{base}/")):
        return path[len(base) :] or "/"
    return path


class BasePath:
    """Takes the path off each request and remembers it for links. Plain ASGI, the outermost of all."""

    def __init__(self, app: App, base: str = "") -> None:
        self._app = app
        self._base = base

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        base = _named(scope["headers"]) or self._base
        token = _present.set(base)
        try:
            await self._app(_stripped(scope, base), receive, send)
        finally:
            _present.reset(token)


def _named(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """The path that a proxy names; what could be no path of a proxy, as of an attacker, counts as none."""
    given = {name: value for name, value in headers if name in HEADERS}
    for name in HEADERS:
        base = cleaned(given.get(name, b"").decode("latin-1").split(",")[0])
        if base and len(base) <= 500 and re.fullmatch(PATTERN, base):
            return base
    return ""


def _stripped(scope: Scope, base: str) -> Scope:
    path = without(scope["path"], base)
    if path == scope["path"]:
        return scope
    raw = without(scope.get("raw_path", b"").decode("latin-1"), base)
    return {**scope, "path": path, "raw_path": raw.encode("latin-1")}
