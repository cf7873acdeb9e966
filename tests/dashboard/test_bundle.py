"""The page's program and style come as one file each, which a browser may keep for ever."""

import asyncio
import re
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urljoin

import httpx
import pytest
from fastapi import FastAPI

from dashboard.app import create_app
from dashboard.bundle import STATIC, STYLE
from rhoscope.environment import Environment


@pytest.fixture(scope="module")
def app() -> FastAPI:
    return create_app(Environment())


def get(app: FastAPI, path: str) -> httpx.Response:
    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            return await client.get(path)

    with ThreadPoolExecutor() as beside:  # Playwright's loop may run in this thread
        return beside.submit(asyncio.run, ask()).result()


@pytest.mark.parametrize("name", ["page.js", "page.css"])
def test_the_document_names_one_file_which_a_browser_may_keep_and_gets_compressed(
    app: FastAPI, name: str
) -> None:
    document = get(app, "/watch").text
    (path,) = re.findall(rf'"(/bundle/\w+/{name})"', document)
    answer = get(app, path)
    assert answer.content == (STATIC / name).read_bytes()
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["content-encoding"] == "gzip"
    assert int(answer.headers["content-length"]) < len(answer.content) / 2


def test_our_program_runs_at_once_and_that_of_dash_waits(app: FastAPI) -> None:
    before, waiting, after = re.split(r'<template id="dash-program">|</template>', get(app, "/").text)
    assert "dash_renderer" in waiting
    assert "DashRenderer" in waiting
    assert not re.search("polyfill|dash_table", waiting)  # nothing of ours needs them
    (ours,) = re.findall(r'<script src="([^"]+)"', before + after)
    assert re.fullmatch(r"/bundle/\w+/page.js", ours)
    assert get(app, "/bundle/0000000000000000/page.js").status_code == 404


def test_what_the_style_refers_to_is_there(app: FastAPI) -> None:
    style = STYLE.body.decode()
    files = {url for url in re.findall(r"url\(\"?([^\")]+)\"?\)", style) if not url.startswith("data:")}
    assert files
    for url in files:  # relative, so that it works under the path of a proxy
        assert get(app, urljoin(STYLE.path, url)).status_code == 200
        assert get(app, urljoin(f"/rho{STYLE.path}", url).removeprefix("/rho")).status_code == 200
