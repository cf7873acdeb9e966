"""The instruments beside the line charts: their arithmetic, and all six on one real run."""

import csv
import io
import math
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from instrument import Instrument
from PIL import Image
from playwright.sync_api import Browser, Page, expect
from trained import trained

ASSETS = Path(__file__).parents[2] / "dashboard" / "assets"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
NAMES = ["needle", "phase", "budget", "layers", "classes", "baseline"]
RUN = {"epochs": 2, "dataset": "synthetic", "train_size": 128, "batch_size": 16, "strategy": "ogm-ge"}


@pytest.fixture(scope="module")
def sums(bare: Page) -> Page:
    for name in ("25-tables", "38-balance"):
        bare.add_script_tag(path=ASSETS / f"{name}.js")
    return bare


def test_the_needle_stands_in_the_middle_when_even_and_leans_as_far_to_either_side(sums: Page) -> None:
    at = sums.evaluate("() => [1, 10, 0.1, 2, 0.5, 1e9, 0, NaN].map((r) => rhoscope.needleAt(r, 10))")
    assert at[:3] == [0.5, 1, 0]
    assert at[3] - 0.5 == pytest.approx(0.5 - at[4])
    assert at[3] == pytest.approx(0.5 + math.log(2) / math.log(10) / 2)
    assert at[5:] == [1, 0, 0.5]


def test_the_scale_holds_every_ratio_and_stays_calm(sums: Page) -> None:
    given = "[[1, 3], [0.05], [], [NaN, 5000], [0.5, 99]]"
    assert sums.evaluate(f"() => {given}.map(rhoscope.needleMost)") == [10, 100, 10, 1000, 100]


def test_the_needle_shows_the_last_twenty_steps_and_the_spread_of_the_last_hundred(sums: Page) -> None:
    now, then, none = sums.evaluate(
        """() => { const b = new rhoscope.Bins();
          for (let i = 0; i < 300; i++) b.add(i, i < 280 ? (i % 2 ? 1 : 4) : 2);
          const none = rhoscope.recent(new rhoscope.Bins(), null);
          return [rhoscope.recent(b, null), rhoscope.recent(b, 100), none]; }"""
    )
    assert now == {"step": 299, "mean": pytest.approx(2), "low": 1, "high": 4}
    assert then == {"step": 100, "mean": 4, "low": 1, "high": 4}
    assert none is None


def test_who_leads_is_said_in_words(sums: Page) -> None:
    said = sums.evaluate(
        """() => [[3.21, 0.31], [1.04, 0.96], [0.07, 14.2], []].map(([a, b]) =>
          rhoscope.lead(a ? [{name: "audio", ratio: a}, {name: "visual", ratio: b}] : []).words)"""
    )
    assert said == ["audio 3.2× ahead", "balanced", "visual 14× ahead", "balanced"]


def test_shades_grow_lighter_all_the_way(sums: Page) -> None:
    """Whoever sees no colours still sees which is more."""
    light = sums.evaluate(
        """() => Array.from({length: 41}, (_, i) => {
          const linear = (c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
          const [r, g, b] = rhoscope.shade(i / 40).match(/\\d+/g).map((c) => linear(c / 255));
          return 0.2126 * r + 0.7152 * g + 0.0722 * b; })"""
    )
    assert all(a < b for a, b in pairwise(light))
    assert light[-1] - light[0] > 0.6


def test_a_shade_stands_for_a_factor_and_what_has_no_logarithm_has_none(sums: Page) -> None:
    at = sums.evaluate("() => [0.01, 0.1, 1, 5, 0, -1, NaN].map((v) => rhoscope.logShare(v, 0.01, 1))")
    assert at == [0, pytest.approx(0.5), 1, 1, None, None, None]


def test_classes_are_sorted_by_who_is_ahead_and_those_without_examples_are_left_out(sums: Page) -> None:
    found = sums.evaluate(
        """() => { const columns = ["examples", "accuracy", "score.a", "accuracy.a", "score.b", "accuracy.b"];
          const none = [0, NaN, NaN, NaN, NaN, NaN];
          const values = [[5, 0.5, 0.1, 0, 0.4, 1], [5, 1, 0.9, 1, 0.1, 0], none, [5, 0, 0.2, 0, 0.2, 0]];
          const told = { rows: ["cat", "dog", "none", "ape"], columns };
          const rows = (pair) => rhoscope.leaning(told, { values }, pair);
          const read = (row) => [row.name, row.ratio, row.accuracy];
          return [["a", "b"], ["b", "a"]].map((pair) => rows(pair).map(read)); }"""
    )
    assert [name for name, _, _ in found[0]] == ["dog", "ape", "cat"]
    assert [ratio for _, ratio, _ in found[0]] == pytest.approx([9, 1, 0.25])
    assert [name for name, _, _ in found[1]] == ["cat", "ape", "dog"]
    assert [accuracy for _, _, accuracy in found[0]] == [1, 0, 0.5]


