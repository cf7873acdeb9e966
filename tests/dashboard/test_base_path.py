"""The document, its layout and its callbacks under the path of a proxy; tests/e2e has a real one."""

import asyncio
import json
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from dashboard.app import create_app
from rhoscope.environment import Environment

NAMED = {"X-Forwarded-Prefix": "/rho"}
VISIT = {"id": "visit", "property": "data", "value": None}
HUB = {"X-Forwarded-Context": "/user/ada/proxy/8050"}


@pytest.fixture(scope="module")
def app() -> FastAPI:
    return create_app(Environment())


def ask(app: FastAPI, path: str, headers: dict[str, str], body: Any = None) -> httpx.Response:
    async def exchange() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            return await client.request("POST" if body else "GET", path, headers=headers, json=body)

    with ThreadPoolExecutor() as beside:  # Playwright's loop may run in this thread
        return beside.submit(asyncio.run, exchange()).result()


@pytest.mark.parametrize(("headers", "base"), [(NAMED, "/rho"), (HUB, "/user/ada/proxy/8050"), ({}, "")])
def test_all_addresses_of_the_document_are_under_the_path(
    app: FastAPI, headers: dict[str, str], base: str
) -> None:
    for path in ("/", "/watch", "/compare", f"{base}/", f"{base}/sweeps"):
        page = ask(app, path, headers)
        assert page.status_code == 200
        result = re.findall(r'(?:src|href)="(/[^"]*)"', page.text)
        assert len(result) > 8
        assert [one for one in result if not one.startswith(f"{base}/")] == []
        for one in result:
            there = 503 if one.startswith(f"{base}/api/v1/") else 200  # no API stands behind this page
            assert ask(app, one, headers).status_code == there, one
        prefix = re.search(r'"requests_pathname_prefix":\s*"([^"]*)"', page.text)
        assert prefix
        assert prefix[1].replace(r"\u002f", "/") == f"{base}/"


@pytest.mark.parametrize(("headers", "base"), [(NAMED, "/rho"), ({}, "")])
def test_links_of_the_header_and_what_dash_shows_of_a_page_follow_the_path(
    app: FastAPI, headers: dict[str, str], base: str
) -> None:
    links = re.findall(r'<a [^>]*href="(/[^"]*)"', ask(app, f"{base}/watch", headers).text)
    assert set(links) == {f"{base}/{name}" for name in ("", "compare", "sweeps", "workers")}
    for path, form in ((f"{base}/", True), (f"{base}/watch", False)):
        shown = {
            "output": "form.children",
            "outputs": {"id": "form", "property": "children"},
            "inputs": [{"id": "url", "property": "pathname", "value": path}, VISIT],
            "changedPropIds": ["url.pathname"],
        }
        answer = ask(app, f"{base}/_dash-update-component", headers, shown)
        assert ("launch-form" in json.dumps(answer.json())) == form


def test_the_document_of_an_unknown_address_leads_back_under_the_path(app: FastAPI) -> None:
    missing = ask(app, "/rho/nowhere", NAMED)
    assert missing.status_code == 404
    assert '<a class="text-link" href="/rho/">' in missing.text
    assert "There is nothing at /nowhere." in missing.text


@pytest.mark.parametrize(
    "prefix", ['/"><script>', "//evil.example/x y", "/a b", "javascript:x", "/../x", "/" + "a" * 501]
)
def test_what_is_no_path_in_a_proxys_header_is_not_written_into_the_document(
    app: FastAPI, prefix: str
) -> None:
    page = ask(app, "/", {"X-Forwarded-Prefix": prefix}).text
    assert prefix not in page
    assert 'src="/bundle/' in page
