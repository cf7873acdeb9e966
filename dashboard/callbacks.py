"""Before Dash's own endpoint: a body has a limit, and what no page of ours sends is refused in one sentence.

Dash itself would read a body of any length, and answer one it can't make sense of with 500 and a traceback.
"""

import logging
import traceback
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import BaseModel, Field, ValidationError
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard.proxy import PREFIX
from rhoscope.errors import PROBLEM_TYPE, InvalidInput, RhoscopeError, TooLarge
from rhoscope.texts import faults

PATH = "/_dash-update-component"
LARGEST_BODY = 2**20
"""Bytes of one callback's body; a filled-in form has a few thousand."""
MOST_PROPERTIES = 1000
_OF_JUNK = (TypeError, KeyError, ValueError, AttributeError, IndexError, RecursionError)
"""What reading a value of another kind raises."""
log = logging.getLogger("rhoscope.dashboard")


class Property(BaseModel):
    """One property of one component, as the browser has it."""

    id: str | dict[str, Any]
    property: str
    value: Any = None


class Call(BaseModel):
    """A callback that a page asks for."""

    output: str
    inputs: list[Property | list[Property]] = Field(max_length=MOST_PROPERTIES)
    state: list[Property | list[Property]] = Field(default=[], max_length=MOST_PROPERTIES)
    changed: list[str] = Field(default=[], max_length=MOST_PROPERTIES, alias="changedPropIds")


class Callbacks:
    """Lets only callbacks through that `known` has, with as many inputs and states as these have."""

    def __init__(self, app: ASGIApp, known: Callable[[], Mapping[str, Mapping[str, Any]]]) -> None:
        self._app = app
        self._known = known

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(f"{PREFIX}/") or scope["method"] != "POST":
            await self._app(scope, receive, send)
            return
        try:
            body = await _body(Headers(scope=scope), receive)
            if scope["path"] == PATH:
                self._check(body)
            await self._app(scope, _again(body, receive), send)
        except RhoscopeError as error:
            await _refuse(error, scope, receive, send)

    def _check(self, body: bytes) -> None:
        """Raises: InvalidInput, for what no page of ours sends."""
        try:
            call = Call.model_validate_json(body)
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(str(part) for part in first["loc"]) or "body"
            raise InvalidInput(f"This is no callback of a page: {place}: {first['msg']}.") from error
        callback = self._known().get(call.output)
        if callback is None:
            raise InvalidInput(f"There is no callback for '{call.output[:100]}'.")
        sizes = len(call.inputs), len(call.state)
        if sizes != (len(callback["inputs"]), len(callback["state"])):
            raise InvalidInput(f"The callback for '{call.output[:100]}' has other inputs than these.")
        for place, words in faults(call.model_dump()):
            raise InvalidInput(f"{place}: {words}.")


class Misread:
    """Right around a callback: a value of a kind that it does not read is the sender's mistake."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != PATH:
            await self._app(scope, receive, send)
            return
        try:
            await self._app(scope, receive, send)
        except _OF_JUNK as error:
            place = traceback.extract_tb(error.__traceback__)[-1]
            reason = f"{type(error).__name__}: {error} ({place.name}, line {place.lineno})"
            refusal = InvalidInput(f"A value of this callback is not of the kind expected. {reason[:300]}")
            await _refuse(refusal, scope, receive, send)


async def _body(headers: Headers, receive: Receive) -> bytes:
    """Raises: TooLarge, before more than the limit is kept."""
    refusal = TooLarge(f"The body is too large; the maximum is {LARGEST_BODY:,} bytes.")
    length = headers.get("content-length", "")
    if length.isdecimal() and int(length[:20]) > LARGEST_BODY:
        raise refusal
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if len(body) > LARGEST_BODY:
            raise refusal
        if not message.get("more_body", False):
            return bytes(body)


def _again(body: bytes, receive: Receive) -> Receive:
    """The body, whole, and then whatever comes."""
    given = False

    async def replayed() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replayed


async def _refuse(error: RhoscopeError, scope: Scope, receive: Receive, send: Send) -> None:
    log.warning("A callback was refused: %s", error.detail)
    body = error.problem(scope["path"]).model_dump_json()
    await Response(body, error.status, media_type=PROBLEM_TYPE)(scope, receive, send)
