"""The table of runs: thousands of them at the cost of one screen; sorted, filtered, bunched, acted on."""

import re
from collections.abc import Iterator
from typing import Any, Literal

import pytest
from accessibility import violations
from crowd import crowd, disperse
from instrument import Instrument, wait_for
from playwright.sync_api import Page, Route, expect

from backend.store import Store
from rhoscope.states import RunState

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]
COUNT = 2220
CURVED = 60
MOST_ROWS = 60
PUT_AWAY = "localStorage.setItem('rhoscope-launch-form', 'away')"


@pytest.fixture(scope="module")
def instrument(product: Instrument) -> Iterator[Instrument]:
    """The running product, with nothing but a crowd of runs."""
    product.clear()
    store = Store(f"sqlite:///{product.data_dir / 'rhoscope.db'}")
    crowd(store, COUNT, CURVED)
    yield product
    disperse(store)
    store.close()


def arrive(page: Page, instrument: Instrument, search: str = "", *, form: bool = False) -> None:
    """As somebody who has put the launch form away, unless it is wanted: its program is half of a visit."""
    if not form:
        page.add_init_script(PUT_AWAY)
    page.goto(f"{instrument.url}/{search}")
    expect(page.locator(".run-row:not(.run-awaited)").first).to_be_visible()


def first(page: Page) -> Any:
    return page.locator(".run-row").first


def test_thousands_of_runs_cost_one_screen_wherever_one_scrolls(instrument: Instrument, page: Page) -> None:
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    arrive(page, instrument)
    expect(page.locator("#runs-list .section-head")).to_contain_text(f"{COUNT:,}")
    expect(first(page)).to_contain_text(f"number {COUNT - 1}")
    expect(first(page).locator(".spark-rho .spark-line")).to_have_count(2)
    expect(first(page).locator(".spark-accuracy .spark-line")).to_have_count(2)
    for share in (0.3, 0.7, 1.0):
        page.locator(".runs-frame").evaluate(
            "(frame, share) => { frame.scrollTop = share * frame.scrollHeight; }", share
        )
        expect(page.locator(".run-awaited")).to_have_count(0)
        assert page.locator(".run-row").count() <= MOST_ROWS
    expect(page.locator(".run-row").last).to_contain_text("number 0")
    elements = page.locator("#runs-list *").count()
    assert elements < 3000
    ids = [len(re.findall("[0-9a-f]{12}", url)) for url in requests if "ids=" in url]
    assert sum(ids) < 8 * MOST_ROWS


def test_a_click_on_a_head_sorts_all_and_the_address_tells_it(instrument: Instrument, page: Page) -> None:
    arrive(page, instrument)
    head = page.get_by_role("columnheader", name="Best val.")
    head.get_by_role("button").click()
    expect(head).to_have_attribute("aria-sort", "descending")
    expect(first(page).locator(".c-best")).to_have_text("91.8 %")
    page.wait_for_url("**sort=-best*")
    head.get_by_role("button").click()
    expect(first(page).locator(".c-best")).to_have_text("70.0 %")
    page.wait_for_url("**sort=best*")
    page.reload()
    expect(head).to_have_attribute("aria-sort", "ascending")
    expect(first(page).locator(".c-best")).to_have_text("70.0 %")


def test_what_is_typed_filters_and_what_can_not_be_read_is_said(instrument: Instrument, page: Page) -> None:
    arrive(page, instrument)
    field = page.get_by_role("searchbox", name="Filter the runs")
    page.keyboard.press("/")
    expect(field).to_be_focused()
    field.fill("strategy:agm alpha>0.3 best>=0.86 tag:paper")
    kept = instrument.client.runs(1000, strategy="agm", tag="paper", where="settings.alpha>0.3").runs
    count = len([run for run in kept if run.best["val.accuracy"] >= 0.86])
    expect(page.locator("#runs-list .section-head .muted")).to_have_text(str(count))
    expect(first(page)).to_contain_text("agm")
    page.wait_for_url("**filter=*")
    field.fill("alpha>")
    expect(page.locator("#filter-problem")).to_have_text("Add a value after alpha>, as in alpha>0.3.")
    field.fill("no run has this name")
    expect(page.get_by_role("heading", name="No runs match this filter")).to_be_visible()
    page.get_by_role("button", name="Show all runs").click()
    expect(field).to_have_value("")
    chip = page.get_by_role("group", name="States").get_by_role("button", name=re.compile("failed"))
    chip.click()
    expect(field).to_have_value("state:failed")
    expect(page.locator(".run-row .badge:not([data-state='failed'])")).to_have_count(0)
    chip.click()
    expect(field).to_have_value("")


