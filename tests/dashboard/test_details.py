"""A run's details, and being told of it: panels, alerts, notices, on one instrument."""

import time
from collections.abc import Callable, Iterator
from typing import Literal

import chromium
import pytest
from arrival import seen
from axe_playwright_python.sync_playwright import Axe
from instrument import PLAIN, Instrument, wait_for
from playwright.sync_api import BrowserContext, Page, Playwright, expect
from trained import trained

from rhoscope.errors import NotFound
from rhoscope.states import RunState

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]
SHORT = {**PLAIN, "epochs": 3, "train_size": 128, "keep_last": 2}
LONG = {**PLAIN, "epochs": 20, "train_size": 320}
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
RECORDS = """() => {
  window.shown = [];
  const Real = window.Notification;
  window.Notification = class extends Real {
    constructor(title, options) { super(title, options); window.shown.push(`${title}: ${options.body}`); }
  };
}"""


@pytest.fixture(scope="module")
def ended(instrument: Instrument) -> str:
    """A run of three epochs, whose first checkpoint is no longer kept."""
    run = instrument.client.launch(SHORT | {"name": "ended", "alpha": 0.4}).id
    instrument.until(run)
    return run


@pytest.fixture
def noticing(playwright: Playwright) -> Iterator[BrowserContext]:
    """In a whole Chromium: one without windows never lets a page notify anybody."""
    browser = playwright.chromium.launch(executable_path=chromium.WHOLE, args=chromium.FLAGS + chromium.BRIEF)
    context = browser.new_context(viewport={"width": 1280, "height": 900}, permissions=["notifications"])
    context.set_default_timeout(60_000)
    context.add_init_script(f"({RECORDS})()")
    yield context
    browser.close()


@pytest.fixture
def page(fresh: Callable[[int, int], Page]) -> Page:
    return fresh(1280, 900)


def opened(page: Page, instrument: Instrument, run: str, more: str = "") -> None:
    page.goto(f"{instrument.url}/watch?runs={run}{more}")
    seen(page)


def test_what_is_open_stands_in_the_address_and_says_everything_about_the_run(
    instrument: Instrument, ended: str, page: Page
) -> None:
    opened(page, instrument, ended)
    for name in ("settings", "checkpoints", "log"):
        page.locator(f"#watch-{name}-group > summary").click()
        expect(page.locator(f"#watch-{name}-group")).to_have_attribute("open", "")
    page.wait_for_url("**&open=settings,checkpoints,log")
    page.reload()
    alpha = page.locator("[data-setting='alpha']")
    expect(alpha).to_have_attribute("data-differs", "true")
    expect(alpha).to_contain_text("default 1.5")
    expect(page.locator("[data-setting='momentum']")).not_to_have_attribute("data-differs", "true")
    expect(page.locator(".settings-spec pre")).to_contain_text("strategy: ogm-ge\nsettings:\n")
    there = instrument.client.checkpoints(ended)
    rows = page.locator(".details-table tbody tr")
    expect(rows).to_have_count(sum(one.kept for one in there))
    page.get_by_label("Show those not kept").check()
    expect(rows).to_have_count(len(there))
    first = there[0]
    expect(rows.last).to_contain_text("not kept")
    kept = next(one for one in there if one.kept)
    assert kept.step > first.step
    page.locator(f"tr[data-step='{kept.step}'] button").click()
    expect(page.get_by_role("combobox", name="From step")).to_have_value(str(kept.step))
    (instrument.data_dir / "logs" / f"{ended}.log").write_text("one line\nanother line\nthe last")
    page.reload()
    log = page.locator(".log")
    expect(log).to_have_text("one line\nanother line\nthe last")
    page.get_by_label("Only lines with this text").fill("line")
    expect(log).to_have_text("one line\nanother line")
    expect(page.locator(".log-panel [role='status']")).to_have_text("2 of 3 lines")


def test_a_fold_that_was_just_opened_survives_a_second_arrival_at_the_same_address(
    instrument: Instrument, ended: str, page: Page
) -> None:
    opened(page, instrument, ended)
    fold = page.locator("#watch-settings-group")
    fold.evaluate("""(fold) => {
      requestAnimationFrame(() => fold.querySelector("summary").click());
      dispatchEvent(new PopStateEvent("popstate"));
    }""")
    page.wait_for_url("**&open=settings")
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    expect(fold).to_have_attribute("open", "")


