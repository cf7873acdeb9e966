"""The watch page: its address says it all, its cards are arranged, its window moves, its files are true."""

import csv
import io
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import filled
import httpx
import pytest
from arrival import seen
from instrument import Instrument
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from rhoscope.environment import Environment

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]
LONG = 300_000
MANY = 32
WIDTHS = (361, 777, 1280)
SPIKE_AT = (2 * filled.NAMES.index("grad_norm.audio") + 1) * LONG // (2 * len(filled.NAMES))
NAN_AT = LONG // 3
SHOWN = "() => Object.values(window.rhoscope.stats.runs).every((r) => r.drawn >= 0)"
ORDER = """() => [...document.querySelectorAll('#watch-charts > article')]
  .filter((card) => !card.hidden).map((card) => card.dataset.chart)"""
SPIKE = """(chart) => { /* a column of a few pixels that is at least a quarter of the plot high */
  const canvas = document.querySelector(`[data-chart='${chart}'] canvas`);
  const [left, width, height] = [60, canvas.width - 90, canvas.height - 40];
  const { data } = canvas.getContext('2d').getImageData(left, 0, width, height);
  const inked = [...Array(height).keys()].map((y) => {
    let ink = 0;
    for (let x = 0; x < width; x++) if (data[4 * (y * width + x) + 3] > 20) ink++;
    return ink;
  });
  const narrow = inked.filter((ink) => ink > 0 && ink < width / 20).length;
  return { shown: narrow > height / 4, narrow, width, height, inked }; }"""
ZOOMED_OUT_AND_LEFT = """() => { /* at once: before the new window can be written into the address */
  const plot = document.querySelector("[data-chart='rho'] .plot");
  plot.dispatchEvent(new KeyboardEvent("keydown", { key: "-", bubbles: true, cancelable: true }));
  document.querySelector(".nav-link[href='/workers']").click(); }"""
MARKED = """(chart) => { /* whether a mark of a value that is not finite stands at the plot's upper edge */
  const canvas = document.querySelector(`[data-chart='${chart}'] canvas`);
  const wanted = getComputedStyle(document.documentElement).getPropertyValue('--chart-odd').trim();
  const [r, g, b] = [1, 3, 5].map((i) => parseInt(wanted.slice(i, i + 2), 16));
  const { data } = canvas.getContext('2d').getImageData(0, 14, canvas.width, 1);
  for (let i = 0; i < data.length; i += 4) {
    const off = Math.abs(data[i] - r) + Math.abs(data[i + 1] - g) + Math.abs(data[i + 2] - b);
    if (off < 12 && data[i + 3] > 200) return { shown: true };
  }
  return { shown: false, wanted, width: canvas.width, height: canvas.height }; }"""


@dataclass
class House:
    """The product, with one long run and many short ones in its store."""

    instrument: Instrument
    long: str
    short: list[str]

    def watch(self, *runs: str, **look: str) -> str:
        query = "&".join(f"{name}={value}" for name, value in look.items())
        return f"{self.instrument.url}/watch?runs={','.join(runs)}" + (f"&{query}" if query else "")


@pytest.fixture(scope="module")
def house(instrument: Instrument) -> House:
    store = filled.opened(Environment(data_dir=instrument.data_dir))
    long = filled.fill(store, LONG, name="long")
    short = [filled.fill(store, 300, name=f"seed {i}", seed=i) for i in range(MANY)]
    store.close()
    return House(instrument, long, short)


@pytest.fixture
def page(fresh: Callable[[int, int], Page]) -> Page:
    return fresh(1280, 900)


def arrive(page: Page, url: str) -> None:
    page.goto(url)
    seen(page)
    page.wait_for_function(SHOWN)


def choose(page: Page, chart: str, role: str, name: str) -> None:
    """An entry of a card's menu."""
    page.locator(f"[data-chart='{chart}'] .card-menu").click()
    page.locator(f".menu [role='{role}']", has_text=name).click()


