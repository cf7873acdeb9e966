"""The way in: a page is shown to whoever the API knows; others log in first."""

from collections.abc import Awaitable, Callable
from urllib.parse import quote

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from dashboard import theme
from dashboard.bundle import LOGIN_SCRIPT
from rhoscope.accounts import Session
from rhoscope.base_path import within

LOGIN = "/login"


class Door:
    """Sends strangers who open one of `paths` to the login; `session` asks the API who they are.

    While the API does not answer, the page is shown, without data: it says so itself.
    """

    def __init__(
        self, app: ASGIApp, paths: frozenset[str], session: Callable[[Scope], Awaitable[Session | None]]
    ) -> None:
        self._app = app
        self._paths = paths
        self._session = session

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] not in self._paths:
            await self._app(scope, receive, send)
            return
        session = await self._session(scope)
        if session is None or session.role is not None:
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        there = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        login = f"{within(LOGIN)}?next={quote(within(there), safe='')}"
        await RedirectResponse(login, 303, {"Cache-Control": "no-store"})(scope, receive, send)


def routes() -> APIRouter:
    """The login page."""
    router = APIRouter(include_in_schema=False)

    async def login() -> HTMLResponse:
        page = theme.under(within("/"), theme.login(LOGIN_SCRIPT.path))
        return HTMLResponse(page, headers={"Cache-Control": "no-store"})

    router.add_api_route(LOGIN, login, methods=["GET"])
    return router