def test_groups_say_how_many_and_how_good_and_fold(instrument: Instrument, page: Page) -> None:
    arrive(page, instrument)
    page.get_by_label("Group by").select_option("strategy")
    heads = page.locator(".bunch-row")
    expect(heads.first).to_contain_text("agm")
    expect(heads.first).to_contain_text(f"{COUNT // 5} runs")
    expect(heads.first).to_contain_text(re.compile(r"\d\d\.\d ± \d\.\d %"))
    for name in ("agm", "joint", "ogm", "ogm-ge"):
        page.locator(f"[data-bunch='{name}'] .bunch-button").click()
    expect(page.locator("[data-bunch='ogm-ge'] .bunch-button")).to_have_attribute("aria-expanded", "false")
    expect(first(page)).to_contain_text("opm")
    page.wait_for_url("**closed=*ogm-ge*")
    page.reload()
    expect(page.locator("[data-bunch='joint'] .bunch-button")).to_have_attribute("aria-expanded", "false")
    expect(first(page)).to_contain_text("opm")


def test_columns_are_chosen_remembered_and_stand_in_the_address(instrument: Instrument, page: Page) -> None:
    arrive(page, instrument, "?columns=state,rho")
    titles = page.locator("[role='columnheader']")
    expect(titles).to_have_text(["Selected", "Run", "State", "rho", "Stop"])
    page.get_by_role("button", name="Columns").click()
    page.get_by_role("checkbox", name="momentum").check()
    page.get_by_role("checkbox", name="rho").uncheck()
    expect(titles).to_have_text(["Selected", "Run", "State", "momentum", "Stop"])
    expect(first(page).locator(".c-settings-momentum")).to_have_text("0.9")
    page.wait_for_url("**columns=state,settings.momentum*")
    page.goto(f"{instrument.url}/")
    expect(titles).to_have_text(["Selected", "Run", "State", "momentum", "Stop"])


def test_a_span_is_chosen_and_all_of_a_filter(instrument: Instrument, page: Page) -> None:
    arrive(page, instrument)
    boxes = page.locator(".run-row .check")
    boxes.nth(1).click()
    boxes.nth(5).click(modifiers=["Shift"])
    bar = page.get_by_role("region", name="Selected runs")
    expect(bar).to_contain_text("5 selected")
    bar.get_by_role("button", name="Clear selection").click()
    expect(bar).to_be_hidden()
    page.get_by_role("searchbox").fill("strategy:joint seed=5")
    count = instrument.client.runs(strategy="joint", where="settings.seed=5").total
    expect(page.locator("#runs-list .section-head .muted")).to_have_text(str(count))
    page.get_by_role("checkbox", name="Select all runs that match the filter").check()
    expect(bar).to_contain_text(f"{count} selected")
    expect(bar.get_by_role("button", name="Compare")).to_be_disabled()
    page.get_by_role("searchbox").fill("strategy:joint seed=5 number")
    bar.get_by_role("button", name="Tags").click()
    page.get_by_role("combobox", name="Tag", exact=True).fill("marked")
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert instrument.client.runs(tag="marked").total == count


def test_a_span_leaves_out_what_is_folded_and_what_is_not_listed_is_not_chosen(
    instrument: Instrument, page: Page
) -> None:
    arrive(page, instrument, "?filter=number 219&group=strategy")
    for name in ("joint", "ogm", "ogm-ge"):
        page.locator(f"[data-bunch='{name}'] .bunch-button").click()
    boxes = page.locator(".run-row .check")
    expect(boxes).to_have_count(7)
    boxes.first.click()
    boxes.last.click(modifiers=["Shift"])
    bar = page.get_by_role("region", name="Selected runs")
    expect(bar).to_contain_text("7 selected")
    bar.get_by_role("button", name="Clear selection").click()
    page.locator("h2", has_text="Runs").click()
    page.keyboard.press("j")
    expect(page.locator(".run-at")).to_have_count(1)
    page.get_by_role("searchbox").fill("number 217 strategy:opm")
    expect(boxes).to_have_count(2)
    page.locator("h2", has_text="Runs").click()
    page.keyboard.press("x")
    expect(bar).to_be_hidden()


