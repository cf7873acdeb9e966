"""Requests to the API: the one place where they are made, and where each of them is addressed."""

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self

import httpx
from pydantic import BaseModel

from rhoscope.answers import refusal, silence
from rhoscope.errors import InvalidInput
from rhoscope.json_values import plain
from rhoscope.web.outgoing import connection
from rhoscope.web.paths import path

ORDER = "Idempotency-Key"
LOOK_S = 30.0
"""Longest wait for an answer to a launch: a worker may look at the data before."""


class Requests:
    """One API, asked by the segments of a path: `_ask("GET", "runs", run, "events")`."""

    def __init__(self, url: str, token: str, timeout_s: float, auth: httpx.Auth | None) -> None:
        self.url = url.rstrip("/")
        self._http = connection(self.url, token, timeout=timeout_s, auth=auth)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()

    def _queue(self, spec: BaseModel | dict[str, Any], idempotency_key: str, *segments: str) -> Any:
        return self._order("POST", *segments, key=idempotency_key, json=body_of(spec), timeout=LOOK_S)

    def _order(self, method: str, *segments: str, key: str = "", **request: Any) -> Any:
        """Something that is to happen once: it has an id, under which it can be asked for again."""
        if not (key.isascii() and key.isprintable()):
            raise InvalidInput.field(ORDER, "expected ASCII letters, digits, and signs", key[:60])
        return self._ask(method, *segments, headers={ORDER: key or uuid.uuid4().hex}, **request)

    def _ask(self, method: str, *segments: str, **request: Any) -> Any:
        if "json" in request:  # a number that is not finite is sent: the answer says what is allowed
            request["content"] = json.dumps(plain(request.pop("json")))
            request["headers"] = {"Content-Type": "application/json", **request.get("headers", {})}
        response = self._send(method, *segments, **request)
        return response.json() if response.content else None

    def _send(self, method: str, *segments: str, **request: Any) -> httpx.Response:
        with self._stream(method, *segments, **request) as response:
            response.read()
        return response

    @contextmanager
    def _stream(self, method: str, *segments: str, **request: Any) -> Iterator[httpx.Response]:
        """An answer that is read by whoever asks; whatever is asked passes here."""
        try:
            with self._http.stream(method, path(*segments), **request) as response:
                if response.is_error:
                    response.read()
                    raise refusal(response)
                yield response
        except httpx.HTTPError as error:
            raise silence(self.url, error, request.get("headers", {}).get(ORDER, "")) from error


def body_of(spec: BaseModel | dict[str, Any]) -> dict[str, Any]:
    return spec.model_dump() if isinstance(spec, BaseModel) else spec
