"""One ASGI application: the page, its assets, and the API behind it."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from dash import Dash
from fastapi import FastAPI
from starlette.responses import HTMLResponse, JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from typing_extensions import override

import rhoscope
from dashboard import ahead, bundle, door, frame, shell, theme
from dashboard.callbacks import Callbacks, Misread
from dashboard.compression import Compressed
from dashboard.door import Door
from dashboard.origin import SameOrigin
from dashboard.pages import PAGES, Context
from dashboard.proxy import Proxy
from dashboard.visitor import AsVisitor, Remembered, Visitors
from rhoscope.base_path import BasePath, within
from rhoscope.client import Client
from rhoscope.environment import Environment
from rhoscope.web.bodies import OneLength
from rhoscope.web.headers import Secured
from rhoscope.web.headers import page as page_policy
from rhoscope.web.hosts import KnownHost

_UNUSED = re.compile(r'<script src="[^"]*/(?:deps/polyfill@|dash_table/)[^"]*"></script>')
"""Programs that Dash names on each page: what browsers lacked ten years ago, and a table that no form has."""
_PREFIX = re.compile(r'"requests_pathname_prefix":\s*"[^"]*"')


def create_app(environment: Environment) -> FastAPI:
    """The dashboard of one API."""
    visitors = Visitors(environment)
    proxy = Proxy(environment, visitors)
    client = Client(environment.api_url, auth=AsVisitor())

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        client.close()
        await proxy.close()

    server = FastAPI(title="rhoscope dashboard", lifespan=lifespan, openapi_url=None, docs_url=None)
    server.include_router(bundle.routes())
    server.include_router(door.routes())
    server.include_router(proxy.router)

    @server.get("/healthz")
    async def healthz() -> JSONResponse:
        return JSONResponse({"status": "ok", "version": rhoscope.__version__})

    server.add_middleware(Misread)  # inside of Dash's own, which would answer 500
    dash = Under(
        __name__,
        server=server,
        title="rhoscope",
        update_title="",
        index_string=shell.index(bundle.SCRIPT.path),
        external_stylesheets=[bundle.STYLE.path],
        suppress_callback_exceptions=True,
    )
    dash.backend.websocket_capability = False  # else every browser opens a socket that nothing uses
    frame.register(dash, Context(client))
    server.get("/{path:path}", include_in_schema=False)(_missing)
    paths = frozenset(page.path for page in PAGES)
    server.add_middleware(Callbacks, known=lambda: dash.callback_map)
    server.add_middleware(OnePage, paths=paths)
    server.add_middleware(Door, paths=paths, session=proxy.session)
    server.add_middleware(Remembered, visitors=visitors)
    server.add_middleware(SameOrigin)
    server.add_middleware(Compressed)
    server.add_middleware(OneLength)
    server.add_middleware(KnownHost, hosts=environment.hosts)
    server.add_middleware(Secured, policy=page_policy([theme.SCHEME_SCRIPT, dash.renderer]))
    server.add_middleware(BasePath, base=environment.base_path)
    return server


class Under(Dash):  # type: ignore[misc]
    """Dash under whatever path a proxy shows the request's page."""

    @override
    def interpolate_index(self, **parts: Any) -> str:
        base = within("/")
        parts["css"] = f"{parts['css']}\n    {ahead.links()}"
        parts["scripts"] = _UNUSED.sub("", parts["scripts"])
        if base == "/":
            return str(super().interpolate_index(**parts))
        parts["config"] = _PREFIX.sub(lambda _: f'"requests_pathname_prefix":"{base}"', parts["config"])
        return theme.under(base, str(super().interpolate_index(**parts)))


class OnePage:
    """Lets Dash answer every page's address with its one document; the browser asks what stands there."""

    def __init__(self, app: ASGIApp, paths: frozenset[str]) -> None:
        self._app = app
        self._paths = paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] in self._paths:
            ahead.place.set((scope["path"], scope["query_string"].decode("latin-1")))
            scope = {**scope, "path": "/", "raw_path": b"/"}
        await self._app(scope, receive, send)


async def _missing(path: str) -> HTMLResponse:
    """Stands before Dash's own rule, which answers every unknown address with its document and 200."""
    return HTMLResponse(theme.under(within("/"), theme.missing(f"/{path}")), 404)
