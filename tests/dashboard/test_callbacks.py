"""What no page of ours sends to Dash's endpoint is refused in one sentence, and one line of the log."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from dashboard.app import create_app
from dashboard.callbacks import LARGEST_BODY, PATH
from rhoscope.environment import Environment

SHOWN = {"id": "url", "property": "pathname"}
VISIT = {"id": "visit", "property": "data", "value": None}


class Browser:
    """Sends requests to a page that is served in this process."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app

    def post(self, path: str, **request: Any) -> httpx.Response:
        """In a thread: Playwright's loop may run in this one."""

        async def exchange() -> httpx.Response:
            transport = httpx.ASGITransport(self._app)
            async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8050") as client:
                return await client.post(path, **request)

        with ThreadPoolExecutor() as beside:
            return beside.submit(asyncio.run, exchange()).result()


@pytest.fixture
def page(environment: Environment) -> Browser:
    return Browser(create_app(environment))


def call(**changes: Any) -> dict[str, Any]:
    return {
        "output": "form.children",
        "outputs": {"id": "form", "property": "children"},
        "inputs": [SHOWN | {"value": "/"}, VISIT],
        "changedPropIds": ["url.pathname"],
    } | changes


def test_a_page_s_own_callback_is_answered(page: Browser) -> None:
    answer = page.post(PATH, json=call())
    assert answer.status_code == 200, answer.text
    assert "children" in answer.json()["response"]["form"]


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
        json.dumps(call(inputs=[SHOWN | {"value": {"a": [1]}}, VISIT])).encode(),
        json.dumps(call(inputs=[SHOWN | {"value": "/no/such/page"}, VISIT])).encode(),
        json.dumps(call(inputs=[SHOWN | {"value": "\udfff"}, VISIT])).encode(),
        json.dumps(call(inputs=[SHOWN | {"value": 1e999}, VISIT])).encode(),
        json.dumps(call(inputs=[SHOWN | {"value": "\0"}, VISIT])).encode(),
    ],
)
def test_junk_is_refused_in_one_line(page: Browser, content: bytes, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        answer = page.post(PATH, content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert len(answer.content) < 2000
    (record,) = [one for one in caplog.records if one.name.startswith("rhoscope")]
    assert "\n" not in record.getMessage()
    assert record.exc_info is None


@pytest.mark.parametrize("path", [PATH, "/_dash-anything", "/"])
def test_a_body_has_a_limit_said_or_not(page: Browser, path: str) -> None:
    async def trickle() -> AsyncIterator[bytes]:
        for _ in range(LARGEST_BODY // 2**16 + 1):
            yield b" " * 2**16

    said = page.post(path, content=b" " * (LARGEST_BODY + 1))
    unsaid = page.post(path, content=trickle())
    assert (said.status_code, unsaid.status_code) == (413, 413)
