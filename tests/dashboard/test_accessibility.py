"""What a screen reader, a weak eye or a keyboard needs: axe-core finds nothing, on no page in no scheme."""

import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import httpx
import numpy as np
import nursery
import pytest
from accessibility import LOOKS, RULES, violations
from arrival import seen
from instrument import Instrument, wait_for
from nursery import RHOSCOPE
from playwright.sync_api import Page, expect
from searched import searched
from trained import swept, trained

import rhoscope

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]
PAGES = [
    "/",
    "/?set=alpha:0.1_0.8,lr:-3",
    "/watch?runs={run}",
    "/watch?runs={both}",
    "/watch?runs={ended}&open=story,settings,checkpoints,log,lineage,about&events=alert",
    "/compare",
    "/compare?runs={both},nobody",
    "/compare?sweep={sweep}&by=alpha&align=time",
    "/sweeps",
    "/sweeps?sweep={sweep}",
    "/workers",
    "/no",
]
OWN = [
    "/?set=program:plain",
    "/watch?runs={shown}&open=media",
    "/watch?runs={sampled}&open=samples",
    "/sweeps?sweep={search}",
]
"""What a user's own program and a search add, looked at on a phone and at 200 % zoom as well."""
NARROW = (640, 390)
OPEN = "(folds) => folds.forEach((fold) => (fold.open = true))"
SCHEMES: tuple[tuple[Literal["light", "dark"], tuple[str, ...]], ...] = (
    ("light", RULES),
    ("dark", ("color-contrast", "link-in-text-block")),  # what else there is is as in the light
)
BASE = {"epochs": 1, "dataset": "synthetic", "train_size": 128, "batch_size": 16}


@pytest.fixture(scope="module")
def there(instrument: Instrument) -> dict[str, str]:
    """An ended sweep, a run that trains, and one that waits."""
    made = swept(instrument, {"base": BASE, "grid": {"alpha": [0.1, 1.5]}})
    live = instrument.client.launch(BASE | {"epochs": 1000, "step_delay_ms": 500}).id
    instrument.client.launch({})
    instrument.until_step(live, 5)
    return {
        "run": live,
        "both": ",".join(run.id for run in made.runs),
        "sweep": made.id,
        "ended": made.runs[0].id,
    }


