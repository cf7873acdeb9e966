"""Steering from the page: change, undo, pause, resume, fork."""

from collections.abc import Callable, Iterator

import pytest
from arrival import follow, seen
from faults import kill
from instrument import PLAIN, Instrument, wait_for
from playwright.sync_api import Page, expect

from rhoscope.records import Event
from rhoscope.states import FINAL, RunState

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]
SLOW = {**PLAIN, "step_delay_ms": 40}
SLOW |= {"alpha": 0.3, "epochs": 400, "keep_last": 40}
"""Six minutes: longer than a test waits for anything. Each test ends its run."""


@pytest.fixture
def run(instrument: Instrument) -> Iterator[str]:
    """A run of its own for each test, slow enough to be caught on its way and past its first epoch."""
    launched = instrument.client.launch(SLOW).id
    instrument.until_step(launched, 30)
    yield launched
    for result in instrument.client.runs().runs:
        if result.state not in FINAL:
            instrument.end(result.id)


@pytest.fixture
def page(fresh: Callable[[int, int], Page], instrument: Instrument, run: str) -> Page:
    page = fresh(1280, 900)
    page.goto(f"{instrument.url}/watch?runs={run}")
    seen(page)
    page.wait_for_function("() => Object.values(window.rhoscope.stats.runs).some((r) => r.drawn >= 0)")
    return page


def changes(instrument: Instrument, run: str) -> list[Event]:
    return [event for event in instrument.client.events(run) if event.kind == "setting"]


def test_a_changed_setting_says_from_which_step_and_can_be_undone(
    instrument: Instrument, run: str, page: Page
) -> None:
    page.locator("[data-action='steer']").click()
    alpha = page.get_by_label("Alpha", exact=True).last
    alpha.fill("2")
    alpha.press("Enter")
    field = page.locator(".steer-field", has_text="Alpha")
    expect(field.locator("output")).to_contain_text("from step")
    field.get_by_role("button", name="undo").click()
    expect(alpha).to_have_value("0.3")
    answer = [(event.data["old"], event.data["new"]) for event in changes(instrument, run)]
    assert answer == [(0.3, 2.0), (2.0, 0.3)]


def test_a_slider_sends_what_it_shows_however_long_it_is_held(
    instrument: Instrument, run: str, page: Page
) -> None:
    """While it is held, the live connection goes on telling the old value."""
    page.locator("[data-action='steer']").click()
    number = page.get_by_label("Alpha", exact=True).last
    slider = page.get_by_label("Alpha, slider")
    box = slider.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.8 * box["width"], box["y"] + box["height"] / 2, steps=4)
    shown = number.input_value()
    instrument.until_step(run, instrument.client.run(run).step + 40)
    assert number.input_value() == shown
    page.mouse.up()
    wait_for(lambda: changes(instrument, run), 20, "the change")
    (answer,) = changes(instrument, run)
    assert (answer.data["old"], str(answer.data["new"])) == (0.3, shown)
    assert float(shown) > 1
    instrument.client.set(run, alpha=0.9)
    expect(number).to_have_value("0.9")


def test_a_paused_run_waits_and_goes_on_where_it_was(instrument: Instrument, run: str, page: Page) -> None:
    page.locator("[data-action='pause']").click()
    paused = instrument.until(run, RunState.PAUSED)
    expect(page.locator(".run-chip")).to_have_attribute("data-state", "paused")
    expect(page.locator("[data-action='pause']")).to_be_hidden()
    page.get_by_label("Steps", exact=True).fill("3")
    page.locator("[data-action='step']").click()
    instrument.until_step(run, paused.step + 3)
    stepped = instrument.until(run, RunState.PAUSED)
    assert stepped.step == paused.step + 3
    expect(page.locator(".run-chip")).to_have_attribute("data-state", "paused")
    page.locator("[data-action='resume']").click()
    instrument.until_step(run, stepped.step + 5)
    steps = instrument.steps(run)
    assert steps == list(range(len(steps)))


def test_a_fork_is_made_with_its_changes_and_shown_beside_its_parent(
    instrument: Instrument, run: str, page: Page
) -> None:
    page.locator("[data-action='fork']").click()
    panel = page.locator("form.steer-panel")
    panel.get_by_label("Strategy").select_option("joint")
    panel.get_by_label("Learning rate").fill("0.01")
    panel.get_by_role("button", name="Fork").click()
    page.wait_for_url("**/watch?runs=*,*")
    child = instrument.client.run(page.url.split(",")[-1])
    assert (child.parent, child.spec.strategy, child.settings["lr"]) == (run, "joint", 0.01)
    instrument.client.stop(run)
    went_on = instrument.until_step(child.id, (child.parent_step or 0) + 5)
    assert went_on.state == RunState.RUNNING
    expect(page.locator(".run-chip")).to_have_count(2)
    drawn = "(id) => window.rhoscope.stats.runs[id]?.last"
    page.wait_for_function(f"(id) => ({drawn})(id) >= {went_on.step - 1}", arg=child.id)


