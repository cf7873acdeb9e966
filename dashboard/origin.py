"""Other sites' pages may not act through ours: the proxy adds a token, so a browser's `Origin` must be us."""

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from rhoscope.errors import Forbidden
from rhoscope.web.asgi import refuse

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def is_foreign(headers: Headers) -> bool:
    """Whether a browser says that a page of another origin asks. Programs send no `Origin` and pass.

    A reverse proxy in front of us may name the address the browser used in `X-Forwarded-Host`.

    >>> is_foreign(Headers({"origin": "http://evil.example", "host": "localhost:8050"}))
    True
    >>> is_foreign(Headers({"origin": "http://localhost:8050", "host": "localhost:8050"}))
    False
    """
    origin = headers.get("origin")
    if origin is None:
        return False
    try:
        return urlsplit(origin).netloc not in {headers.get("host"), headers.get("x-forwarded-host")}
    except ValueError:
        return True


class SameOrigin:
    """Refuses what changes anything, and every WebSocket, when a page of another origin asks."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        reads = scope["type"] == "lifespan" or (scope["type"] == "http" and scope["method"] in _SAFE)
        if reads or not is_foreign(Headers(scope=scope)):
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await refuse(scope, send, Forbidden("Pages of other sites may not change anything here."))
        else:
            await send({"type": "websocket.close", "code": 4403, "reason": "foreign origin"})
