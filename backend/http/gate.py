"""Before every request: who asks, and may they? Routes get the answer as `Who`."""

import asyncio
import logging
import time
from http.cookies import CookieError, SimpleCookie
from typing import Annotated
from urllib.parse import parse_qs, urlsplit

from fastapi import Depends
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.access.identities import NOBODY, Identities, Identity, Unread
from backend.store import AWAY
from rhoscope.accounts import EXPOSED, SESSION_COOKIE, TOKEN_PREFIX, Role
from rhoscope.errors import Forbidden, RhoscopeError, TooMany, Unauthorized, Unavailable
from rhoscope.web.asgi import header, refuse

HEALTH_PATHS = frozenset({"/healthz", "/readyz", "/api/v1/healthz", "/api/v1/readyz"})
"""Answered to everybody: whoever watches over the program has no token."""
SESSION_PATH = "/api/v1/session"
"""As well: who logs in has none yet."""
OWN_PATHS = ("/api/v1/session/", "/api/v1/tokens")
"""Each user may change these: their password and tokens. The routes see to it that these are their own."""
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
AGAIN_S = 5.0
"""So often it is looked whether who listens at a live socket still may."""
_KEY = "rhoscope.identity"
log = logging.getLogger("rhoscope.orders")


def identity_of(connection: HTTPConnection) -> Identity:
    """The one who asks; the gate let them in."""
    identity: Identity = connection.scope[_KEY]
    return identity


Who = Annotated[Identity, Depends(identity_of)]


def only_admins(who: Who) -> None:
    """Raises: Forbidden."""
    if not who.role.includes(Role.ADMIN):
        raise Forbidden(f"{who.name} is {_a(who.role)}; only an admin manages users.")


class Gate:
    """Asks for `Authorization: Bearer`, a session's cookie, or `?token=` of a WebSocket; then for the role.

    `exposed`: other machines reach this server, so nobody is let in unknown.
    """

    def __init__(self, app: ASGIApp, identities: Identities, *, exposed: bool) -> None:
        self._app = app
        self._identities = identities
        self._exposed = exposed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan" or scope["path"] in HEALTH_PATHS:
            await self._app(scope, receive, send)
            return
        try:
            identity = await self._admit(scope)
        except RhoscopeError as error:
            await refuse(scope, send, error)
            return
        scope[_KEY] = identity
        if identity and identity.name and _orders(scope):
            log.info("%s: %s %r", identity.name, scope["method"], scope["path"])
        await self._app(scope, receive, self._watched(scope, send) if scope["type"] == "websocket" else send)

    async def _admit(self, scope: Scope) -> Identity | None:
        """As `admit`, in a thread only when the store has to be read."""
        try:
            return self.admit(scope, read=False)
        except Unread:
            return await asyncio.to_thread(self.admit, scope)

    def admit(self, scope: Scope, *, read: bool = True) -> Identity | None:
        """The one who asks; None for a stranger on an open path.

        Raises:
            Unauthorized, TooMany: for a stranger.
            Forbidden: for one whose role does not suffice.
            Unavailable: when the store does not answer.
            Unread: when it has to be asked, unless `read`.
        """
        try:
            identity = self._identity(scope, read=read)
        except AWAY as error:
            raise Unavailable("The store does not answer. Nothing was changed; try again.") from error
        if scope["path"] == SESSION_PATH:
            return identity
        if identity is None:
            raise Unauthorized(self._words(known=self._identities.required(read=read)))
        if _orders(scope) and not identity.role.includes(Role.OPERATOR):
            raise Forbidden(f"{identity.name} is {_a(identity.role)} and may look, but change nothing.")
        return identity

    def _identity(self, scope: Scope, *, read: bool) -> Identity | None:
        if not self._identities.required(read=read):
            return None if self._exposed or header(scope, EXPOSED) else NOBODY
        if (token := _token(scope)) and (identity := self._of_token(scope, token, read=read)):
            return identity
        each = (self._identities.of_session(secret, read=read) for secret in _sessions(scope))
        return next(filter(None, each), None)

    def _of_token(self, scope: Scope, token: str, *, read: bool) -> Identity | None:
        """Personal tokens are too long to be guessed, and their programs do not wait for those who guess."""
        identity = self._identities.of_token(token, read=read)
        if identity.is_user if identity else token.startswith(TOKEN_PREFIX):
            return identity
        place = (scope.get("client") or ("",))[0]
        self._identities.places.check(place)
        if identity is None:
            self._identities.places.wrong(place)
        return identity

    def _words(self, *, known: bool) -> str:
        if known:
            return "Log in, or send a token: Authorization: Bearer TOKEN, as in RHOSCOPE_API_TOKEN."
        return (
            "Other machines can reach this server, but nobody has to log in. Set RHOSCOPE_API_TOKEN, "
            "or add a user with `rhoscope user add` on a server that listens on 127.0.0.1."
        )

    def _watched(self, scope: Scope, send: Send) -> Send:
        """Ends a live socket soon after its session or token ended."""
        due = time.monotonic() + AGAIN_S

        async def watched(message: Message) -> None:
            nonlocal due
            if message["type"] == "websocket.send" and time.monotonic() > due:
                due = time.monotonic() + AGAIN_S
                try:
                    await self._admit(scope)
                except (Unavailable, TooMany):
                    pass  # it was let in before; the store is away, or others guess
                except RhoscopeError as error:
                    await send(
                        {"type": "websocket.close", "code": 4000 + error.status, "reason": error.title}
                    )
                    raise OSError(error.detail) from error
            await send(message)

        return watched


def _orders(scope: Scope) -> bool:
    """Whether the request changes more than what is its user's own."""
    changes = scope["type"] == "http" and scope["method"] not in SAFE
    return changes and not scope["path"].startswith(OWN_PATHS)


def _a(role: Role) -> str:
    return f"{'a' if role is Role.VIEWER else 'an'} {role}"


def _token(scope: Scope) -> str:
    kind, _, secret = header(scope, "authorization").partition(" ")
    if kind.lower() == "bearer" and secret.strip():
        return secret.strip()
    if scope["type"] != "websocket":
        return ""
    query: bytes = scope["query_string"]
    return parse_qs(query.decode("latin-1")).get("token", [""])[0]


def _sessions(scope: Scope) -> list[str]:
    """The session of a browser whose page is of this very server: another port is another's page."""
    origin = header(scope, "origin")
    if origin and _netloc(origin) not in {header(scope, "host"), header(scope, "x-forwarded-host")}:
        return []
    try:
        cookies = SimpleCookie(header(scope, "cookie"))
    except CookieError:
        return []
    return [cookies[SESSION_COOKIE].value] if SESSION_COOKIE in cookies else []


def _netloc(origin: str) -> str:
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return ""