def test_every_change_of_the_view_stands_in_its_address_and_a_fresh_browser_shows_the_same(
    house: House, page: Page, browser: Browser
) -> None:
    runs = house.short[:3]
    arrive(page, house.watch(*runs))
    choose(page, "loss", "menuitemradio", "Full width")
    choose(page, "loss", "menuitemcheckbox", "Pin to the top")
    choose(page, "k", "menuitem", "Hide")
    expect(page.locator("[data-chart='grad_norm'] .card-menu")).to_be_focused()
    page.locator("[data-chart='accuracy'] .card-menu").press("Alt+ArrowLeft")
    expect(page.locator("[data-chart='accuracy'] .card-menu")).to_be_focused()
    choose(page, "rho", "menuitemcheckbox", "Logarithmic axis")
    page.locator(".segment", has_text="visual").click()
    page.locator(f"[data-run='{runs[2]}'] .swatch").click()
    page.get_by_label("Smoothing in percent").press("ArrowRight")
    page.locator("[data-chart='rho'] .plot").press("+")
    page.wait_for_url("**zoom=*")
    wanted = ["hide=" + runs[2], "focus=visual", "scale=rho:linear", "smooth=26", "board=order,loss~fp,rho,"]
    for part in wanted:
        assert part in page.url
    with browser.new_context(viewport={"width": 1280, "height": 900}).new_page() as other:
        arrive(other, page.url)
        assert other.url == page.url
        assert other.evaluate(ORDER) == page.evaluate(ORDER)
        assert other.evaluate(ORDER)[:4] == ["loss", "rho", "accuracy", "grad_norm"]
        expect(other.locator("[data-focus][aria-pressed='true']")).to_have_text("visual")
        expect(other.get_by_label("Smoothing in percent")).to_have_value("26")
        expect(other.locator(f"[data-run='{runs[2]}'] .swatch")).to_have_attribute("aria-pressed", "false")
        assert other.locator(".zoom-pill").inner_text() == page.locator(".zoom-pill").inner_text()
        other.context.close()
    arrive(page, house.watch(*runs))
    assert page.evaluate(ORDER)[:4] == ["loss", "rho", "accuracy", "grad_norm"], "it is remembered"
    page.locator(".view-menu").click()
    page.get_by_role("menuitem", name="Show K").click()
    page.locator(".view-menu").click()
    page.get_by_role("menuitem", name="Reset").click()
    assert page.evaluate(ORDER)[:5] == ["rho", "k", "grad_norm", "loss", "accuracy"]


def test_the_address_of_a_view_survives_other_pages_other_runs_and_the_way_back(
    house: House, page: Page
) -> None:
    arrive(page, house.watch(house.short[0]))
    pill = page.locator(".zoom-pill")
    page.locator("[data-chart='rho'] .plot").press("+")
    page.wait_for_url("**zoom=*")
    before = pill.inner_text()
    page.evaluate(ZOOMED_OUT_AND_LEFT)
    page.wait_for_url("**/workers")
    page.wait_for_timeout(600)
    assert page.url.endswith("/workers"), "what was not yet written belongs to the page that was left"
    page.go_back()
    expect(pill).to_be_visible()
    zoomed, said = page.url, pill.inner_text()
    assert said != before, "it was written there as the page was left"
    page.evaluate(f"rhoscope.go('/watch?runs={house.short[1]}')")
    expect(page.locator(".run-name")).to_have_text("seed 1")
    expect(pill).to_have_count(0)
    page.go_back()
    expect(page.locator(".run-name")).to_have_text("seed 0")
    expect(pill).to_have_text(said.replace("\n", ""))
    page.evaluate(f"rhoscope.go('/watch?runs={house.short[0]}')")
    expect(pill).to_have_count(0)
    page.go_back()
    expect(pill).to_have_text(said.replace("\n", ""))
    assert page.url == zoomed


