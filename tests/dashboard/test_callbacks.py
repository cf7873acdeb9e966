"""What no page of ours sends to Dash's endpoint is refused in one sentence, and one line of the log."""

import json
import logging
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from dashboard.app import create_app
from dashboard.callbacks import LARGEST_BODY, PATH
from rhoscope.environment import Environment

SHOWN = {"id": "url", "property": "pathname"}


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def page(environment: Environment) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(create_app(environment))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8050") as client:
        yield client


def call(**changes: Any) -> dict[str, Any]:
    return {
        "output": "page.children",
        "outputs": {"id": "page", "property": "children"},
        "inputs": [SHOWN | {"value": "/"}],
        "changedPropIds": ["url.pathname"],
    } | changes


@pytest.mark.anyio
async def test_a_page_s_own_callback_is_answered(page: httpx.AsyncClient) -> None:
    answer = await page.post(PATH, json=call())
    assert answer.status_code == 200, answer.text
    assert "children" in answer.json()["response"]["page"]


@pytest.mark.anyio
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"junk",
        b"[]",
        b"\xff\xfe",
        b'{"output": 1}',
        b"[" * 100_000,
        json.dumps(call(output="no.such")).encode(),
        json.dumps(call(inputs=[])).encode(),
        json.dumps(call(inputs=[SHOWN] * 500)).encode(),
        json.dumps(call(inputs=[{"id": "url"}])).encode(),
        json.dumps(call(inputs=5)).encode(),
        json.dumps(call(changedPropIds=[{}])).encode(),
        json.dumps(call(inputs=[SHOWN | {"value": {"a": [1]}}])).encode(),
        json.dumps(call(inputs=[SHOWN | {"value": "/no/such/page"}])).encode(),
        json.dumps(call(inputs=[SHOWN | {"value": "\udfff"}])).encode(),
        json.dumps(call(inputs=[SHOWN | {"value": 1e999}])).encode(),
        json.dumps(call(inputs=[SHOWN | {"value": "\0"}])).encode(),
    ],
)
async def test_junk_is_refused_in_one_line(
    page: httpx.AsyncClient, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        answer = await page.post(PATH, content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert len(answer.content) < 2000
    (record,) = [one for one in caplog.records if one.name.startswith("rhoscope")]
    assert "\n" not in record.getMessage()
    assert record.exc_info is None


@pytest.mark.anyio
@pytest.mark.parametrize("path", [PATH, "/_dash-anything", "/"])
async def test_a_body_has_a_limit_said_or_not(page: httpx.AsyncClient, path: str) -> None:
    async def trickle() -> AsyncIterator[bytes]:
        for _ in range(LARGEST_BODY // 2**16 + 1):
            yield b" " * 2**16

    said = await page.post(path, content=b" " * (LARGEST_BODY + 1))
    unsaid = await page.post(path, content=trickle())
    assert (said.status_code, unsaid.status_code) == (413, 413)
