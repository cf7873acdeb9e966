"""Requests as nobody well-meaning sends them: texts and numbers that some part may not be able to hold."""

import json
import random
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx
import schemathesis

TEXTS = (
    "\udfff",
    "a\ud800b",
    "\0",
    "a\0b",
    "x" * 100_000,
    "\u202e\u200fabc\u2066",
    "\u0665" * 20,
    "\U0010ffff",
    "e\u0301" * 40,
    "'; DROP TABLE runs; --",
    "%s%n{0}{{x}}",
    "../../../x",
    "=1+1",
    "[/x]",
    "\x1b[2J",
    "\r\nX-Evil: 1",
)
NUMBERS: tuple[Any, ...] = (
    2**63 - 1,
    2**63,
    -(2**63) - 1,
    2**70,
    10**400,
    1e308,
    float("inf"),
    float("-inf"),
    float("nan"),
    5e-324,
    -0.0,
    -1,
    True,
)
LONGEST_PATH, LONGEST_QUERY = 4000, 40_000
"""Beyond, an HTTP client and server refuse the address itself."""


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Each container with a key at which something stands, however deep."""
    for key in (
        list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    ):
        yield value, key
        yield from places(value[key])


def spoil(case: schemathesis.Case, chance: random.Random) -> None:
    """Put hostile texts and numbers in some places of a generated request."""
    for part in (case.query, case.body, case.path_parameters):
        spots = list(places(part)) if isinstance(part, dict | list) else []
        for container, key in chance.sample(spots, min(len(spots), chance.randint(0, 2))):
            container[key] = chance.choice(TEXTS if chance.random() < 0.7 else NUMBERS)
            if isinstance(container, dict) and container is case.body and chance.random() < 0.1:
                container[chance.choice(TEXTS)] = 1
    for name, value in case.path_parameters.items():
        text = str(value)[:LONGEST_PATH].encode(errors="replace").decode()  # as any server reads it
        case.path_parameters[name] = text or "x"


def send(case: schemathesis.Case, client: httpx.Client) -> httpx.Response:
    """Send a request as it is: JSON with halves of characters and huge numbers, an address with any byte."""
    path = case.path
    for name, value in case.path_parameters.items():
        path = path.replace(f"{{{name}}}", _quoted(value))
    pairs = [
        f"{_quoted(name)}={_quoted(one)}"
        for name, value in (case.query or {}).items()
        for one in (value if isinstance(value, list) else [value])
    ]
    query = "&".join(pairs)[:LONGEST_QUERY]
    headers = {name: str(value) for name, value in (case.headers or {}).items()}
    headers = {name: value for name, value in headers.items() if value.isascii() and value.isprintable()}
    content: str | bytes | None = None
    if case.method in ("POST", "PATCH"):
        content = json.dumps(case.body if case.body.__class__.__name__ != "NotSet" else None)
        headers["Content-Type"] = "application/json"
    elif case.method == "PUT":
        content = case.body.encode(errors="replace") if isinstance(case.body, str) else bytes(case.body)
    return client.request(case.method, f"{path}?{query}", content=content, headers=headers)


def soften(case: schemathesis.Case) -> None:
    """After sending: halves of characters are replaced, which the checks can't write down."""
    case.query, case.body = _whole(case.query), _whole(case.body)


def _whole(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode(errors="replace").decode()
    if isinstance(value, dict):
        return {_whole(key): _whole(inner) for key, inner in value.items()}
    return [_whole(inner) for inner in value] if isinstance(value, list) else value


def _quoted(value: object) -> str:
    return quote(str(value).encode(errors="surrogatepass"), safe="")
