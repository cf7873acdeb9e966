"""Compressed answers for the page: its program, its style, Dash's own files and layouts."""

from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from dashboard.proxy import PREFIX

SMALLEST_BYTES = 1000
"""Below this a compressed answer is no shorter on the wire."""


class Compressed:
    """Gzip where the browser takes it; what is passed through from the API stays as the API sent it."""

    def __init__(self, app: ASGIApp) -> None:
        self._plain = app
        self._gzip = GZipMiddleware(app, minimum_size=SMALLEST_BYTES, compresslevel=6)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        passed = scope["type"] != "http" or scope["path"].startswith(f"{PREFIX}/")
        await (self._plain if passed else self._gzip)(scope, receive, send)
