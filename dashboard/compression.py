"""Compressed answers for the page: its program, its style, Dash's own files and layouts."""

from collections import OrderedDict
from hashlib import sha256

from starlette.datastructures import Headers
from starlette.middleware.gzip import GZipMiddleware, GZipResponder
from starlette.types import ASGIApp, Receive, Scope, Send
from typing_extensions import override

from dashboard.proxy import PREFIX

SMALLEST_BYTES = 1000
"""Below this a compressed answer is no shorter on the wire."""
MOST_KEPT = 100
"""Files whose compressed bytes stay in memory; a page asks for a dozen, which are 0.7 MB so."""
LEVEL = 6


class Compressed:
    """Gzip where the browser takes it; what is passed through from the API stays as the API sent it.

    A file that browsers may keep is compressed once, and not again for each new visitor.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.kept: OrderedDict[bytes, bytes] = OrderedDict()
        self._plain = app
        self._uncompressed = GZipMiddleware(app, minimum_size=SMALLEST_BYTES)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(f"{PREFIX}/"):
            await self._plain(scope, receive, send)
        elif "gzip" in Headers(scope=scope).get("Accept-Encoding", ""):
            await Responder(self._plain, self.kept)(scope, receive, send)
        else:
            await self._uncompressed(scope, receive, send)


class Responder(GZipResponder):
    """One answer."""

    def __init__(self, app: ASGIApp, kept: OrderedDict[bytes, bytes]) -> None:
        """`kept` are compressed bodies by their digest."""
        super().__init__(app, SMALLEST_BYTES, compresslevel=LEVEL)
        self._kept, self._streamed = kept, False

    @override
    async def apply_compression(self, body: bytes, *, more_body: bool) -> bytes:
        self._streamed |= more_body
        lasts = "max-age" in Headers(raw=self.initial_message["headers"]).get("Cache-Control", "")
        if self._streamed or not lasts:
            return await super().apply_compression(body, more_body=more_body)
        digest = sha256(body).digest()
        if digest not in self._kept:
            self._kept[digest] = await super().apply_compression(body, more_body=False)
            if len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(digest)
        return self._kept[digest]
