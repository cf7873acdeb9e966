"""What a page draws, counted: each chart once, in one clip; of a wide table first what is in sight."""

from collections.abc import Callable

import filled
import pytest
from arrival import seen
from instrument import Instrument
from playwright.sync_api import Page, expect

from rhoscope.environment import Environment

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]
MANY = 40
COUNTED = """
window.counted = {};
const count = (name) => {
  const { prototype } = CanvasRenderingContext2D;
  const plain = prototype[name];
  prototype[name] = function (...given) {
    const chart = this.canvas.closest('[data-chart]')?.dataset.chart;
    const counts = (window.counted[chart] ??= {});
    counts[name] = (counts[name] ?? 0) + 1;
    return plain.apply(this, given);
  };
};
for (const name of ['clearRect', 'clip', 'stroke']) count(name);
"""
DRAWN = """(count) => Object.values(window.rhoscope?.stats.runs ?? {}).filter((run) => run.drawn >= 0).length
  === count"""


@pytest.fixture(scope="module")
def runs(instrument: Instrument) -> list[str]:
    store = filled.opened(Environment(data_dir=instrument.data_dir))
    made = [filled.fill(store, 60, name=f"seed {i}", seed=i) for i in range(MANY)]
    store.close()
    return made


@pytest.fixture
def page(fresh: Callable[[int, int], Page]) -> Page:
    page = fresh(1280, 900)
    page.add_init_script(COUNTED)
    return page


def counts(page: Page, chart: str) -> dict[str, int]:
    """How often each of the canvas's methods was called for a chart, once the page is at rest."""
    page.wait_for_timeout(1500)
    calls: dict[str, int] = page.evaluate("(chart) => window.counted[chart]", chart)
    return calls


def test_a_new_chart_is_drawn_once_for_each_drawing_and_not_by_itself(
    instrument: Instrument, runs: list[str], page: Page
) -> None:
    page.goto(f"{instrument.url}/watch?runs={runs[0]}")
    seen(page)
    page.wait_for_function(DRAWN, arg=1)
    calls = counts(page, "rho")
    assert calls["clearRect"] == 1, "uPlot draws a new chart three times, and cards change heights"
    assert calls["clip"] <= 2 * calls["clearRect"], "all lines are cut at the plot's edges at once"


def test_of_many_runs_each_line_is_stroked_once_for_each_drawing(
    instrument: Instrument, runs: list[str], page: Page
) -> None:
    page.goto(f"{instrument.url}/watch?runs={','.join(runs)}")
    seen(page)
    page.wait_for_function(DRAWN, arg=MANY)
    calls = counts(page, "loss")
    lines = 3 * MANY  # smoothed, its outliers, and its validation
    assert calls["stroke"] / calls["clearRect"] < lines + MANY + 10
    assert calls["clip"] <= 2 * calls["clearRect"]


def test_a_wide_table_has_all_its_columns_and_the_charts_below_are_drawn_once(
    instrument: Instrument, runs: list[str], page: Page
) -> None:
    page.goto(f"{instrument.url}/compare?runs={','.join(runs)}")
    heads = page.locator(".compare-table thead th")
    expect(heads.first).to_be_visible()
    expect(heads).to_have_count(MANY)
    expect(page.locator(".compare-table tbody tr").first.locator("td")).to_have_count(MANY)
    expect(page.locator("[data-chart='loss'] canvas")).to_have_count(1)
    assert counts(page, "loss")["clearRect"] <= 2