@pytest.fixture(scope="module")
def own(instrument: Instrument, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """A user's program that its worker announces, what a run shows, single examples, a search, a channel."""
    project = tmp_path_factory.mktemp("project")
    shutil.copytree(Path(__file__).parent.parent / "driving" / "program", project, dirs_exist_ok=True)
    (project / "environment").symlink_to(Path(sys.executable).parent.parent)
    environment = instrument.environment | {"RHOSCOPE_DATA_DIR": str(instrument.data_dir)}
    command = [RHOSCOPE, "worker", "--device", "cpu", "--project", str(project)]
    channel = {"name": "A chat with a name that takes more than one line", "address": "jsons://127.0.0.1:1/x"}
    httpx.post(f"{instrument.api_url}/api/v1/channels", json=channel).raise_for_status()
    with nursery.begin(command, env=environment) as worker:
        wait_for(lambda: instrument.client.catalog().find("program", "plain"), 60, "the program")
        (sampled,) = trained(instrument, BASE | {"modalities": 3})
        yield {"shown": shown(instrument, project), "sampled": sampled.id, "search": searched(instrument)}
        worker.send_signal(signal.SIGINT)


def shown(instrument: Instrument, folder: Path) -> str:
    """A run that shows a picture, a sound, a long text, and a wide table, at two steps."""
    run = rhoscope.init("gallery", dir=folder / "runs", url=instrument.api_url, system=False)
    for step in range(2):
        run.log({"loss": 1.0}, step)
        run.media("map", np.full((8, 8), step / 2), caption="Where the encoder looks")
        run.media("tone", np.zeros(400), rate=16_000)
        run.media("words", "unbroken" * 200)
        run.media("errors", [{f"column {i}": row / 7 + step for i in range(12)} for row in range(40)])
    run.finish()
    instrument.until(run.id)
    wait_for(lambda: gallery(instrument, run.id), 30, "what it shows")
    return run.id


def gallery(instrument: Instrument, run: str) -> bool:
    """Whether everything it shows has arrived."""
    answer = httpx.get(f"{instrument.api_url}/api/v1/runs/{run}/media").json()
    return {item["name"] for item in answer["items"]} == {"map", "tone", "words", "errors"}


@pytest.fixture
def page(fresh: Callable[[int, int], Page]) -> Page:
    return fresh(1280, 1000)


@pytest.mark.parametrize("address", PAGES)
def test_axe_finds_nothing_in_either_scheme(
    instrument: Instrument, there: dict[str, str], page: Page, address: str
) -> None:
    page.goto(instrument.url + address.format(**there))
    page.wait_for_load_state("networkidle" if address == "/no" else "load")
    if address != "/no":
        seen(page)
    if urlsplit(address).path == "/":  # the form comes after the page: only then are there folds to open
        expect(page.locator("#launch")).to_be_enabled()
    if "set=" not in address:  # the form's folds are those of the address without a setting
        page.locator("#page details").evaluate_all(OPEN)
    if address == "/":
        expect(page.locator("#all-settings .setting").first).to_be_attached()
        expect(page.locator("#also-choices [data-preset]")).to_be_attached()
    for scheme, rules in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        if address == "/no":  # no program: it is as it was when it came
            page.reload()
        page.wait_for_function(f"() => document.documentElement.dataset.mantineColorScheme === '{scheme}'")
        assert violations(page, rules) == [], scheme


@pytest.mark.parametrize("address", OWN)
def test_pages_of_ones_own_programs_and_of_searches_are_for_everybody_at_any_width(
    instrument: Instrument, own: dict[str, str], page: Page, address: str
) -> None:
    page.goto(instrument.url + address.format(**own))
    seen(page)
    arrived(page, address)
    for scheme, rules in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        page.wait_for_function(f"() => document.documentElement.dataset.mantineColorScheme === '{scheme}'")
        assert violations(page, rules) == [], scheme
    for width in NARROW:
        page.set_viewport_size({"width": width, "height": 800})
        assert sticking_out(page) == [], width
        assert violations(page, ["scrollable-region-focusable", "target-size"]) == [], width


def arrived(page: Page, address: str) -> None:
    """Wait for what only this page has."""
    if "program" in address:
        expect(page.locator("#setting-lr")).to_be_visible()
        page.locator("#page details").evaluate_all(OPEN)
    elif "media" in address:
        expect(page.locator("#watch-media figure")).to_have_count(4)
        expect(page.locator("#watch-media tbody tr")).to_have_count(40)
    elif "samples" in address:
        fold = page.locator("#watch-samples-group")
        rows = fold.locator(".samples-table tbody tr")
        expect(rows.first).to_be_visible()
        whole = rows.count()
        fold.get_by_label("Class", exact=True).select_option("3")  # rows are alike, and axe looks at each
        expect(rows).not_to_have_count(whole)
        page.locator(".samples-open").first.click()
        expect(page.locator(".samples-over-time .samples-key")).to_have_count(4)
    else:
        expect(page.locator(".search-card svg")).to_have_count(5)


def sticking_out(page: Page) -> list[str]:
    """The page's elements that reach beyond its right edge, unless something scrolls around them."""
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    result: list[str] = page.evaluate(STICKING_OUT)
    return result


STICKING_OUT = """() => {
  const { documentElement: root } = document;
  if (root.scrollWidth > innerWidth) return [`the page: ${root.scrollWidth}`];
  const overflowX = (one) => getComputedStyle(one).overflowX;
  const scrolls = (one) => one && (overflowX(one) !== "visible" || scrolls(one.parentElement));
  return [...document.querySelectorAll("#page *")]
    .filter((one) => one.getBoundingClientRect().right > innerWidth + 1 && !scrolls(one.parentElement))
    .map((one) => `${one.tagName}.${one.className}`);
}"""


def test_channels_are_for_everybody_at_any_width(
    instrument: Instrument, own: dict[str, str], page: Page
) -> None:
    page.set_viewport_size({"width": min(NARROW), "height": 800})
    page.goto(f"{instrument.url}/workers")
    seen(page)
    page.locator("#bell").click()
    page.get_by_role("button", name="Channels", exact=True).click()
    expect(page.locator(".channels li")).to_have_count(1)
    for width in sorted([1280, *NARROW]):
        page.set_viewport_size({"width": width, "height": 800})
        boxes = page.locator(".channel-form fieldset input")
        lefts = [box["x"] for one in boxes.all() if (box := one.bounding_box())]
        assert lefts.count(min(lefts)) >= 2  # rows begin under each other, also the one beside the legend
        assert lefts[0] == min(lefts)
        for scheme, rules in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            assert violations(page, rules) == [], (width, scheme)
        assert sticking_out(page) == [], width


def test_everything_has_a_key_and_the_list_of_them_opens_and_closes(
    instrument: Instrument, there: dict[str, str], page: Page
) -> None:
    page.goto(f"{instrument.url}/compare")
    seen(page)
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(dialog).to_be_visible()
    expect(dialog).to_contain_text("Follow live after zooming")
    assert violations(page) == []
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    page.keyboard.press("g")
    page.keyboard.press("w")
    page.wait_for_url("**/workers")
    page.keyboard.press("t")
    expect(page.locator("[data-scheme='dark']")).to_have_attribute("aria-pressed", "true")


def test_keys_typed_into_a_field_are_text(instrument: Instrument, there: dict[str, str], page: Page) -> None:
    page.goto(instrument.url)
    alpha = page.locator("#setting-alpha")
    alpha.fill("")
    alpha.press_sequentially("?gwt")
    expect(alpha).to_have_value("?gwt")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert urlsplit(page.url).path == "/"  # what is typed is in the address once it was checked


def test_of_texts_that_look_alike_one_is_measured_and_an_odd_one_is_found(page: Page) -> None:
    row = "<li style='color: {}'>text</li>"
    rows = [row.format("#222")] * 30
    page.set_content(f"<html lang=en><title>t</title><main><h1>h</h1><ul>{''.join(rows)}</ul></main>")
    assert violations(page) == []
    assert page.evaluate(f"() => ({LOOKS})().length") == 2  # the heading, and one row
    rows[20] = row.format("#ddd")
    page.set_content(f"<html lang=en><title>t</title><main><h1>h</h1><ul>{''.join(rows)}</ul></main>")
    assert [rule for _, rule, _ in violations(page)] == ["color-contrast"]
