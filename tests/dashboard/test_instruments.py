"""The instruments beside the line charts: their arithmetic, and all six on one real run."""

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from accessibility import violations
from instrument import Instrument
from PIL import Image
from playwright.sync_api import Page, expect
from trained import trained

NAMES = ["needle", "phase", "budget", "layers", "classes", "baseline"]
RUN = {"epochs": 2, "dataset": "synthetic", "train_size": 128, "batch_size": 16, "strategy": "ogm-ge"}


@pytest.fixture(scope="module")
def runs(instrument: Instrument) -> list[str]:
    """One that measures all there is, a plain one, and one modality alone."""
    wanted = [
        {"noise_budget_every": 2, "baseline_epochs": 1, "name": "all"},
        {"name": "plain"},
        {"only": "slow", "strategy": "joint", "name": "slow only"},
    ]
    return [run.id for run in trained(instrument, *(RUN | more for more in wanted))]


@pytest.fixture
def page(fresh: Callable[[int, int], Page]) -> Page:
    return fresh(1280, 3600)


def shown(page: Page, instrument: Instrument, query: str) -> None:
    page.goto(f"{instrument.url}/watch?{query}")
    page.wait_for_function("() => Object.values(window.rhoscope.stats.runs).some((r) => r.drawn >= 0)")


INKED = """(name) => { const canvas = document.querySelector(`[data-chart='${name}'] canvas`);
  if (!canvas?.width) return 0;
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  const seen = new Set();
  for (let i = 0; i < data.length; i += 4) {
    if (data[i + 3] > 100) seen.add((data[i] << 16) | (data[i + 1] << 8) | data[i + 2]);
  }
  return seen.size; }"""
"""How many colors stand on an instrument's canvas."""


@pytest.mark.e2e
@pytest.mark.timeout(300)
def test_all_six_draw_one_real_run_and_axe_finds_nothing(
    instrument: Instrument, runs: list[str], page: Page
) -> None:
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    shown(page, instrument, f"runs={runs[0]}")
    card = {name: page.locator(f"[data-chart='{name}']") for name in NAMES}
    for name in NAMES:
        expect(card[name]).to_be_visible()
        expect(card[name].locator(".instrument-body")).to_be_visible()
    expect(card["needle"].locator(".needle-words")).to_have_text(re.compile("ahead|balanced"))
    expect(page.locator(".run-chip .lead")).to_have_text(card["needle"].locator(".needle-words").inner_text())
    expect(card["needle"].locator(".needle-k")).to_have_count(2)
    expect(page.locator(".instrument-empty:visible")).to_have_count(0)
    expect(card["classes"].locator(".classes-list > li")).to_have_count(8)
    expect(card["classes"].locator("output")).to_have_text("epoch 1")
    expect(card["baseline"].locator("li").first).to_contain_text("alone")
    for name in ("phase", "budget", "layers", "baseline"):
        page.wait_for_function(f"(name) => ({INKED})(name) > 5", arg=name)
    card["classes"].get_by_label("Epoch").press("ArrowLeft")
    expect(card["classes"].locator("output")).to_have_text("epoch 0")
    page.wait_for_url("**epoch=0**")
    card["layers"].locator("canvas").hover(position={"x": 300, "y": 20})
    expect(card["layers"].locator(".tooltip")).to_contain_text("epoch")
    for name in NAMES:
        card[name].locator("[aria-controls]").first.click()
        expect(card[name].locator(".about")).to_be_visible()
        card[name].locator("[aria-controls]").first.click()
    for scheme in ("light", "dark"):
        page.locator(f"[data-scheme='{scheme}']").click()
        assert violations(page) == []
    assert errors == []


@pytest.mark.e2e
@pytest.mark.timeout(300)
def test_what_an_instrument_shows_is_taken_home(instrument: Instrument, runs: list[str], page: Page) -> None:
    shown(page, instrument, f"runs={runs[0]}")
    page.wait_for_function(f"(name) => ({INKED})(name) > 5", arg="layers")
    saved = {}
    for name, entry in (
        ("layers", "PNG image"),
        ("layers", "Raw values (CSV)"),
        ("classes", "Raw values"),
    ):
        page.locator(f"[data-chart='{name}'] .card-menu").click()
        with page.expect_download() as download:
            page.locator(".menu [role='menuitem']", has_text=entry).click()
        saved[name, entry[:5]] = Path(download.value.path()).read_bytes()
    width, height = Image.open(io.BytesIO(saved["layers", "PNG i"])).size
    assert (width > 300, height > 200) == (True, True)
    answer = instrument.client.tables(runs[0], "classes")
    rows = list(csv.DictReader(io.StringIO(saved["classes", "Raw v"].decode())))
    assert [row["row"] for row in rows] == answer.rows * len(answer.steps)
    assert [int(row["step"]) for row in rows][:: len(answer.rows)] == answer.steps
    last = [float(row["score.slow"]) for row in rows[-len(answer.rows) :]]
    assert last == pytest.approx([row[answer.columns.index("score.slow")] for row in answer.values[-1]])
    page.locator("[data-chart='needle'] .card-menu").click()
    expect(page.locator(".menu [role='menuitem']", has_text="PNG image")).to_have_count(0)


@pytest.mark.e2e
@pytest.mark.timeout(300)
def test_what_was_not_measured_says_how_to_get_it_and_a_baseline_can_be_chosen(
    instrument: Instrument, runs: list[str], page: Page
) -> None:
    shown(page, instrument, f"runs={runs[1]}")
    expect(page.locator("[data-chart='budget']")).to_contain_text(
        "Launch with noise_budget_every = 50 to see this."
    )
    baseline = page.locator("[data-chart='baseline']")
    expect(baseline).to_contain_text("baseline_epochs")
    baseline.get_by_label("slow alone").select_option(label=baseline_option(instrument, runs[2]))
    expect(baseline.locator("li", has_text="slow")).to_contain_text("alone")
    page.wait_for_url(f"**alone.slow={runs[2]}**")
    page.reload()
    expect(baseline.locator("li", has_text="slow")).to_contain_text("alone")


def baseline_option(instrument: Instrument, run: str) -> str:
    best = instrument.client.run(run).best["val.accuracy"]
    return f"slow only · {100 * best:.1f} %"


@pytest.mark.e2e
@pytest.mark.timeout(300)
def test_several_runs_share_needle_and_phase_and_one_of_them_is_chosen_for_the_others(
    instrument: Instrument, runs: list[str], page: Page
) -> None:
    shown(page, instrument, f"runs={runs[1]},{runs[0]}")
    expect(page.locator(".needle")).to_have_count(2)
    budget = page.locator("[data-chart='budget']")
    expect(budget).to_contain_text("noise_budget_every")
    budget.get_by_label("Run").select_option(label="all")
    page.wait_for_function(f"(name) => ({INKED})(name) > 5", arg="budget")
    page.wait_for_url(f"**of={runs[0]}**")
    expect(page.locator("[data-chart='layers']").get_by_label("Run")).to_have_value(runs[0])
