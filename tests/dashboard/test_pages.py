"""The pages as a person meets them: nothing foreign is loaded, nothing clipped, a missing part is told."""

import re
import signal
from collections.abc import Callable
from typing import Literal

import pytest
from arrival import seen
from instrument import Instrument
from playwright.sync_api import ConsoleMessage, Page, Request, expect
from trained import trained

from rhoscope.runs import Run

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]
SMALL = {"dataset": "synthetic", "epochs": 3, "train_size": 128, "batch_size": 16}
WIDTHS = {"phone": 390, "laptop": 1280, "desk": 1920}
FRAMES = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


@pytest.fixture(scope="module")
def runs(instrument: Instrument) -> list[Run]:
    """Two runs that have ended."""
    specs = [
        SMALL | {"strategy": s, "name": f"a rather long name of a run with {s}"} for s in ("joint", "ogm-ge")
    ]
    return trained(instrument, *specs)


class Visitor:
    """A page, and everything it asked for or complained of."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.requests: list[str] = []
        self.complaints: list[str] = []
        page.on("request", self._note)
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _note(self, request: Request) -> None:
        self.requests.append(request.url)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)


@pytest.fixture
def visitor(fresh: Callable[[int, int], Page]) -> Visitor:
    page = fresh(1280, 900)
    page.emulate_media(color_scheme="light")
    return Visitor(page)


def addresses(instrument: Instrument, runs: list[Run]) -> list[str]:
    both = ",".join(run.id for run in runs)
    return [
        f"{instrument.url}/",
        f"{instrument.url}/watch?runs={runs[0].id}",
        f"{instrument.url}/watch?runs={both}",
        f"{instrument.url}/workers",
    ]


def arrive(page: Page, url: str) -> None:
    """Go there and wait until everything stands."""
    page.goto(url)
    seen(page)
    if "watch" in url:
        page.wait_for_function("() => Object.values(window.rhoscope.stats.runs).every((r) => r.drawn >= 0)")
        page.locator("[data-chart='accuracy']").scroll_into_view_if_needed()
        expect(page.locator("[data-chart='accuracy'] canvas")).to_be_visible()
    elif "workers" in url:
        expect(page.locator("#workers-list tbody tr")).to_have_count(1)
    else:
        expect(page.locator("#launch")).to_be_enabled()


def test_nothing_is_loaded_from_elsewhere_and_nothing_complains(
    instrument: Instrument, runs: list[Run], visitor: Visitor
) -> None:
    """In both schemes: each page comes in one, and changes to the other while it is looked at."""
    schemes: list[Literal["light", "dark"]] = ["light", "dark"]
    for url in addresses(instrument, runs):
        visitor.page.emulate_media(color_scheme=schemes[0])
        arrive(visitor.page, url)
        schemes.reverse()
        visitor.page.emulate_media(color_scheme=schemes[0])
        scheme = f"() => document.documentElement.dataset.mantineColorScheme === '{schemes[0]}'"
        visitor.page.wait_for_function(scheme)
        visitor.page.evaluate(FRAMES)
    own = instrument.url.removeprefix("http://")
    foreign = [url for url in visitor.requests if own not in url and not url.startswith(("data:", "blob:"))]
    assert foreign == []
    assert visitor.complaints == []


@pytest.mark.parametrize("number", range(4), ids=["runs", "one", "both", "workers"])
def test_no_page_is_wider_than_the_screen(
    instrument: Instrument, runs: list[Run], visitor: Visitor, number: int
) -> None:
    """It comes on the narrowest screen, and the others follow as when a window is drawn larger."""
    for name, width in WIDTHS.items():
        visitor.page.set_viewport_size({"width": width, "height": 900})
        if name == "phone":
            arrive(visitor.page, addresses(instrument, runs)[number])
        visitor.page.evaluate(FRAMES)
        assert visitor.page.evaluate("() => document.documentElement.scrollWidth") <= width, name


def test_a_chart_explains_itself_in_the_words_of_its_declaration(
    instrument: Instrument, runs: list[Run], visitor: Visitor
) -> None:
    declared = {series.name: series for series in runs[1].series}
    arrive(visitor.page, f"{instrument.url}/watch?runs={runs[1].id}")
    card = visitor.page.locator("[data-chart='rho']")
    card.get_by_role("button", name=re.compile("About")).click()
    expect(card.locator(".formula").first).to_have_text(declared["rho.fast"].formula)
    expect(card.locator(".about")).to_contain_text(declared["rho.fast"].help)


def test_every_input_of_the_form_has_a_name(instrument: Instrument, visitor: Visitor) -> None:
    arrive(visitor.page, instrument.url)
    visitor.page.locator("#all-settings-group summary").click()
    expect(visitor.page.locator("#setting-epochs")).to_be_visible()
    unnamed = visitor.page.evaluate(
        """() => [...document.querySelectorAll('#launch-form input')]
          .filter((i) => i.type !== 'hidden' && !i.labels?.length && !i.getAttribute('aria-label'))
          .map((i) => i.id)"""
    )
    assert unnamed == []


def test_a_mistake_in_the_form_is_said_at_its_field_and_nothing_is_launched(
    instrument: Instrument, visitor: Visitor
) -> None:
    before = len(instrument.client.runs().runs)
    arrive(visitor.page, instrument.url)
    visitor.page.locator("#setting-alpha").fill("-1")
    visitor.page.locator("#setting-batch_size").fill("0")
    visitor.page.locator("#launch").click()
    for name in ("alpha", "batch_size"):
        expect(visitor.page.locator(f"#setting-{name}")).to_have_attribute("aria-invalid", "true")
    assert len(instrument.client.runs().runs) == before
    visitor.page.locator("#setting-alpha").fill("0.8")
    visitor.page.locator("#setting-batch_size").fill("64")
    visitor.page.locator("#setting-epochs").fill("1")
    visitor.page.locator("#launch").click()
    visitor.page.wait_for_url("**/watch?runs=*")


def test_an_unknown_run_is_said_in_words(instrument: Instrument, visitor: Visitor) -> None:
    visitor.page.goto(f"{instrument.url}/watch?runs=no-such-run")
    expect(visitor.page.locator("main")).to_contain_text("no-such-run")


def test_while_the_api_is_away_the_page_says_so_and_then_heals(
    instrument: Instrument, visitor: Visitor
) -> None:
    arrive(visitor.page, instrument.url)
    (backend, *_) = instrument.programs("-m backend")
    backend.send_signal(signal.SIGKILL)
    expect(visitor.page.locator("#connection")).to_have_attribute("data-up", "false")
    expect(visitor.page.locator("#connection")).to_have_attribute("data-up", "true")
    expect(visitor.page.locator("#banner")).to_be_hidden()