def test_a_panel_is_made_when_its_fold_is_opened_and_knows_what_happened_before(
    instrument: Instrument, ended: str, page: Page
) -> None:
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    opened(page, instrument, ended)
    expect(page.locator(".fold-body")).to_have_count(9)
    assert page.locator(".fold-body > *").count() == 0
    assert not [url for url in requests if url.endswith("/family")]
    page.locator("#watch-story-group > summary").click()
    expect(page.locator(".story > ol > li:visible")).to_have_count(2)
    page.keyboard.press("c")
    expect(page.locator("#watch-checkpoints tbody tr").first).to_be_visible()


def test_events_lie_along_the_steps_and_a_mark_shows_the_charts_there(
    instrument: Instrument, ended: str, page: Page
) -> None:
    opened(page, instrument, ended, "&open=story")
    marks = page.locator(".strip-mark")
    expect(page.locator(".story > ol > li")).to_have_count(2 + len(instrument.client.checkpoints(ended)))
    expect(page.locator(".story > ol > li:visible")).to_have_count(2)
    page.locator(".story-filter").get_by_role("button", name="Checkpoints").click()
    page.wait_for_url("**&events=checkpoint")
    expect(page.locator(".story > ol > li:visible")).to_have_count(len(instrument.client.checkpoints(ended)))
    expect(marks.first).to_have_attribute("data-kind", "checkpoint")
    marks.first.focus()
    expect(page.locator(".strip-reading")).to_contain_text("Checkpoint written")
    marks.first.press("Enter")
    expect(page.locator(".zoom-pill")).to_contain_text("Steps 0")


def test_name_tags_and_notes_change_in_place_and_a_refusal_is_said(
    instrument: Instrument, ended: str, page: Page
) -> None:
    opened(page, instrument, ended, "&open=about")
    page.get_by_label("Name", exact=True).fill("a better name")
    tag = page.get_by_label("Tags", exact=True).last
    tag.fill("paper")
    tag.press("Enter")
    expect(page.locator(".run-chip .run-name")).to_have_text("a better name")
    page.get_by_label("Notes").last.fill("first line\nsecond line")
    page.get_by_label("Notes").last.blur()
    wait_for(lambda: instrument.client.run(ended).notes == "first line\nsecond line", 20, "the notes")
    assert instrument.client.run(ended).tags == ["paper"]
    page.get_by_role("button", name="Remove the tag paper").click()
    wait_for(lambda: instrument.client.run(ended).tags == [], 20, "no tag")
    name = page.get_by_label("Name", exact=True)
    name.fill("")
    name.blur()
    expect(page.locator(".about-panel [role='status']")).to_contain_text("at least 1 character")


def test_tags_that_are_added_quickly_are_all_kept(instrument: Instrument, ended: str, page: Page) -> None:
    opened(page, instrument, ended, "&open=about")
    tag = page.get_by_label("Tags", exact=True).last
    page.route(f"**/api/v1/runs/{ended}", lambda route: (time.sleep(0.3), route.continue_()))
    for name in ("one", "two", "three"):
        tag.fill(name)
        tag.press("Enter")
    wait_for(lambda: page.wait_for_timeout(50) or len(instrument.client.run(ended).tags) == 3, 20, "tags")
    expect(page.locator(".own-tag")).to_have_count(3)
    for _ in range(3):
        tag.press("Backspace")
    wait_for(lambda: page.wait_for_timeout(50) or not instrument.client.run(ended).tags, 20, "no tags")