def test_a_window_is_moved_and_scaled_by_hand_and_reads_down_to_the_single_step(
    house: House, page: Page
) -> None:
    arrive(page, house.watch(house.long))
    over = page.locator("[data-chart='rho'] .u-over")
    box = over.bounding_box() or {"x": 0.0, "y": 0.0}
    at = (box["x"] + 200, box["y"] + 60)
    page.mouse.move(*at)
    page.keyboard.down("Control")
    for _ in range(22):
        page.mouse.wheel(0, -50)
    page.keyboard.up("Control")
    pill = page.locator(".zoom-pill [role='status']")
    expect(pill).to_be_visible()
    page.wait_for_timeout(100)
    near = steps_of(pill.inner_text())
    assert near[1] - near[0] < 100
    page.keyboard.down("Shift")
    page.mouse.down()
    page.mouse.move(at[0] - 90, at[1], steps=5)
    page.mouse.up()
    page.keyboard.up("Shift")
    moved = steps_of(pill.inner_text())
    assert moved[0] > near[0]
    assert moved[1] - moved[0] == pytest.approx(near[1] - near[0], abs=1)
    page.mouse.wheel(-400, 0)
    expect(pill).not_to_have_text(f"Steps {moved[0]:,} – {moved[1]:,}")
    page.wait_for_load_state("networkidle")
    page.mouse.move(at[0] + 5, at[1])
    expect(page.locator("[data-chart='rho'] .tooltip-step")).to_contain_text("Step ")
    page.get_by_role("button", name="Show all steps").click()
    expect(page.locator(".zoom-pill")).to_have_count(0)
    page.wait_for_url(lambda url: "zoom" not in url)


def steps_of(text: str) -> tuple[int, int]:
    """The two steps of "Steps 1,000 – 2,000"."""
    first, last = text.removeprefix("Steps ").split(" – ")
    return int(first.replace(",", "")), int(last.replace(",", ""))


