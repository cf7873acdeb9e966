"""What only one kind of reader meets: a keyboard alone, 200 % zoom, long names, a frozen API, no internet."""

from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import psutil
import pytest
from arrival import follow, seen
from instrument import Instrument
from playwright.sync_api import Page, Route, expect

LONG = "x" * 200
SHORT = {"dataset": "synthetic", "train_size": 128, "batch_size": 16, "epochs": 1}
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
FOLD = {"width": 640, "height": 400}
"""The window of a small laptop at 200 % zoom."""


@pytest.fixture(scope="module")
def run(instrument: Instrument) -> str:
    launched = instrument.client.launch(SHORT | {"name": LONG, "tags": ["t" * 200], "notes": "n" * 300}).id
    instrument.until(launched, "completed")
    return launched


@pytest.fixture(scope="module")
def sweep(instrument: Instrument, run: str) -> str:
    made = instrument.client.sweep({"name": LONG, "base": SHORT | {"name": LONG}, "seeds": [0, 1]})
    for one in made.runs:
        instrument.until(one.id, "completed")
    return made.id


@pytest.mark.e2e
def test_no_name_widens_a_page(page: Page, instrument: Instrument, run: str, sweep: str) -> None:
    ids = ",".join(one.id for one in instrument.client.runs().runs)
    page.goto(f"{instrument.url}/workers")
    seen(page)
    for path in ("/", f"/watch?runs={run}", f"/watch?runs={ids}", f"/compare?runs={ids}", "/sweeps",
                 f"/sweeps?sweep={sweep}", "/workers", f"/?from={run}"):  # fmt: skip
        page.set_viewport_size({"width": 640, "height": 800})
        follow(page, instrument.url + path)
        seen(page)
        expect(page.locator("#connection-text")).to_have_text("Live")
        if urlsplit(path).path == "/":
            expect(page.locator("#launch")).to_be_enabled()
        for width in (640, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            page.wait_for_timeout(500)
            wide = page.evaluate(TOO_WIDE)
            assert wide <= 0, f"{path} is {wide} px too wide at {width}"


@pytest.mark.e2e
def test_the_color_scheme_is_switched_at_200_percent(page: Page, instrument: Instrument) -> None:
    page.set_viewport_size(FOLD)
    page.goto(f"{instrument.url}/workers")
    shown = page.locator(".scheme-button:visible")
    chosen = []
    for _ in range(3):
        expect(shown).to_have_count(1)
        expect(shown).to_be_in_viewport(ratio=1)
        before = shown.get_attribute("data-scheme")
        shown.click()
        expect(shown).not_to_have_attribute("data-scheme", before or "")
        chosen.append(shown.get_attribute("data-scheme"))
    assert set(chosen) == {"light", "auto", "dark"}


@pytest.mark.e2e
def test_hints_are_read_with_the_keyboard(page: Page, instrument: Instrument) -> None:
    page.goto(f"{instrument.url}/")
    field = page.locator("#setting-alpha")
    expect(field).to_be_visible()
    field.focus()
    page.keyboard.press("Shift+Tab")
    expect(page.locator(".hint:focus")).to_have_count(1)
    expect(page.get_by_role("tooltip")).to_contain_text("Default")


@pytest.mark.e2e
def test_one_key_leads_to_the_launch_and_launches_nothing(page: Page, instrument: Instrument) -> None:
    page.goto(f"{instrument.url}/")
    expect(page.locator("#launch")).to_be_enabled()
    expect(page.locator("#launch")).to_be_visible()
    before = instrument.client.runs().total
    page.keyboard.press("l")
    expect(page.locator("#launch")).to_be_focused()
    page.wait_for_timeout(500)
    assert instrument.client.runs().total == before


@pytest.mark.e2e
@pytest.mark.parametrize("path", ["/", "/workers"])
def test_a_frozen_api_is_said(page: Page, instrument: Instrument, path: str) -> None:
    page.goto(instrument.url + path)
    light = page.locator("#connection-text")
    expect(light).to_have_text("Live")
    frozen: list[psutil.Process] = instrument.programs("backend")
    try:
        for one in frozen:
            one.suspend()
        expect(light).to_contain_text("No news for", timeout=20_000)
    finally:
        for one in frozen:
            one.resume()
    expect(light).to_have_text("Live")


@pytest.mark.e2e
def test_all_that_a_page_loads_comes_from_us(
    fresh: Callable[[int, int], Page], instrument: Instrument, run: str, tmp_path: Path
) -> None:
    page = fresh(1280, 720)  # a page that is not there is a message in the console
    requests: list[str] = []

    def answer(route: Route) -> None:
        requests.append(route.request.url)
        route.continue_() if urlsplit(route.request.url).hostname == "127.0.0.1" else route.abort()

    page.route("**/*", answer)
    for path in ("/", f"/watch?runs={run}", f"/compare?runs={run}", "/sweeps", "/workers", "/nowhere"):
        page.goto(instrument.url + path)
        expect(page.locator(".nav-link" if path != "/nowhere" else "h1").first).to_be_visible()
    page.goto(f"{instrument.api_url}/docs")
    expect(page.locator(".opblock").first).to_be_visible()
    report = tmp_path / "report.html"
    report.write_bytes(httpx.get(f"{instrument.api_url}/api/v1/report?runs={run}").content)
    page.unroute("**/*")  # a file of this machine can't be passed on
    page.on("request", lambda request: requests.append(request.url))
    page.goto(report.as_uri())
    expect(page.locator("canvas").first).to_be_visible()
    elsewhere = [url for url in requests if urlsplit(url).scheme in ("http", "https")]
    assert {urlsplit(url).hostname for url in elsewhere} == {"127.0.0.1"}


@pytest.mark.e2e
def test_a_number_with_two_meanings_is_asked_back_about_and_kept(page: Page, instrument: Instrument) -> None:
    page.goto(f"{instrument.url}/")
    for text in ("0,1", "1,5", "1_5", "1..5"):
        page.locator("#setting-alpha").fill(text)
        problem = page.locator("[data-setting='alpha'] .mantine-InputWrapper-error")
        expect(problem).to_contain_text(f"'{text}' is invalid")
        page.wait_for_timeout(600)
        follow(page, f"{instrument.url}/workers")
        expect(page.locator("#setting-alpha")).to_have_count(0)
        page.go_back()
        expect(page.locator("#setting-alpha")).to_have_value(text)
    page.reload()
    expect(page.locator("#setting-alpha")).to_have_value(text)


@pytest.mark.e2e
def test_a_filter_that_matches_no_field_says_so(
    fresh: Callable[[int, int], Page], instrument: Instrument, run: str
) -> None:
    page = fresh(1280, 720)  # each refusal is a message in the console
    page.goto(f"{instrument.url}/")
    for text, says in (
        ("epochz>3", "unknown field 'epochz'"),
        ("alpha>0,5", "'0,5' is not a number; write 0.5"),
        ("best > 50%", "'50%' is not a number"),
    ):
        page.locator("#runs-filter").fill(text)
        expect(page.locator("#filter-problem")).to_contain_text(says)
    page.locator("#runs-filter").fill(LONG[:9].upper())
    expect(page.locator(f"a[href='/watch?runs={run}']")).to_be_visible()
