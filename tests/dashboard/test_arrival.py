"""From page to page: each is drawn at once, links keep the document, and Dash begins for its form alone."""

import re
from collections.abc import Callable

import filled
import httpx
import pytest
from instrument import Instrument
from playwright.sync_api import Page, Route, expect

from rhoscope.environment import Environment

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]
LINKS = ("Compare", "Sweeps", "Workers", "Runs")
DASH = re.compile("_dash-")


@pytest.fixture
def page(fresh: Callable[[int, int], Page]) -> Page:
    return fresh(1280, 900)


def requests_of(page: Page) -> list[str]:
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    return requests


@pytest.mark.parametrize("path", ["/watch?runs=none", "/compare", "/sweeps", "/workers"])
def test_a_page_without_a_form_does_without_dash(instrument: Instrument, page: Page, path: str) -> None:
    requests = requests_of(page)
    page.goto(instrument.url + path)
    expect(page.locator("#page h1")).to_be_attached()
    page.wait_for_load_state("networkidle")
    assert [url for url in requests if DASH.search(url)] == []


def test_links_lead_from_page_to_page_in_one_document(instrument: Instrument, page: Page) -> None:
    page.goto(f"{instrument.url}/workers")
    page.evaluate("() => { window.stays = true; }")
    for name in LINKS:
        page.get_by_role("navigation").get_by_role("link", name=name).click()
        expect(page.locator(".nav-link[aria-current]")).to_have_text(name)
        expect(page).to_have_title(f"{name} · rhoscope")
    expect(page.locator("#setting-dataset")).to_be_visible()
    page.go_back()
    expect(page).to_have_title("Workers · rhoscope")
    expect(page.locator("#setting-dataset")).to_have_count(0)
    page.go_forward()
    expect(page.locator("#setting-dataset")).to_be_visible()
    expect(page.locator("#page > *")).to_have_count(1)
    assert page.evaluate("() => window.stays")


def test_a_click_that_means_another_tab_leaves_this_one(instrument: Instrument, page: Page) -> None:
    page.goto(f"{instrument.url}/workers")
    link = page.get_by_role("navigation").get_by_role("link", name="Sweeps")
    with page.context.expect_page() as other:
        link.click(modifiers=["Control"])
    other.value.wait_for_url(f"{instrument.url}/sweeps")
    other.value.close()
    expect(page).to_have_title("Workers · rhoscope")


def test_runs_are_seen_where_the_form_can_t_be_loaded(instrument: Instrument, page: Page) -> None:
    def lost(route: Route) -> None:
        route.abort()

    page.route("**/_dash-component-suites/**", lost)
    page.goto(f"{instrument.url}/")
    expect(page.locator("#banner")).to_have_text(
        "The launch form can’t be loaded. Reload the page to try again."
    )
    expect(page.get_by_role("heading", name="Runs", exact=True)).to_be_visible()
    page.get_by_role("link", name="Workers").click()
    expect(page.locator("#workers-list")).to_be_visible()


def test_what_was_typed_stays_with_a_link_to_the_same_page(instrument: Instrument, page: Page) -> None:
    page.goto(f"{instrument.url}/")
    alpha = page.locator("#setting-alpha")
    alpha.fill("0.4")
    page.get_by_role("navigation").get_by_role("link", name="Runs").click()
    expect(page).to_have_title("Runs · rhoscope")
    expect(alpha).to_have_value("0.4")


@pytest.mark.parametrize("count", [1, 3, 14])
def test_what_a_page_needs_first_is_requested_once_while_its_program_is_read(
    instrument: Instrument, page: Page, count: int
) -> None:
    store = filled.opened(Environment(data_dir=instrument.data_dir))
    runs = [filled.fill(store, 50, name=f"run {i}", seed=i) for i in range(count)]
    store.close()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    requests = requests_of(page)
    page.goto(f"{instrument.url}/watch?runs={','.join(runs)}")
    links = page.locator("link[rel=preload]").evaluate_all("all => all.map(({ href }) => href)")
    expect(page.locator("[data-chart='rho'] canvas")).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert len(links) == (1 if count > 12 else 3 * count)
    once = [url for url in links if count > 1 or not url.endswith("/events")]  # the story reads them, too
    assert {url: requests.count(url) for url in once} == dict.fromkeys(once, 1)
    page.wait_for_timeout(4000)  # so long a browser waits before it complains of what was not needed
    assert said == []


@pytest.mark.parametrize("runs", ['"><script>', "a b", "..", "%00", "a" * 65])
def test_nothing_is_requested_for_what_is_no_id(instrument: Instrument, runs: str) -> None:
    """A document names what is requested while the page's program is read; for an id it names something."""

    def named(ids: str) -> list[str]:
        document = httpx.get(f"{instrument.url}/watch", params={"runs": ids}).raise_for_status()
        return re.findall("<link[^>]*preload", document.text)

    assert named("0" * 12)
    assert named(runs) == []


def test_the_form_is_there_however_quickly_pages_follow_each_other(
    instrument: Instrument, page: Page
) -> None:
    page.goto(f"{instrument.url}/")
    expect(page.locator("#setting-dataset")).to_be_visible()
    for pause in (0, 5, 20, 60):
        page.evaluate(
            """async (pause) => {
              const click = (path) => document.querySelector(`.nav-link[href='${path}']`).click();
              for (const path of ["/workers", "/", "/sweeps", "/", "/compare", "/"]) {
                click(path);
                await new Promise((done) => setTimeout(done, pause));
              }
            }""",
            pause,
        )
        expect(page.locator("#setting-dataset")).to_be_visible()
        expect(page.locator("#launch")).to_have_count(1)


def test_an_answer_that_arrives_as_the_form_is_put_away_keeps_no_later_form_away(
    instrument: Instrument, page: Page
) -> None:
    """Dash looked for the answer's place where there was none any more, and rendered nothing from then on."""
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"{instrument.url}/")
    expect(page.locator("#setting-alpha")).to_be_visible()
    page.evaluate(
        """() => {
          const [fetched, held] = [window.fetch, new Map()];
          window.fetch = async (url, options) => {
            const answer = await fetched(url, options);
            const { output } = /_dash-update/.test(url) ? JSON.parse(options.body) : {};
            if (held.size < 2 && output) await new Promise((go) => held.set(output, go));
            return answer;
          };
          window.held = held;
        }"""
    )
    page.locator("#setting-alpha").fill("0.4")
    page.wait_for_function("() => held.has('launch-checked.data')")
    page.get_by_role("navigation").get_by_role("link", name="Workers").click()
    page.wait_for_function("() => held.has('form.children')")
    page.evaluate("() => [held.get('form.children'), held.get('launch-checked.data')].forEach((go) => go())")
    expect(page.locator("#setting-alpha")).to_have_count(0)
    page.get_by_role("navigation").get_by_role("link", name="Runs").click()
    expect(page.locator("#setting-alpha")).to_be_visible()
    assert errors == []


def test_a_form_that_is_reset_has_its_defaults(instrument: Instrument, page: Page) -> None:
    page.goto(f"{instrument.url}/?set=epochs:3")
    epochs = page.locator("#setting-epochs")
    expect(epochs).to_have_value("3")
    page.get_by_role("button", name="Reset the form").click()
    page.wait_for_url(f"{instrument.url}/")
    expect(epochs).to_be_visible()
    expect(epochs).not_to_have_value("3")