def test_a_fork_begins_with_what_was_in_force_at_its_step_and_is_made_once(
    instrument: Instrument, run: str, page: Page
) -> None:
    """Not with what the run was steered to since; that can be asked for."""
    wait_for(lambda: any(c.kept for c in instrument.client.checkpoints(run)), 30, "a checkpoint")
    instrument.client.set(run, alpha=0.9)
    wait_for(lambda: changes(instrument, run), 20, "the change")
    (early, *_) = [c for c in instrument.client.checkpoints(run) if c.kept]
    assert (early.strategy, early.settings["alpha"]) == ("ogm-ge", 0.3)
    page.locator("[data-action='fork']").click()
    panel = page.locator("form.steer-panel")
    panel.get_by_label("From step").select_option(str(early.step))
    expect(panel.get_by_label("Alpha")).to_have_value("0.3")
    before = instrument.client.runs().total
    panel.get_by_label("Alpha").fill("0.9")
    panel.get_by_role("button", name="Fork").dblclick()
    page.wait_for_url("**/watch?runs=*,*")
    made = instrument.client.run(page.url.split(",")[-1])
    assert (made.parent_step, made.settings["alpha"]) == (early.step, 0.9)
    assert instrument.client.runs().total == before + 1


def test_a_fork_that_does_not_fit_says_what_is_wrong_and_makes_nothing(
    instrument: Instrument, run: str, page: Page
) -> None:
    before = len(instrument.client.runs().runs)
    page.locator("[data-action='fork']").click()
    panel = page.locator("form.steer-panel")
    panel.get_by_label("Alpha").fill("-1")
    panel.get_by_role("button", name="Fork").click()
    expect(page.locator(".run-chip .reason")).to_contain_text("alpha")
    assert len(instrument.client.runs().runs) == before


def test_the_strategy_changes_while_it_trains_with_its_fields_charts_and_a_way_back(
    instrument: Instrument, run: str, page: Page
) -> None:
    page.locator("[data-action='steer']").click()
    page.get_by_label("Strategy", exact=True).select_option("agm")
    expect(page.get_by_label("Agm alpha", exact=True).last).to_be_visible()
    expect(page.locator("[data-chart='lead']")).to_have_count(1)
    expect(page.locator("[data-chart='noise']")).to_have_count(1)
    (answer,) = changes(instrument, run)
    now = instrument.client.run(run)
    assert (now.spec.strategy, now.settings["agm_alpha"]) == ("agm", 1.0)
    before = instrument.client.fork(run, {"step": answer.step})
    assert (before.spec.strategy, before.settings["alpha"], before.parent_step) == (
        "ogm-ge",
        0.3,
        answer.step,
    )
    instrument.client.set(run, agm_alpha=0.5)
    page.locator(".steer-field", has_text="Strategy").get_by_role("button", name="undo").click()
    expect(page.get_by_label("Alpha", exact=True).last).to_be_visible()
    assert instrument.client.run(run).spec.strategy == "ogm-ge"
    steps = instrument.steps(run)
    assert steps == list(range(len(steps)))


def test_what_happened_is_told_and_the_tree_of_forks_shows_where_each_run_comes_from(
    instrument: Instrument, run: str, page: Page
) -> None:
    instrument.until_step(run, 30)
    instrument.client.set(run, who="Ada", alpha=0.2)
    page.locator("#watch-story-group > summary").click()
    expect(page.locator(".story ol")).to_contain_text("→ 0.2 by Ada")
    expect(page.locator(".story ol")).to_contain_text("Started on")
    wait_for(lambda: any(c.kept for c in instrument.client.checkpoints(run)), 20, "a checkpoint")
    child = instrument.client.fork(run, {"name": "the child"})
    grandchild = instrument.client.family(child.id)
    assert [(one.id, one.parent) for one in grandchild] == [(run, None), (child.id, run)]
    follow(page, f"{instrument.url}/watch?runs={child.id}")
    expect(page.locator(".run-chip .run-name")).to_have_text("the child")
    seen(page)
    page.locator("#watch-lineage-group > summary").click()
    tree = page.locator(".family")
    expect(tree.locator("ul .run-link")).to_have_text(["the child"])
    expect(tree.locator("[aria-current] .run-link")).to_have_text(["the child"])
    expect(tree).to_contain_text(f"from step {child.parent_step}")
    instrument.client.stop(child.id)


def test_after_a_loss_the_page_goes_on_by_itself_and_says_what_happened(
    instrument: Instrument, run: str, page: Page
) -> None:
    page.locator("#watch-story-group > summary").click()
    kill(instrument, "training process")
    lost = page.locator(".story li[data-kind='lost']")
    expect(lost).to_contain_text("Lost contact with", timeout=60_000)
    expect(page.locator(".story ol")).to_contain_text("Attempt 2 started", timeout=60_000)
    before = instrument.client.run(run).step
    instrument.until_step(run, before + 5)
    page.wait_for_function(
        "(step) => Object.values(window.rhoscope.stats.runs).some((r) => r.drawn >= step)", arg=before
    )
