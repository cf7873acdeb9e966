"""Sessions, users and tokens against their description: whatever is sent, the answer is a documented one."""

from collections.abc import Iterator

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from served import serving

from rhoscope.catalog import Catalog
from rhoscope.environment import Environment

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
SHARED = {"Authorization": "Bearer shared-secret"}
EACH = [
    ("/api/v1/session", "GET"),
    ("/api/v1/session", "POST"),
    ("/api/v1/session", "DELETE"),
    ("/api/v1/session/password", "POST"),
    ("/api/v1/users", "GET"),
    ("/api/v1/users", "POST"),
    ("/api/v1/users/{name}", "PATCH"),
    ("/api/v1/users/{name}", "DELETE"),
    ("/api/v1/tokens", "GET"),
    ("/api/v1/tokens", "POST"),
    ("/api/v1/tokens/{token}", "DELETE"),
]


@pytest.fixture(scope="module")
def described(home: Environment, catalog: Catalog) -> Iterator[schemathesis.BaseSchema]:
    guarded = home.model_copy(update={"api_token": "shared-secret"})
    with serving(guarded, catalog) as api:
        yield schemathesis.openapi.from_url(f"{api.url}/openapi.json", headers=SHARED)


@pytest.mark.parametrize(("path", "method"), EACH)
def test_every_answer_is_as_described(described: schemathesis.BaseSchema, path: str, method: str) -> None:
    """Asked by an admin, and by a stranger."""

    @given(case=described[path][method].as_strategy(), known=st.booleans())
    @settings(
        max_examples=20,
        deadline=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def ask(case: schemathesis.Case, known: bool) -> None:
        case.call_and_validate(checks=CHECKS, headers=SHARED if known else {"Authorization": "none"})

    ask()
