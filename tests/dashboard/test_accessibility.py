"""What a screen reader, a weak eye or a keyboard needs: axe-core finds nothing, on no page in no scheme."""

from collections.abc import Iterator
from typing import Literal
from urllib.parse import urlsplit

import pytest
from accessibility import RULES, violations
from arrival import seen
from instrument import Instrument
from playwright.sync_api import Browser, Page, expect
from trained import swept

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
SCHEMES: tuple[tuple[Literal["light", "dark"], tuple[str, ...]], ...] = (
    ("light", RULES),
    ("dark", ("color-contrast", "link-in-text-block")),  # what else there is is as in the light
)
BASE = {"epochs": 1, "dataset": "synthetic", "train_size": 128, "batch_size": 16}


@pytest.fixture(scope="module")
def there(instrument: Instrument) -> dict[str, str]:
    """An ended sweep, a run that trains, and one that waits."""
    made = swept(instrument, {"base": BASE, "grid": {"alpha": [0.1, 1.5]}})
    live = instrument.client.launch(BASE | {"epochs": 1000, "step_delay_ms": 50}).id
    instrument.client.launch({})
    instrument.until_step(live, 5)
    return {
        "run": live,
        "both": ",".join(run.id for run in made.runs),
        "sweep": made.id,
        "ended": made.runs[0].id,
    }


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 1280, "height": 1000})
    page.set_default_timeout(60_000)
    yield page
    page.close()


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
    page.locator("#page details").evaluate_all("(folds) => folds.forEach((fold) => (fold.open = true))")
    if urlsplit(address).path == "/":
        expect(page.locator("#all-settings .setting").first).to_be_attached()
    for scheme, rules in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        if address == "/no":  # no program: it is as it was when it came
            page.reload()
        page.wait_for_function(f"() => document.documentElement.dataset.mantineColorScheme === '{scheme}'")
        assert violations(page, rules) == [], scheme


def test_everything_has_a_key_and_the_list_of_them_opens_and_closes(
    instrument: Instrument, there: dict[str, str], page: Page
) -> None:
    page.goto(instrument.url)
    expect(page.locator("#launch")).to_be_enabled()
    page.locator("h2").first.click()
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