def test_a_run_that_stands_twice_is_two_places_and_a_group_without_a_tag_stays_closed(
    instrument: Instrument, page: Page
) -> None:
    for n in (41, 42, 43):
        instrument.client.edit(f"{n:012x}", tags=["one", "two"])
    arrive(page, instrument, "?filter=number 219&group=tag&closed=50%")
    page.locator("[data-bunch=''] .bunch-button").click()
    page.wait_for_url("**closed=~")
    page.reload()
    expect(page.locator("[data-bunch=''] .bunch-button")).to_have_attribute("aria-expanded", "false")
    page.get_by_role("searchbox").fill("tag:one")
    expect(page.locator(".run-row")).to_have_count(6)
    page.locator("h2", has_text="Runs").click()
    for _ in range(6):
        page.keyboard.press("j")
    expect(page.locator(".run-row").last).to_have_class(re.compile("run-at"))
    expect(page.locator(".run-at")).to_have_count(1)
    page.locator(".run-row .check").nth(4).click()
    page.locator(".run-row .check").nth(5).click(modifiers=["Shift"])
    expect(page.get_by_role("region", name="Selected runs")).to_contain_text("2 selected")


def test_what_is_done_to_many_can_be_stopped_on_the_way(instrument: Instrument, page: Page) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    arrive(page, instrument, "?filter=strategy:agm")
    page.get_by_role("checkbox", name="Select all runs that match the filter").check()
    page.get_by_role("region", name="Selected runs").get_by_role("button", name="Tags").click()
    page.get_by_role("combobox", name="Tag", exact=True).fill("half")
    page.route("**/api/v1/runs/bulk", hold)
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_role("button", name="Stop here")).to_be_visible()
    wait_for(lambda: held or page.wait_for_timeout(20), 20, "the first bite")
    page.keyboard.press("Escape")
    held[0].continue_()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text(f"100 runs tagged. The other {COUNT // 5 - 100} were not changed.")
    assert len(held) == 1
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    assert instrument.client.runs(tag="half").total == 100


def test_deleting_asks_says_how_many_and_tells_what_was_refused(instrument: Instrument, page: Page) -> None:
    alive = instrument.client.launch({"epochs": 500, "name": "alive", "step_delay_ms": 20}).id
    instrument.until(alive, RunState.RUNNING)
    arrive(page, instrument)
    expect(first(page)).to_have_attribute("data-run", alive)
    expect(first(page).locator(".spark-rho .spark-line").first).to_be_attached()
    boxes = page.locator(".run-row .check")
    for n in range(3):
        boxes.nth(n).check()
    gone = [page.locator(".run-row").nth(n).get_attribute("data-run") for n in (1, 2)]
    page.get_by_role("region", name="Selected runs").get_by_role("button", name="Delete").click()
    dialog = page.get_by_role("dialog", name="Delete 3 runs?")
    expect(dialog).to_contain_text("can't be undone")
    expect(dialog.get_by_role("button", name="Cancel")).to_be_focused()
    dialog.get_by_role("button", name="Delete 3 runs").click()
    expect(dialog).to_contain_text("2 runs deleted. 1 run refused:")
    expect(dialog).to_contain_text("stop it first")
    dialog.get_by_role("button", name="Close").click()
    for run in gone:
        expect(page.locator(f"[data-run='{run}']")).to_have_count(0)
    expect(page.get_by_role("region", name="Selected runs")).to_contain_text("1 selected")
    page.get_by_role("region", name="Selected runs").get_by_role("button", name="Stop").click()
    page.get_by_role("button", name="Stop 1 run").click()
    expect(first(page).locator(".badge")).to_have_text("stopped")
    wait_for(lambda: instrument.client.run(alive).state is RunState.STOPPED, 20, "stopped")


def test_a_run_that_is_launched_elsewhere_appears_and_moves_in_place(
    instrument: Instrument, page: Page
) -> None:
    arrive(page, instrument)
    page.evaluate("() => { document.querySelector('.run-row').mark = 'the same'; }")
    marked = first(page).get_attribute("data-run")
    run = instrument.client.launch(
        {"name": "appears", "epochs": 1, "dataset": "synthetic", "train_size": 128}
    )
    expect(first(page)).to_contain_text("appears")
    kept = page.evaluate("(id) => document.querySelector(`[data-run='${id}']`).mark", marked)
    assert kept == "the same"
    expect(first(page).locator(".badge")).to_have_text("completed")
    assert first(page).get_attribute("data-run") == run.id


