"""The strip on top of a run: what its curves say, where that is on the charts, and what would help."""

import re
from collections.abc import Callable

import pytest
from instrument import Instrument
from playwright.sync_api import Page, expect
from trained import trained

from rhoscope.runs import Run

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]
TINTED = """(chart) => { /* the part of a plot that is tinted */
  const canvas = document.querySelector(`[data-chart='${chart}'] canvas`);
  const mark = getComputedStyle(document.documentElement).getPropertyValue('--chart-mark').trim();
  const [r, g, b] = [1, 3, 5].map((i) => parseInt(mark.slice(i, i + 2), 16));
  const { data, width } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  let tinted = 0;
  for (let i = 0; i < data.length; i += 4) {
    const near = Math.abs(data[i] - r) + Math.abs(data[i + 1] - g) + Math.abs(data[i + 2] - b) < 24;
    if (near && data[i + 3] > 20 && data[i + 3] < 90) tinted++;
  }
  return tinted / (data.length / 4); }"""


@pytest.fixture(scope="module")
def led(instrument: Instrument) -> Run:
    """An ended run in which the fast modality leads."""
    return trained(instrument, {"dataset": "synthetic", "strategy": "joint", "epochs": 8})[0]


@pytest.fixture
def page(fresh: Callable[[int, int], Page], instrument: Instrument, led: Run) -> Page:
    page = fresh(1280, 900)
    page.goto(f"{instrument.url}/watch?runs={led.id}")
    expect(page.locator(".verdict")).to_be_visible()
    return page


def test_who_leads_is_said_on_top_and_its_evidence_is_shown_on_the_chart(page: Page) -> None:
    line = page.locator("[data-line='dominance']")
    expect(line).to_have_attribute("data-mark", "found")
    expect(line).to_contain_text("Fast leads slow: its rho is")
    expect(page.locator("[data-line='balancing-pays']")).to_contain_text("Can't say")
    evidence = line.locator(".verdict-evidence")
    expect(evidence).to_contain_text("rho.fast")
    page.wait_for_selector("[data-chart='rho'] canvas")
    page.wait_for_function(f"(chart) => ({TINTED})(chart) < 0.02", arg="rho")
    evidence.click()
    expect(evidence).to_have_attribute("aria-pressed", "true")
    page.wait_for_function(f"(chart) => ({TINTED})(chart) > 0.1", arg="rho")
    evidence.click()
    page.wait_for_function(f"(chart) => ({TINTED})(chart) < 0.02", arg="rho")


def test_what_would_help_is_suggested_edited_and_tried(page: Page, instrument: Instrument, led: Run) -> None:
    page.locator("[data-action='remedies']").click()
    dialog = page.locator(".trial-dialog")
    candidates = dialog.get_by_label("Candidates, one per line")
    expect(candidates).to_have_value(re.compile("ogm-ge, alpha=0.8"))
    candidates.fill("ogm-ge, alpha=0.8\nnothing")
    dialog.get_by_role("button", name="Try them").click()
    expect(dialog.locator(".reason")).to_contain_text("nothing: strategy")
    candidates.fill("ogm-ge, alpha=0.8")
    dialog.get_by_label("Seeds").fill("5")
    dialog.get_by_label("Epochs").fill("2")
    expect(dialog).to_contain_text("2 runs with the control (joint)")
    dialog.get_by_role("button", name="Try them").click()
    expect(dialog).to_be_hidden()
    expect(page.locator(".standings")).to_contain_text("is best; ", timeout=120_000)
    sweep = instrument.client.suggestion(led.id).tried[0]
    ranked = instrument.client.ranking(sweep)
    assert ranked.over
    assert {place.rung for place in ranked.places} == {36}
    best = next(place for place in ranked.places if place.name == ranked.winner)
    assert instrument.client.run(best.runs[0]).state == "paused"
    page.locator("[data-go-on]").click()
    instrument.until(best.runs[0])
    assert instrument.client.run(best.runs[0]).state == "completed"


def test_the_next_step_is_a_button_that_launches_the_run_again_with_the_remedy(
    page: Page, instrument: Instrument, led: Run
) -> None:
    page.locator("[data-action='remedy']").click()
    page.wait_for_url(re.compile(f"runs={led.id}(,|%2C)"))
    again = instrument.client.runs(1).runs[0]
    assert (again.spec.strategy, again.spec.dataset) == ("ogm-ge", "synthetic")
    instrument.until(again.id)
