"""More runs than are read one by one: what is drawn first is read first, and all else behind it."""

from collections.abc import Callable

import filled
import pytest
from arrival import seen
from instrument import Instrument
from playwright.sync_api import Page, expect

from dashboard import ahead
from rhoscope.environment import Environment

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]
STEPS = 60
EMPTY = """() => [...document.querySelectorAll('.plot-empty')].filter((one) => {
  const { top, bottom } = one.getBoundingClientRect();
  return one.checkVisibility() && bottom > 0 && top < innerHeight;
}).length"""
ROWS = "() => Object.values(window.rhoscope.stats.runs).map(({ rows }) => rows)"


@pytest.fixture(scope="module")
def runs(instrument: Instrument) -> list[str]:
    store = filled.opened(Environment(data_dir=instrument.data_dir))
    made = [filled.fill(store, STEPS, name=f"many {i}", seed=i) for i in range(ahead.MANY + 1)]
    store.close()
    return made


@pytest.fixture
def visit(
    instrument: Instrument, runs: list[str], fresh: Callable[[int, int], Page]
) -> Callable[[int, str], Page]:
    """Opens one of their pages at a width, and waits until it is seen."""

    def opened(width: int, path: str) -> Page:
        page = fresh(width, 900)
        page.goto(f"{instrument.url}/{path}?runs={','.join(runs)}")
        seen(page)
        return page

    return opened


def test_many_runs_are_seen_with_their_curves_and_no_row_counts_twice(
    runs: list[str], visit: Callable[[int, str], Page]
) -> None:
    page = visit(1280, "watch")
    assert page.evaluate(EMPTY) == 0
    page.locator("#watch-more-group summary").click()
    rate = page.locator("[data-chart='lr']")
    rate.scroll_into_view_if_needed()
    expect(rate.locator(".u-over")).to_be_visible()
    expect(rate.locator(".plot-empty")).to_be_hidden()
    assert page.evaluate(ROWS) == [STEPS] * len(runs)


def test_compared_runs_have_all_their_chips_and_columns_after_a_while(
    runs: list[str], visit: Callable[[int, str], Page]
) -> None:
    page = visit(700, "compare")
    expect(page.locator(".compare-chip")).to_have_count(len(runs))
    expect(page.locator(".compare-table thead th")).to_have_count(len(runs))
