"""Every failed answer as `application/problem+json`."""

import json
import logging
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from redis import RedisError
from sqlalchemy.exc import DataError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from backend.store import AWAY, UnsureCommit
from rhoscope.errors import (
    BY_STATUS,
    PROBLEM_TYPE,
    FieldError,
    InvalidInput,
    Problem,
    RhoscopeError,
    Unavailable,
    Unsure,
)
from rhoscope.validation import field_error, short

BODY_LIMIT = 2**20
"""Bytes of the largest request body."""
KINDS = ("run of ours", "guest run")
"""Names that distinguish a body's kinds; none of them is shown."""
_TAGS = tuple((kind,) for kind in KINDS)
log = logging.getLogger("rhoscope.api")


def answer(problem: Problem, headers: dict[str, str] | None = None) -> Response:
    """A problem as a response; half a character that somebody sent is shown as a question mark."""
    body = json.dumps(problem.model_dump(mode="python"), ensure_ascii=False)
    return Response(body.encode(errors="replace"), problem.status, headers, PROBLEM_TYPE)


def install(app: FastAPI) -> None:
    """Let `app` answer every error with a problem."""
    app.add_exception_handler(RhoscopeError, _ours)
    app.add_exception_handler(RequestValidationError, _misfit)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RedisError, _no_redis)
    app.add_exception_handler(DataError, _no_value)
    for error in AWAY:
        app.add_exception_handler(error, _no_store)
    app.add_exception_handler(Exception, _unforeseen)


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The problems a route may answer with, for OpenAPI; 401, 403, 422 and 429 always."""
    content = {PROBLEM_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    every = sorted({401, 403, 422, 429, *statuses})
    return {status: {"description": BY_STATUS[status].title, "content": content} for status in every}


def of_validation(errors: Sequence[Mapping[str, Any]]) -> InvalidInput:
    """FastAPI's errors as one that names each field, its value and what is expected."""
    return InvalidInput.of([_field(error) for error in errors])


def _field(error: Mapping[str, Any]) -> FieldError:
    place = error["loc"]
    if error["type"] == "json_invalid":
        reason = error.get("ctx", {}).get("error", "")
        return FieldError(field="body", message=f"not valid JSON: {reason} at character {place[-1]}")
    inside = place[1:] if len(place) > 1 and place[0] in ("body", "query", "path", "header") else place
    inside = inside[1:] if inside[:1] in _TAGS else inside
    if inside in ((), ("body",)) and error["type"] not in ("missing", "value_error"):
        expected = "expected a JSON object, sent as Content-Type: application/json"
        return FieldError(field="body", value=short(error.get("input")), message=expected)
    return field_error({**error, "loc": inside})


def _ours(request: Request, error: Exception) -> Response:
    if not isinstance(error, RhoscopeError):
        raise error
    errors = [e.model_copy(update={"value": short(e.value)}) for e in error.errors]
    problem = error.problem(request.url.path).model_copy(update={"errors": errors})
    return answer(problem, dict(error.headers))


def _misfit(request: Request, error: Exception) -> Response:
    errors = error.errors() if isinstance(error, RequestValidationError) else []
    return _ours(request, of_validation(list(errors)))


def _http(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    detail = str(error.detail)
    if error.status_code == 404:
        detail = f"There is no page at {request.url.path}; /openapi.json lists all operations."
    elif error.status_code == 405:
        allowed = (error.headers or {}).get("Allow", "another method")
        detail = f"{request.method} is not allowed at {request.url.path}; expected {allowed}."
    elif error.status_code == 400:  # what JSON's own grammar allows and Python does not read
        return _ours(request, InvalidInput(_unreadable(error.__cause__)))
    elif error.status_code == 413:
        detail = f"The body is larger than the maximum of {BODY_LIMIT // 2**20} MiB."
    kind = BY_STATUS.get(error.status_code, RhoscopeError)
    problem = kind(detail).problem(request.url.path)
    title = "Method not allowed" if error.status_code == 405 else problem.title
    problem = problem.model_copy(update={"status": error.status_code, "title": title})
    return answer(problem, dict(error.headers or {}))


def _unreadable(cause: BaseException | None) -> str:
    """Why a body is no JSON that can be read."""
    if isinstance(cause, UnicodeDecodeError):
        place = f"byte 0x{cause.object[cause.start]:02x} at {cause.start}"
        return f"The body is no text in UTF-8 ({place}); expected JSON in UTF-8 that is not compressed."
    if isinstance(cause, RecursionError):
        return "The body's lists or objects are nested too deeply."
    return "The body can't be read: a number in it has too many digits."


def _no_redis(request: Request, error: Exception) -> Response:
    """Routes only read from Redis; what writes to it says itself that the answer was lost."""
    log.warning("Redis does not answer: %s", error)
    return _ours(request, Unavailable(f"Redis does not answer ({error}). Nothing was changed; try again."))


def _no_store(request: Request, error: Exception) -> Response:
    log.warning("The store does not answer: %s", error)
    if isinstance(error, UnsureCommit):
        key = request.headers.get("idempotency-key", "")[:200]
        return _ours(request, Unsure.of("The store was lost while it wrote.", key))
    return _ours(request, Unavailable("The store does not answer. Nothing was changed; try again."))


def _no_value(request: Request, error: Exception) -> Response:
    cause = short(str(getattr(error, "orig", None) or error))
    log.warning("The store can't hold what %s %s named: %s", request.method, request.url.path, cause)
    return _ours(request, InvalidInput(f"The store can't hold a given value: {cause}"))


def _unforeseen(request: Request, error: Exception) -> Response:
    log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return _ours(request, RhoscopeError("Unexpected error; see the API log."))
