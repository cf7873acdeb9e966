"""A request whose body has two lengths is refused by every server of ours, and its connection ends."""

from typing import Any

import pytest
from asgi import answers

from rhoscope.web.bodies import OneLength


def messages(kind: str, *headers: tuple[bytes, bytes]) -> list[Any]:
    return answers(OneLength, kind, headers, "POST")


LENGTH, PIECES = (b"content-length", b"6"), (b"transfer-encoding", b"chunked")


@pytest.mark.parametrize("headers", [(LENGTH, PIECES), (PIECES, LENGTH), ((b"Content-Length", b"0"), PIECES)])
def test_two_lengths_are_refused_and_the_connection_ends(headers: tuple[tuple[bytes, bytes], ...]) -> None:
    start, body = messages("http", *headers)
    assert start["status"] == 400
    assert (b"connection", b"close") in start["headers"]
    assert b"not both" in body["body"]


@pytest.mark.parametrize("headers", [(LENGTH,), (PIECES,), ()])
def test_one_length_is_none_of_its_business(headers: tuple[tuple[bytes, bytes], ...]) -> None:
    assert messages("http", *headers) == messages("websocket", *headers) == [{"type": "in"}]