def test_keys_move_choose_and_open(instrument: Instrument, page: Page) -> None:
    arrive(page, instrument, "?filter=strategy:opm")
    page.locator("h2", has_text="Runs").click()
    page.keyboard.press("j")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("x")
    at = page.locator(".run-row").nth(1)
    expect(at).to_have_class(re.compile("run-at"))
    expect(at.locator(".check")).to_be_checked()
    for _ in range(30):
        page.keyboard.press("j")
    expect(page.locator(".run-at")).to_be_in_viewport()
    run = page.locator(".run-at").get_attribute("data-run")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/watch?runs={run}")


def test_no_key_acts_behind_a_dialog_nor_again_while_it_is_held(instrument: Instrument, page: Page) -> None:
    arrive(page, instrument, form=True)
    expect(page.locator("#launch")).to_be_enabled()
    before = instrument.client.runs().total
    page.locator("h2", has_text="Runs").click()
    page.keyboard.press("?")
    expect(page.locator("#shortcuts")).to_be_visible()
    for key in ("l", "j", "x", "g", "w"):
        page.keyboard.press(key)
    expect(page.locator("#shortcuts")).to_be_visible()
    expect(page.locator(".run-chosen, .run-at")).to_have_count(0)
    page.keyboard.press("?")
    expect(page.locator("#shortcuts")).to_have_count(0)
    page.keyboard.press("j")
    page.keyboard.down("x")
    page.keyboard.down("x")
    expect(first(page).locator(".check")).to_be_checked()
    page.keyboard.up("x")
    page.wait_for_timeout(500)
    assert page.url == f"{instrument.url}/"
    assert instrument.client.runs().total == before


def test_a_link_to_the_page_that_stands_there_is_a_new_visit(instrument: Instrument, page: Page) -> None:
    """The filter was written into the address past Dash, for which that link is no other address."""
    arrive(page, instrument, form=True)
    page.get_by_role("searchbox").fill("strategy:opm")
    expect(first(page)).to_contain_text("opm")
    page.wait_for_url("**filter=*")
    page.get_by_role("navigation").get_by_role("link", name="Runs").click()
    expect(page).to_have_url(f"{instrument.url}/")
    expect(page.get_by_role("searchbox")).to_have_value("")
    expect(page.locator("#runs-list .section-head .muted")).to_contain_text(re.compile("2,"))
    page.locator("#setting-alpha").fill("0.7")
    page.wait_for_url("**set=alpha:0.7")
    page.get_by_role("searchbox").fill("strategy:opm")
    page.wait_for_url("**filter=*")
    page.locator("h2", has_text="Runs").click()
    page.keyboard.press("g")
    page.keyboard.press("r")
    expect(page).to_have_url(f"{instrument.url}/?set=alpha:0.7")
    expect(page.locator("#setting-alpha")).to_have_value("0.7")
    expect(page.get_by_role("searchbox")).to_have_value("")


def test_it_fits_every_screen_and_axe_finds_nothing(instrument: Instrument, page: Page) -> None:
    """It comes on the narrowest, and the others follow as when a window is drawn larger."""
    screens: tuple[tuple[int, Literal["light", "dark"]], ...] = (
        (360, "dark"),
        (390, "light"),
        (1920, "dark"),
    )
    for width, scheme in screens:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        if width == min(screens)[0]:
            arrive(page, instrument, "?group=strategy&filter=alpha>0", form=True)
            page.locator(".run-row .check").first.check()
            expect(page.get_by_role("region", name="Selected runs")).to_be_visible()
            expect(page.locator("#launch")).to_be_enabled()
        page.wait_for_function(f"() => document.documentElement.dataset.mantineColorScheme === '{scheme}'")
        page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        assert page.evaluate("() => document.documentElement.scrollWidth") <= width
        assert violations(page) == [], (width, scheme)


def test_the_form_can_be_put_away_and_that_is_remembered(instrument: Instrument, page: Page) -> None:
    arrive(page, instrument, form=True)
    expect(page.locator("#launch")).to_be_visible()
    page.get_by_role("button", name="Hide the form").click()
    expect(page.locator("#launch")).to_be_hidden()
    expect(page.get_by_role("columnheader", name="Tags")).to_be_visible()
    page.reload()
    page.wait_for_load_state("networkidle")
    expect(page.get_by_role("button", name="Show the form")).to_be_visible()
    expect(page.locator("#launch")).to_have_count(0)  # nor is its program read
    page.locator("h2", has_text="Runs").click()
    page.keyboard.press("l")
    expect(page.locator("#launch")).to_be_visible()
    expect(page.locator("#launch")).to_be_enabled()
    expect(page.locator("#launch")).to_be_focused()