def test_a_gap_is_said_in_points(sums: Page) -> None:
    said = sums.evaluate(
        """() => [rhoscope.gapWords("visual", 0.612, 0.85), rhoscope.gapWords("audio", 0.75, 0.73),
          rhoscope.gapWords("audio", 0.5, 0.5), rhoscope.gapWords("audio", 0.5, null)]"""
    )
    assert said == [
        "visual: 61.2 %, alone 85.0 %: 23.8 points behind",
        "audio: 75.0 %, alone 73.0 %: 2.0 points ahead",
        "audio: 50.0 %, alone 50.0 %: level",
        "audio: 50.0 %",
    ]


def test_tables_stay_in_order_are_replaced_and_taken_back_by_a_later_attempt(sums: Page) -> None:
    found = sums.evaluate(
        """() => { const r = new rhoscope.Record("r", () => {});
          const tell = (attempt, step, epoch, value) => r.event({ kind: "table", attempt, step,
            data: { name: "layers", epoch, rows: ["a/0"], columns: ["rms"], values: [[value]] } });
          const seen = () =>
            rhoscope.told(r, "layers").frames.map((f) => [f.step, f.epoch, String(f.values[0][0])]);
          r.event({ kind: "started", attempt: 1, step: 0, data: { start_step: 0 } });
          r.last = 29;
          tell(1, 20, 1, 2); tell(1, 10, 0, 1); tell(1, 30, 2, "NaN"); tell(1, 20, 1, 5);
          const before = seen();
          r.event({ kind: "started", attempt: 2, step: 20, data: { start_step: 20 } });
          tell(1, 30, 2, 9);
          return [before, seen()]; }"""
    )
    assert found[0] == [[10, 0, "1"], [20, 1, "5"], [30, 2, "NaN"]]
    assert found[1] == [[10, 0, "1"], [20, 1, "5"]]


def test_however_many_tables_come_few_are_held_and_the_newest_always(sums: Page) -> None:
    held, newest = sums.evaluate(
        """() => { const r = new rhoscope.Record("r", () => {}), told = rhoscope.told(r, "layers");
          const data = (i) => ({ epoch: i, rows: ["a"], columns: ["b"], values: [[i]] });
          for (let i = 0; i < 5000; i++) told.take({ step: i, data: data(i) });
          return [told.frames.length, told.frames.at(-1).epoch]; }"""
    )
    assert held <= 400
    assert newest == 4999


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
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 1280, "height": 3600})
    page.set_default_timeout(20_000)
    yield page
    page.close()


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
"""How many colours stand on an instrument's canvas."""


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
        found = Axe().run(page, options={"runOnly": RULES}).response["violations"]
        assert [(one["id"], one["nodes"][0]["html"][:120]) for one in found] == []
    assert errors == []


@pytest.mark.e2e
@pytest.mark.timeout(300)
def test_what_an_instrument_shows_is_taken_home(instrument: Instrument, runs: list[str], page: Page) -> None:
    shown(page, instrument, f"runs={runs[0]}")
    page.wait_for_function(f"(name) => ({INKED})(name) > 5", arg="layers")
    saved = {}
    for name, entry in (
        ("layers", "Picture (PNG)"),
        ("layers", "Every value (CSV)"),
        ("classes", "Every value"),
    ):
        page.locator(f"[data-chart='{name}'] .card-menu").click()
        with page.expect_download() as download:
            page.locator(".menu [role='menuitem']", has_text=entry).click()
        saved[name, entry[:5]] = Path(download.value.path()).read_bytes()
    width, height = Image.open(io.BytesIO(saved["layers", "Pictu"])).size
    assert (width > 300, height > 200) == (True, True)
    told = instrument.client.tables(runs[0], "classes")
    rows = list(csv.DictReader(io.StringIO(saved["classes", "Every"].decode())))
    assert [row["row"] for row in rows] == told.rows * len(told.steps)
    assert [int(row["step"]) for row in rows][:: len(told.rows)] == told.steps
    last = [float(row["score.slow"]) for row in rows[-len(told.rows) :]]
    assert last == pytest.approx([row[told.columns.index("score.slow")] for row in told.values[-1]])
    page.locator("[data-chart='needle'] .card-menu").click()
    expect(page.locator(".menu [role='menuitem']", has_text="Picture")).to_have_count(0)


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
