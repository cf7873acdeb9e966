"""How fine a zoom is read: as the widest chart can show it, and again for one that becomes wider."""

from collections.abc import Callable
from urllib.parse import parse_qs, urlparse

import filled
import pytest
from arrival import seen
from instrument import Instrument
from playwright.sync_api import Page

from rhoscope.environment import Environment

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]
LONG = 100_000
ZOOMED = "(before) => (rhoscope.stats.zooms ?? 0) > before"


@pytest.fixture(scope="module")
def run(instrument: Instrument) -> str:
    store = filled.opened(Environment(data_dir=instrument.data_dir))
    made = filled.fill(store, LONG, name="long")
    store.close()
    return made


@pytest.fixture
def page(fresh: Callable[[int, int], Page]) -> Page:
    return fresh(1280, 900)


def test_a_chart_that_becomes_wider_has_its_detail_read_again_and_finer(
    instrument: Instrument, run: str, page: Page
) -> None:
    points: list[int] = []

    def note(url: str) -> None:
        query = parse_qs(urlparse(url).query)
        if "start" in query:
            points.append(int(query["points"][0]))

    page.on("request", lambda request: note(request.url))
    page.goto(f"{instrument.url}/watch?runs={run}")
    seen(page)
    page.wait_for_function("() => Object.values(rhoscope.stats.runs).every((one) => one.drawn >= 0)")
    plot = page.locator("[data-chart='rho'] .plot")
    narrow = plot.evaluate("(plot) => plot.clientWidth")
    before = page.evaluate("() => rhoscope.stats.zooms ?? 0")
    plot.press("+")
    page.wait_for_function(ZOOMED, arg=before)
    assert points == [512 * -(-4 * narrow // 512)]
    page.get_by_role("button", name="More of Rho").click()
    page.get_by_role("menuitemradio", name="Full").click()
    page.wait_for_function(ZOOMED, arg=before + 1)
    wide = plot.evaluate("(plot) => plot.clientWidth")
    assert wide > 1.5 * narrow
    assert points[1:] == [512 * -(-4 * wide // 512)]
