"""Everything works under a path of a real nginx, and nothing is asked for outside of it."""

import re
import sys
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import nursery
import pytest
from instrument import PLAIN, Instrument, free_port, wait_for
from nginx import Nginx
from playwright.sync_api import Page, expect

SHORT = {**PLAIN, "train_size": 128, "epochs": 1}
PLACES = ["/rho", "/user/ada/proxy/8050", "/kept/below"]


@pytest.fixture(scope="module")
def nginx(instrument: Instrument, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nginx]:
    """nginx and JupyterHub's proxy take the path off and name it; the third keeps it and is configured."""
    port = free_port()
    command = [sys.executable, "-m", "dashboard", "--port", str(port), "--base-path", "kept/below/"]
    dashboard = nursery.begin(command, env=instrument.environment)
    places = {
        "/rho": (f"{instrument.url}/", "X-Forwarded-Prefix"),
        "/user/ada/proxy/8050": (f"{instrument.url}/", "X-Forwarded-Context"),
        "/kept/below": (f"http://127.0.0.1:{port}", ""),
        "/only-api": (f"{instrument.api_url}/", "X-Forwarded-Prefix"),
    }
    front = Nginx(tmp_path_factory.mktemp("nginx"), places)
    front.start()
    wait_for(lambda: httpx.get(f"{front.url}/kept/below/healthz").is_success, 60, "the dashboard")
    yield front
    front.stop()
    dashboard.terminate()
    dashboard.wait(30)


@pytest.fixture(scope="module")
def run(instrument: Instrument) -> str:
    launched = instrument.client.launch(SHORT | {"name": "proxied"}).id
    instrument.until(launched, "completed")
    return launched


def astray(page: Page, base: str) -> list[str]:
    """What the page asks for outside of its path, or in vain; fills up as it goes on."""
    result: list[str] = []
    page.on("request", lambda r: None if r.url.startswith((base, "blob:", "data:")) else result.append(r.url))
    page.on(
        "websocket",
        lambda s: None if urlsplit(s.url).path.startswith(urlsplit(base).path) else result.append(s.url),
    )
    page.on("response", lambda r: result.append(f"{r.status} {r.url}") if r.status >= 400 else None)
    page.on("pageerror", lambda error: result.append(str(error)))
    return result


@pytest.mark.e2e
@pytest.mark.parametrize("path", PLACES)
def test_every_page_works_under_the_path_of_a_proxy(page: Page, nginx: Nginx, run: str, path: str) -> None:
    base = f"{nginx.url}{path}"
    result = astray(page, f"{base}/")
    page.goto(f"{base}/")
    expect(page.locator("#connection-text")).to_have_text("Live")
    expect(page.locator("#launch-forecast")).to_contain_text("One run")
    page.get_by_role("link", name="proxied").click()
    expect(page).to_have_url(f"{base}/watch?runs={run}")
    expect(page.locator("#watch-charts article").first).to_be_visible()
    for name, title in (("Compare", "compare"), ("Sweeps", "sweeps"), ("Workers", "workers"), ("Runs", "")):
        page.get_by_role("link", name=name, exact=True).click()
        expect(page).to_have_url(f"{base}/{title}")
        expect(page.get_by_role("link", name=name, exact=True)).to_have_attribute("aria-current", "page")
    page.evaluate(
        """() => { for (const key of "gw") {
          document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true })); } }"""
    )  # at once: between two keys a slow machine may lose patience
    expect(page).to_have_url(f"{base}/workers")
    page.goto(f"{base}/watch?runs={run}")
    expect(page.locator("#connection-text")).to_have_text("Live")
    with page.expect_download() as download:
        page.locator("#watch-report").click()
    assert download.value.url.startswith(f"{base}/api/v1/report?runs={run}")
    assert result == []


@pytest.mark.e2e
def test_a_launch_under_a_path_leads_to_the_run(page: Page, nginx: Nginx, instrument: Instrument) -> None:
    base = f"{nginx.url}/rho"
    result = astray(page, f"{base}/")
    page.goto(f"{base}/?set=dataset:synthetic,batch_size:512,epochs:1")
    page.locator("#recipes-group summary").click()
    expect(page.locator("#recipes")).to_contain_text("curl --fail-with-body")
    expect(page.locator("#launch")).to_be_enabled()
    page.locator("#launch").click()
    page.wait_for_url(f"{base}/watch?runs=*")
    expect(page.locator("#connection-text")).to_have_text("Live")
    assert result == []
    for name in instrument.client.runs().runs:
        instrument.end(name.id)


@pytest.mark.e2e
@pytest.mark.parametrize("path", ["/kept/below", "/only-api"])
def test_the_reference_of_the_api_works_under_a_path(page: Page, nginx: Nginx, path: str) -> None:
    base = f"{nginx.url}{path}"
    result = astray(page, f"{base}/")
    page.goto(f"{base}/docs")
    expect(page.locator(".opblock").first).to_be_visible()
    assert result == []


@pytest.mark.e2e
@pytest.mark.parametrize("path", [*PLACES, "/only-api"])
def test_all_that_the_reference_of_the_api_loads_is_under_the_path(nginx: Nginx, path: str) -> None:
    place = httpx.URL(f"{nginx.url}{path}/docs")
    start = httpx.get(place.join("docs/start.js")).raise_for_status().text
    loads = re.findall(r'(?:href|src)="([^"]+)"', httpx.get(place).text) + re.findall(r'url: "(.+)"', start)
    assert len(loads) == 5
    for url in map(place.join, loads):
        assert url.path.startswith(f"{path}/")
        assert httpx.get(url).is_success
    if path != "/kept/below":
        assert httpx.get(place.join("openapi.json")).json()["servers"] == [{"url": path}]


@pytest.mark.e2e
@pytest.mark.parametrize("path", [*PLACES, "/only-api"])
def test_addresses_and_redirects_stay_under_the_path(nginx: Nginx, path: str) -> None:
    base = f"{nginx.url}{path}"
    assert httpx.get(f"{base}/api/v1/workers").json()
    moved = httpx.get(f"{base}/api/v1/runs/")
    assert moved.status_code == 404 or moved.headers["location"].removeprefix(nginx.url).startswith(
        f"{path}/"
    )
    if path != "/only-api":
        missing = httpx.get(f"{base}/nowhere")
        assert missing.status_code == 404
        assert f'<a class="text-link" href="{path}/">' in missing.text
