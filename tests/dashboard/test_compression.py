"""A file that browsers may keep is compressed once; what changes is not kept in memory."""

import zlib
from collections.abc import AsyncIterator

import httpx
import pytest
from awaited import awaited
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from dashboard import compression
from dashboard.compression import MOST_KEPT, SMALLEST_BYTES, Compressed
from dashboard.proxy import PREFIX

LASTS = {"Cache-Control": "public, max-age=31536000"}


async def file(request: Request) -> Response:
    """Bytes of the name that was requested, which browsers may keep."""
    return Response(request.path_params["name"].encode() * SMALLEST_BYTES, headers=LASTS)


async def page(_: Request) -> Response:
    return Response(b"page" * SMALLEST_BYTES, headers={"Cache-Control": "no-store"})


async def stream(_: Request) -> Response:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"first" * SMALLEST_BYTES
        yield b"last" * SMALLEST_BYTES

    return StreamingResponse(pieces(), headers=LASTS)


@pytest.fixture
def compressed() -> Compressed:
    routes = [Route("/file/{name}", file), Route("/page", page), Route("/stream", stream)]
    return Compressed(Starlette(routes=[*routes, Route(f"{PREFIX}/runs", page)]))


def get(app: Compressed, *paths: str, encoding: str = "gzip") -> list[httpx.Response]:
    async def ask() -> list[httpx.Response]:
        transport, headers = httpx.ASGITransport(app), {"Accept-Encoding": encoding}
        async with httpx.AsyncClient(transport=transport, base_url="http://here", headers=headers) as client:
            return [await client.get(path) for path in paths]

    return awaited(ask())


def test_a_file_that_browsers_may_keep_is_compressed_once(
    compressed: Compressed, monkeypatch: pytest.MonkeyPatch
) -> None:
    (first,) = get(compressed, "/file/a")
    (kept,) = compressed.kept.values()
    assert zlib.decompress(kept, 16 + zlib.MAX_WBITS) == first.content == b"a" * SMALLEST_BYTES
    assert int(first.headers["content-length"]) == len(kept)
    monkeypatch.setattr(compression, "LEVEL", -7)  # whoever compressed now would raise
    (again,) = get(compressed, "/file/a")
    assert again.content == first.content
    assert again.headers == first.headers
    with pytest.raises(ValueError, match="Invalid"):
        get(compressed, "/file/b")


def test_what_changes_or_comes_in_pieces_is_compressed_and_not_kept(compressed: Compressed) -> None:
    one, other = get(compressed, "/page", "/stream")
    assert one.content == b"page" * SMALLEST_BYTES
    assert other.content == b"first" * SMALLEST_BYTES + b"last" * SMALLEST_BYTES
    assert one.headers["content-encoding"] == other.headers["content-encoding"] == "gzip"
    assert compressed.kept == {}


def test_the_files_longest_not_requested_make_room(compressed: Compressed) -> None:
    get(compressed, "/file/a", "/file/b", "/file/a", *(f"/file/{n}" for n in range(MOST_KEPT - 1)))
    bodies = {zlib.decompress(kept, 16 + zlib.MAX_WBITS) for kept in compressed.kept.values()}
    assert len(bodies) == MOST_KEPT
    assert b"a" * SMALLEST_BYTES in bodies
    assert b"b" * SMALLEST_BYTES not in bodies


def test_a_browser_without_gzip_and_the_api_get_bytes_as_they_are(compressed: Compressed) -> None:
    (plain,) = get(compressed, "/file/a", encoding="identity")
    (passed,) = get(compressed, f"{PREFIX}/runs")
    assert plain.headers["vary"] == "Accept-Encoding"
    assert "content-encoding" not in plain.headers
    assert "content-encoding" not in passed.headers