def test_one_spike_and_one_nan_of_a_long_run_are_seen_at_every_zoom(house: House, page: Page) -> None:
    page.set_viewport_size({"width": WIDTHS[0], "height": 2400})
    arrive(page, house.watch(house.long))
    for width, span in product(WIDTHS, (LONG, 77_777, 5_001, 333, 12)):
        page.set_viewport_size({"width": width, "height": 2400})
        for chart, at in (("grad_norm", SPIKE_AT), ("loss", NAN_AT)):
            first = max(0, at - span // 3)
            page.evaluate(
                f"rhoscope.address.set({{zoom: '{first}-{first + span}'}}); rhoscope.address.settle()"
            )
            seen = page.evaluate("() => rhoscope.stats.zooms ?? 0")
            page.evaluate("window.dispatchEvent(new PopStateEvent('popstate'))")
            expect(page.locator(".zoom-pill [role='status']")).to_contain_text(f"{first:,}")
            page.wait_for_function("(seen) => (rhoscope.stats.zooms ?? 0) > seen", arg=seen)
            assert visible(page, SPIKE if chart == "grad_norm" else MARKED, chart), (chart, span, width)


def visible(page: Page, sign: str, chart: str) -> bool:
    """Whether a chart comes to show a sign; if not, what it shows instead is printed."""
    for _ in range(100):
        seen = page.evaluate(sign, chart)
        if seen["shown"]:
            return True
        page.wait_for_timeout(200)
    print(seen, page.evaluate("() => rhoscope.stats"), page.locator("main").aria_snapshot())  # noqa: T201
    return False


def test_a_chart_is_saved_as_picture_drawing_and_exact_values(house: House, page: Page) -> None:
    first, second = house.short[:2]
    arrive(page, house.watch(first, second, zoom="20-119", focus="audio"))
    saved = {}
    for kind in ("PNG", "SVG", "CSV"):
        with page.expect_download() as download:
            choose(page, "rho", "menuitem", kind)
        assert download.value.suggested_filename == f"rho_2-runs_steps-20-119.{kind.lower()}"
        saved[kind] = Path(download.value.path()).read_bytes()
    picture = Image.open(io.BytesIO(saved["PNG"]))
    assert picture.width == 1920
    assert len(picture.getcolors(1_000_000) or []) > 10
    drawing = ET.fromstring(saved["SVG"])
    words = " ".join(text.text or "" for text in drawing.iter("{http://www.w3.org/2000/svg}text"))
    assert "seed 0 · audio" in words
    assert "Rho" in words
    table = list(csv.reader(io.StringIO(saved["CSV"].decode())))
    assert table[0] == ["step", f"seed 0 ({first}) rho.audio", f"seed 1 ({second}) rho.audio"]
    assert [int(row[0]) for row in table[1:]] == list(range(20, 120))
    answer = httpx.get(
        f"{house.instrument.api_url}/api/v1/runs/{second}/series",
        params={"names": "rho.audio", "start": 20, "end": 119, "points": 5000},
    )
    assert [float(row[2]) for row in table[1:]] == answer.json()["series"][0]["values"]


def test_many_runs_are_a_list_that_is_searched_shown_hidden_and_lit(house: House, page: Page) -> None:
    arrive(page, house.watch(*house.short))
    rows = page.locator(".row:visible")
    expect(rows).to_have_count(MANY)
    colors = page.evaluate(
        """() => [...document.querySelectorAll('.row')].map((row) => row.style.getPropertyValue('--run'))"""
    )
    assert len(set(colors[:20])) == 20
    page.locator(".roster-search").fill("seed 1")
    expect(rows).to_have_count(13)
    page.get_by_role("button", name="Show these").click()
    expect(page.locator(".row .swatch[aria-pressed='true']")).to_have_count(13)
    page.locator(".roster-search").fill("")
    page.locator(f".row[data-run='{house.short[5]}'] .swatch").click(modifiers=["Alt"])
    expect(page.locator(".row .swatch[aria-pressed='true']")).to_have_count(1)
    page.get_by_role("button", name="Show all").click()
    page.wait_for_url(lambda url: "hide" not in url)
    page.get_by_label("Series whose newest value").select_option("rho.audio")
    expect(rows.first.locator(".row-value")).not_to_have_text("–")
    rows.first.get_by_role("button", name="More of seed 0").click()
    expect(rows.first.locator(".run-chip")).to_contain_text("300 / 300")
    ink = "() => document.querySelector(\"[data-chart='loss'] canvas\").toDataURL().length"
    page.mouse.move(5, 5)
    page.wait_for_timeout(300)
    before = page.evaluate(ink)
    rows.nth(3).hover()
    page.wait_for_function(f"(before) => ({ink})() !== before", arg=before)


def test_a_menu_is_used_with_the_keyboard_alone(house: House, page: Page) -> None:
    arrive(page, house.watch(house.short[0]))
    button = page.locator("[data-chart='rho'] .card-menu")
    button.focus()
    page.keyboard.press("ArrowDown")
    expect(button).to_have_attribute("aria-expanded", "true")
    expect(page.locator(".menu [role^='menuitem']").first).to_be_focused()
    page.keyboard.press("End")
    expect(page.get_by_role("menuitemradio", name="Tall")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("menu")).to_have_count(0)
    expect(button).to_be_focused()
    high = page.locator("[data-chart='rho'] .plot").evaluate("(plot) => plot.clientHeight")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("t")
    page.keyboard.press("Enter")
    page.wait_for_function(
        "(high) => document.querySelector(\"[data-chart='rho'] canvas\").clientHeight > 1.5 * high", arg=high
    )


def test_a_card_is_dragged_to_another_place(house: House, page: Page) -> None:
    arrive(page, house.watch(house.short[0]))
    page.locator("[data-chart='rho'] .chart-head h3").drag_to(
        page.locator("[data-chart='grad_norm']"), target_position={"x": 500, "y": 60}
    )
    page.wait_for_url("**board=order,k,grad_norm,rho*")
    assert page.evaluate(ORDER)[:3] == ["k", "grad_norm", "rho"]
