"""Files on their way: so many at a time, each with its place until its last byte or the end of its reader."""

import asyncio
from collections.abc import Iterator

import pytest
from awaited import awaited
from starlette.requests import ClientDisconnect
from starlette.types import Message

from backend.http.downloads import Download, Downloads

SCOPE = {"type": "http", "path": "/export", "headers": [], "asgi": {"spec_version": "2.4"}}


class Reader:
    """Takes what is sent once it is let; leaves after that when it is to."""

    def __init__(self, *, leaves: bool = False) -> None:
        self.reads = asyncio.Event()
        self.leaves = leaves
        self.taken: list[Message] = []

    async def send(self, message: Message) -> None:
        self.taken.append(message)
        await self.reads.wait()
        if self.leaves:
            raise OSError("gone")

    async def receive(self) -> Message:
        raise AssertionError("nothing is received")


def file() -> Iterator[bytes]:
    yield from (b"a", b"b")


def begin(downloads: Downloads, reader: Reader) -> "asyncio.Task[None]":
    download = Download(downloads, file(), "text/csv", {})
    return asyncio.create_task(download(SCOPE, reader.receive, reader.send))


async def unread() -> None:
    downloads, slow, leaving = Downloads(most=2), Reader(), Reader(leaves=True)
    slow_one, leaving_one = begin(downloads, slow), begin(downloads, leaving)
    await asyncio.sleep(0)
    late = Reader()
    late.reads.set()
    await begin(downloads, late)
    assert (downloads.open, late.taken[0]["status"]) == (2, 429)
    assert (b"retry-after", b"30") in late.taken[0]["headers"]

    leaving.reads.set()
    with pytest.raises(ClientDisconnect):
        await leaving_one
    assert downloads.open == 1
    slow.reads.set()
    await slow_one
    assert downloads.open == 0
    assert b"".join(message.get("body", b"") for message in slow.taken) == b"ab"


def test_one_too_many_waits_until_a_reader_is_done_or_gone() -> None:
    awaited(unread())
