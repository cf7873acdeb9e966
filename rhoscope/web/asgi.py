"""The few things of ASGI that a wrapper around an application needs."""

from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from typing import Any

from rhoscope.errors import PROBLEM_TYPE, RhoscopeError

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


def header(scope: Scope, name: str) -> str:
    """The first header of this lower-case name, or nothing.

    >>> header({"headers": [(b"host", b"lab")]}, "host")
    'lab'
    """
    return next(headers(scope, name), "")


def headers(scope: Scope, name: str) -> Iterator[str]:
    """Every header of this lower-case name."""
    return (value.decode("latin-1") for key, value in scope["headers"] if key.lower() == name.encode())


async def refuse(scope: Scope, send: Send, error: RhoscopeError) -> None:
    """Answer with a problem; close a WebSocket before it is open, or right after, with 4000 + status."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 4000 + error.status, "reason": error.title})
        return
    body = error.problem(scope["path"]).model_dump_json().encode(errors="replace")
    fields = error.headers | {"content-type": PROBLEM_TYPE, "content-length": str(len(body))}
    present = [(name.lower().encode(), value.encode()) for name, value in fields.items()]
    await send({"type": "http.response.start", "status": error.status, "headers": present})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})