def test_an_alert_from_the_run_s_page_is_told_of_everywhere_and_once_by_the_browser(
    instrument: Instrument, noticing: BrowserContext
) -> None:
    run = instrument.client.launch(LONG | {"step_delay_ms": 150, "name": "watched"}).id
    instrument.until_step(run, 5)
    page, other = noticing.new_page(), noticing.new_page()
    other.goto(f"{instrument.url}/workers")
    opened(page, instrument, run, "&open=story")
    page.locator("#bell").click()
    page.get_by_label("Browser notifications").check()
    expect(page.get_by_label("Browser notifications")).to_be_checked()
    page.keyboard.press("Escape")
    expect(page.locator("#bell-panel")).to_be_hidden()
    page.get_by_role("button", name="Alert me when").click()
    panel = page.get_by_role("dialog", name="Notices and alerts")
    expect(panel.get_by_label("Which runs")).to_have_value("run")
    panel.get_by_label("Series, or a pattern").fill("loss")
    panel.get_by_label("Threshold").fill("0")
    panel.get_by_label("Over which steps").select_option("row")
    panel.get_by_label("Number of steps").fill("3")
    panel.get_by_role("button", name="Set this alert").click()
    expect(panel.locator(".alerts")).to_contain_text("loss above 0 for 3 steps")
    for tab in (page, other):
        expect(tab.locator(".toast")).to_contain_text("loss above 0 for 3 steps")
        expect(tab.locator(".toast")).to_have_css("opacity", "1")  # it fades in
        assert Axe().run(tab, context="#toasts").response["violations"] == []
    expect(other.locator("#bell-count")).to_have_text("1")
    expect(page.locator(".story li[data-kind='alert']")).to_contain_text("loss above 0 for 3 steps")
    expect(page.locator(".strip-mark[data-kind='alert']")).to_have_count(1)
    instrument.client.set(run, step_delay_ms=0)
    instrument.until(run, RunState.COMPLETED)
    for tab in (page, other):
        expect(tab.locator(".toast", has_text="Completed")).to_have_count(1)
    shown = [answer for tab in (page, other) for answer in tab.evaluate("window.shown")]
    assert [answer.partition(" at step")[0].partition(" after")[0] for answer in shown] == [
        "watched: Alert: loss above 0 for 3 steps",
        "watched: Completed",
    ]
    other.locator("#bell").click()
    expect(other.locator("#bell-count")).to_be_hidden()
    other.locator(".notices").get_by_role("link", name="watched").last.click()
    other.wait_for_url(f"**/watch?runs={run}&open=story")
    (rule,) = [one for one in instrument.client.alerts() if one.run == run]
    page.locator(f"[data-alert='{rule.id}']").get_by_role("button").click()
    wait_for(lambda: rule.id not in [one.id for one in instrument.client.alerts()], 20, "its deletion")


def test_axe_finds_nothing_in_the_panel_and_its_form(instrument: Instrument, ended: str, page: Page) -> None:
    opened(page, instrument, ended)
    page.locator("#bell").click()
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        page.wait_for_function(f"() => document.documentElement.dataset.mantineColorScheme === '{scheme}'")
        for tab in ("Notices", "Alerts"):
            page.locator("#bell-panel").get_by_role("button", name=tab, exact=True).click()
            page.wait_for_timeout(300)
            result = Axe().run(page, context="#bell-panel").response["violations"]
            assert [(one["id"], one["nodes"][0]["html"][:120]) for one in result] == [], scheme


def test_a_run_is_deleted_after_a_second_word(instrument: Instrument, page: Page) -> None:
    (run,) = (one.id for one in trained(instrument, SHORT | {"epochs": 1}))
    opened(page, instrument, run, "&open=about")
    page.locator("[data-action='delete']").click()
    page.get_by_role("button", name="Keep it").click()
    expect(page.locator("[data-action='delete']")).to_be_focused()
    page.locator("[data-action='delete']").click()
    page.get_by_role("button", name="Delete it").click()
    page.wait_for_url(f"{instrument.url}/")
    with pytest.raises(NotFound):
        instrument.client.run(run)


def test_a_run_that_was_deleted_while_nobody_heard_it_does_not_silence_the_others(
    instrument: Instrument, page: Page
) -> None:
    """The live connection is resumed with all ids, of which the API knows one no longer."""
    (gone,) = (one.id for one in trained(instrument, SHORT | {"name": "gone"}))
    alive = instrument.client.launch(LONG | {"step_delay_ms": 150, "epochs": 60, "name": "goes on"}).id
    instrument.until_step(alive, 3)
    opened(page, instrument, f"{gone},{alive}")
    page.wait_for_function(f"() => rhoscope.stats.runs['{alive}'].last > 3")
    for program in instrument.programs("dashboard"):
        program.kill()
    instrument.client.delete(gone)
    expect(page.locator(f"[data-run='{gone}']")).to_contain_text("deleted", timeout=60_000)
    seen = page.evaluate(f"() => rhoscope.stats.runs['{alive}'].last")
    page.wait_for_function(f"(seen) => rhoscope.stats.runs['{alive}'].last > seen + 5", arg=seen)
    expect(page.locator("#connection-text")).to_have_text("Live")
    instrument.end(alive)


def test_alerts_are_made_listed_and_deleted_in_a_terminal_too(instrument: Instrument) -> None:
    given = [f"--set={name}" for name in ("series=k.*", "condition=below", "threshold=0.01", "steps=7")]
    made = instrument.cli("alerts", *given)
    assert "k.* below 0.01 for 7 steps" in made.stdout
    assert "k.* below 0.01 for 7 steps" in instrument.cli("alerts").stdout
    refused = instrument.cli("alerts", "--set=condition=above")
    assert (refused.returncode, "requires a threshold" in refused.stderr) == (2, True)
    assert instrument.cli("alerts", "--remove", made.stdout.split()[0]).returncode == 0
    assert "k.*" not in instrument.cli("alerts").stdout
