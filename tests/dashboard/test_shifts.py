"""Nothing moves under a reader's eye: whatever answers late is shown with what it would push down."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from arrival import seen
from instrument import Instrument
from playwright.sync_api import Page, Route, expect
from searched import searched
from trained import trained

from rhoscope.remedies import Place, Ranking

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]
SPEC = {"dataset": "synthetic", "strategy": "joint", "epochs": 2, "train_size": 128, "batch_size": 16}
MOST = 0.02
LATE = r"/(verdict|remedies|ranking|trials|importance|contour|workers|catalog)(\?|$)"
"""Addresses whose answers come after everything else on their page."""
WATCHED = """{
const { fetch } = window;
window.fetch = async (...given) => {
  const answer = await fetch(...given);
  if (new RegExp(LATE).test(answer.url)) await new Promise((done) => setTimeout(done, 400));
  return answer;
};
window.shifts = [];
new PerformanceObserver((list) => list.getEntries().forEach((one) => {
  const parts = one.sources.map(({ node }) => node?.id || node?.className);
  if (!one.hadRecentInput) shifts.push([one.value, ...parts]);
})).observe({ type: "layout-shift", buffered: true });
}"""

ENDLESS = """{
const { setTimeout } = window;
window.setTimeout = (act, ms, ...more) => ms === 3000 ? 0 : setTimeout(act, ms, ...more);
}"""


@pytest.fixture(scope="module")
def there(instrument: Instrument) -> dict[str, str]:
    """Two ended runs and a search."""
    one, other = trained(instrument, SPEC, SPEC | {"seed": 1})
    return {"one": one.id, "both": f"{one.id},{other.id}", "search": searched(instrument)}


@pytest.fixture(params=[1280, 390])
def page(request: pytest.FixtureRequest, fresh: Callable[[int, int], Page]) -> Page:
    page = fresh(request.param, 900)
    page.add_init_script(f"window.LATE = {json.dumps(LATE)};\n{WATCHED}")
    return page


def raced(page: Page, run: str) -> None:
    """A race was tried on the run: its table comes last of all."""
    best = {"rung": 10, "accuracy": 0.5, "minutes": 1.0, "goes_on": True}
    places = [Place(name=f"candidate {i}", runs=[run], advantage=None, **best) for i in range(6)]
    ranking = Ranking(
        run=run, control="candidate 5", over=True, rungs=[10], places=places, minutes=6, winner="candidate 0"
    )
    page.route("**/api/v1/runs/*/remedies", lambda route: route.fulfill(json={"tried": ["sweep"]}))
    page.route("**/api/v1/sweeps/*/ranking", lambda route: route.fulfill(json=ranking.model_dump()))


def begun(page: Page, sweep: str) -> None:
    """The search as it was while its first trial trained: what came later is held back."""

    def without(route: Route, change: Callable[[dict[str, Any]], None]) -> None:
        answer = route.fetch().json()
        change(answer)
        route.fulfill(json=answer)

    def running(answer: dict[str, Any]) -> None:
        answer["search"] |= {"state": "running", "ended": 0, "reason": ""}
        answer["runs"] = [answer["runs"][0] | {"state": "running"}]

    def training(answer: dict[str, Any]) -> None:
        answer["trials"] = [answer["trials"][0] | {"state": "running", "value": None}]
        answer["status"] |= {"state": "running", "best": None, "ended": 0}

    def unmeasured(answer: dict[str, Any]) -> None:
        answer["groups"] = [answer["groups"][0] | {"final": {}}]

    page.route(f"**/sweeps/{sweep}", lambda route: without(route, running))
    page.route(f"**/sweeps/{sweep}/trials", lambda route: without(route, training))
    page.route("**/groups?*", lambda route: without(route, unmeasured))


def moved(page: Page) -> object:
    """The shifts without an input, where they are more than a reader would not see; after two frames."""
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    shifts = page.evaluate("shifts")
    return shifts if sum(value for value, *_ in shifts) >= MOST else []


@pytest.mark.parametrize(
    ("address", "last"),
    [
        ("/watch?runs={one}", ".standings tbody tr"),
        ("/watch?runs={both}", ".verdict-line"),
        ("/sweeps?sweep={search}", ".search-card svg"),
        ("/workers", "#workers-list tbody tr"),
        ("/", "#runs-list .c-run"),
    ],
)
def test_what_answers_late_moves_nothing(
    instrument: Instrument, there: dict[str, str], page: Page, address: str, last: str
) -> None:
    """The page would be seen after three seconds in any case: here that clock stands still."""
    page.add_init_script(ENDLESS)
    if "{one}" in address:
        raced(page, there["one"])
    page.goto(instrument.url + address.format(**there))
    expect(page.locator(last).last).to_be_visible()
    assert moved(page) == []


def test_the_first_trial_of_a_search_that_completes_moves_nothing(
    instrument: Instrument, there: dict[str, str], page: Page
) -> None:
    begun(page, there["search"])
    page.goto(f"{instrument.url}/sweeps?sweep={there['search']}")
    seen(page)
    expect(page.locator(".search-card")).to_have_count(5)
    expect(page.locator(".search-card svg")).to_have_count(0)
    for card in page.locator(".search-card").all():
        expect(card).to_contain_text("No trial has completed yet.")
    page.unroute_all()
    expect(page.locator(".search-card svg")).to_have_count(5)
    assert moved(page) == []


@pytest.mark.parametrize("address", ["/watch?runs={one}", "/watch?runs={both}"])
def test_curves_are_seen_before_the_verdict_which_comes_into_the_room_kept_for_it(
    instrument: Instrument, there: dict[str, str], page: Page, address: str
) -> None:
    """The page would be seen after three seconds in any case: here that clock stands still."""
    page.add_init_script(ENDLESS)
    waiting: list[Route] = []

    def wait(route: Route) -> None:
        waiting.append(route)

    page.route("**/api/v1/runs/*/verdict", wait)
    page.goto(instrument.url + address.format(**there))
    seen(page)
    expect(page.locator("[data-chart='rho'] canvas")).to_be_visible()
    assert waiting
    assert page.locator(".verdict-line").count() == 0
    for route in waiting:
        route.continue_()
    expect(page.locator(".verdict-line").first).to_be_visible()
    assert moved(page) == []


@pytest.mark.parametrize("address", ["/watch?runs={one}", "/watch?runs={both}"])
def test_instruments_that_are_drawn_once_they_are_reached_are_as_high_as_before(
    instrument: Instrument, there: dict[str, str], page: Page, address: str
) -> None:
    """A click on what stands below them would go astray."""
    page.goto(instrument.url + address.format(**there))
    seen(page)
    page.wait_for_selector(".verdict-line")
    page.wait_for_load_state("networkidle")  # a run's name is shorter once all others are known
    before = page.evaluate("document.documentElement.scrollHeight")
    for words in (".classes-row", ".baseline-words li"):
        page.locator(".instrument").last.scroll_into_view_if_needed()
        expect(page.locator(words).first).to_be_visible()
    assert moved(page) == []
    assert page.evaluate("document.documentElement.scrollHeight") == before


def test_a_fold_whose_contents_come_late_pushes_nothing_that_is_seen(
    instrument: Instrument, there: dict[str, str], page: Page
) -> None:
    page.goto(f"{instrument.url}/watch?runs={there['one']}")
    seen(page)
    page.locator("#watch-settings-group > summary").click()
    page.wait_for_selector("#watch-settings-group[open][data-settling], [data-setting='lr']")
    page.evaluate("shifts.length = 0")  # a machine that is slow draws the opening itself long after the click
    expect(page.locator("[data-setting='lr']")).to_be_visible()
    expect(page.locator("#watch-checkpoints-group > summary")).to_be_visible()
    assert moved(page) == []
