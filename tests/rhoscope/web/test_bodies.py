"""A request whose body has two lengths is refused by every server of ours, and its connection ends."""

from typing import Any

import pytest
from awaited import awaited

from rhoscope.web.asgi import Receive, Scope, Send
from rhoscope.web.bodies import OneLength


def sent(kind: str, *headers: tuple[bytes, bytes]) -> list[Any]:
    """What the wrapped application, or its guard, sends."""
    messages: list[Any] = []

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "in"})

    async def receive() -> Scope:
        return {}

    async def send(message: Any) -> None:
        messages.append(message)

    scope = {"type": kind, "path": "/", "method": "POST", "headers": list(headers)}
    awaited(OneLength(app)(scope, receive, send))
    return messages


LENGTH, PIECES = (b"content-length", b"6"), (b"transfer-encoding", b"chunked")


@pytest.mark.parametrize("headers", [(LENGTH, PIECES), (PIECES, LENGTH), ((b"Content-Length", b"0"), PIECES)])
def test_two_lengths_are_refused_and_the_connection_ends(headers: tuple[tuple[bytes, bytes], ...]) -> None:
    start, body = sent("http", *headers)
    assert start["status"] == 400
    assert (b"connection", b"close") in start["headers"]
    assert b"not both" in body["body"]


@pytest.mark.parametrize("headers", [(LENGTH,), (PIECES,), ()])
def test_one_length_is_none_of_its_business(headers: tuple[tuple[bytes, bytes], ...]) -> None:
    assert sent("http", *headers) == sent("websocket", *headers) == [{"type": "in"}]
