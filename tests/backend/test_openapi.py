"""The API against its own description: whatever is sent, the answer is one that was documented.

A few requests of each kind; `make fuzz` sends thousands.
"""

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
import schemathesis
from hostile import send, soften, spoil
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import schemas
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from served import Attempt, Served

from backend.app import create_app
from rhoscope.environment import Environment
from rhoscope.media import TYPES

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
OPERATIONS = {
    "/api/v1/runs": ("GET", "POST"),
    "/api/v1/runs/index": ("GET",),
    "/api/v1/runs/sparks": ("GET",),
    "/api/v1/runs/histories": ("GET",),
    "/api/v1/runs/bulk": ("POST",),
    "/api/v1/runs/{run}": ("GET", "PATCH", "DELETE"),
    **{f"/api/v1/runs/{{run}}/{verb}": ("POST",) for verb in ("stop", "pause", "resume", "fork")},
    "/api/v1/runs/{run}/settings": ("PATCH",),
    **{
        f"/api/v1/runs/{{run}}/{part}": ("GET",)
        for part in (
            "events",
            "checkpoints",
            "family",
            "logs",
            "series",
            "export",
            "tables",
            "verdict",
            "facts",
            "media",
            "samples",
            "samples/example",
        )
    },
    "/api/v1/runs/{run}/remedies": ("GET", "POST"),
    **{f"/api/v1/runs/{{run}}/{part}": ("GET",) for part in ("records", "commands")},
    "/api/v1/runs/{run}/records/{attempt}-{sequence}": ("PUT",),
    "/api/v1/runs/{run}/media/{digest}": ("GET", "PUT"),
    "/api/v1/runs/check": ("POST",),
    "/api/v1/queue": ("GET",),
    "/api/v1/report": ("GET",),
    "/api/v1/sweeps": ("GET", "POST"),
    "/api/v1/sweeps/check": ("POST",),
    "/api/v1/sweeps/{sweep}": ("GET", "PATCH"),
    "/api/v1/sweeps/{sweep}/stop": ("POST",),
    "/api/v1/sweeps/{sweep}/ranking": ("GET",),
    "/api/v1/sweeps/{sweep}/resume": ("POST",),
    **{f"/api/v1/sweeps/{{sweep}}/{part}": ("GET",) for part in ("trials", "importance", "contour")},
    "/api/v1/groups": ("GET",),
    "/api/v1/alerts": ("GET", "POST"),
    "/api/v1/alerts/check": ("POST",),
    "/api/v1/alerts/fired": ("GET",),
    "/api/v1/alerts/{alert}": ("PATCH", "DELETE"),
    "/api/v1/channels": ("GET", "POST"),
    "/api/v1/channels/{channel}": ("PATCH", "DELETE"),
    "/api/v1/channels/{channel}/test": ("POST",),
    "/api/v1/views": ("GET", "POST"),
    "/api/v1/views/{view}": ("PATCH", "DELETE"),
    "/api/v1/catalog": ("GET",),
    "/api/v1/workers": ("GET",),
    "/api/v1/workers/{name}": ("PATCH",),
}
ACCOUNTS = {
    "/api/v1/session": {"GET", "POST", "DELETE"},
    "/api/v1/session/password": {"POST"},
    "/api/v1/users": {"GET", "POST"},
    "/api/v1/users/{name}": {"PATCH", "DELETE"},
    "/api/v1/tokens": {"GET", "POST"},
    "/api/v1/tokens/{token}": {"DELETE"},
}
"""Asked in `tests/backend/http/test_described_accounts.py`: a user made here would lock the others out."""
EACH = [(path, method) for path, methods in OPERATIONS.items() for method in methods]


@pytest.fixture(scope="module")
def described(served: Served) -> schemas.OpenApiSchema:
    return schemathesis.openapi.from_url(f"{served.url}/openapi.json")


@pytest.fixture(autouse=True)
def _empty_queue(api: httpx.Client) -> Iterator[None]:
    """No worker takes what these requests launch: it must not wait before the next test's own run."""
    yield
    while waiting := [run["id"] for run in api.get("/queue", params={"limit": 1000}).json()["runs"]]:
        api.post("/runs/bulk", json={"runs": waiting, "act": "stop"}).raise_for_status()


def test_these_are_all_operations(served: Served) -> None:
    paths = httpx.get(f"{served.url}/openapi.json").json()["paths"]
    result = {(path, method.upper()) for path, methods in paths.items() for method in methods}
    accounts = {(path, method) for path, methods in ACCOUNTS.items() for method in methods}
    assert {pair for pair in result if pair[0].startswith("/api/")} == {*EACH, *accounts}


def test_every_type_that_an_item_can_have_is_described(tmp_path: Path) -> None:
    paths = create_app(Environment(data_dir=tmp_path)).openapi()["paths"]
    answer = paths["/api/v1/runs/{run}/media/{digest}"]["get"]["responses"]["200"]
    assert set(answer["content"]) == set(TYPES)


@pytest.mark.parametrize(("path", "method"), EACH)
def test_every_answer_is_as_described(
    described: schemathesis.BaseSchema,
    begun: Callable[..., Attempt],
    path: str,
    method: str,
) -> None:
    """Asked of a run that there is, and of others."""
    attempt = begun(max_attempts=1)
    attempt.rows(range(10))

    @given(case=described[path][method].as_strategy(), known=st.booleans())
    @settings(
        max_examples=3 if path.endswith("/remedies") else 4,  # each queues two dozen runs
        deadline=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def ask(case: schemathesis.Case, known: bool) -> None:
        if known and "run" in case.path_parameters:
            case.path_parameters["run"] = attempt.run
        case.call_and_validate(checks=CHECKS)

    ask()


@pytest.mark.parametrize(("path", "method"), EACH)
def test_no_hostile_request_is_an_error_of_ours(
    described: schemathesis.BaseSchema, served: Served, begun: Callable[..., Attempt], path: str, method: str
) -> None:
    """Texts that are none, 100 kB long, or turned around; numbers beyond 64 bits and beyond doubles.

    `verify` off: reading certificates for plain HTTP takes longer than a request.
    """
    attempt = begun(max_attempts=1)

    @given(case=described[path][method].as_strategy(), known=st.booleans(), seed=st.integers(0, 2**32))
    @settings(
        max_examples=3,
        deadline=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def ask(case: schemathesis.Case, known: bool, seed: int) -> None:
        spoil(case, random.Random(seed))
        if known and "run" in case.path_parameters:
            case.path_parameters["run"] = attempt.run
        with httpx.Client(base_url=served.url, timeout=60, verify=False) as client:
            answer = send(case, client)
        soften(case)
        case.validate_response(answer, checks=CHECKS)

    ask()
