"""What an application that guards another one sends, without a server."""

from collections.abc import Callable, Sequence
from typing import Any

from awaited import awaited

from rhoscope.web.asgi import App, Receive, Scope, Send


def answers(
    guard: Callable[[App], App], kind: str, headers: Sequence[tuple[bytes, bytes]], method: str = "GET"
) -> list[Any]:
    """Messages of the guard, or `{"type": "in"}` of the application that it lets a request through to."""
    messages: list[Any] = []

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "in"})

    async def receive() -> Scope:
        return {}

    async def send(message: Any) -> None:
        messages.append(message)

    scope = {"type": kind, "path": "/", "method": method, "server": ("127.0.0.1", 8050)}
    awaited(guard(app)(scope | {"headers": list(headers)}, receive, send))
    return messages
