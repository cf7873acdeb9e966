"""Saved views: what a page shows under a name, for everybody who may look."""

import re
from collections.abc import Callable, Iterator

import pytest
from instrument import Instrument
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]
SHOWN = "/compare?runs=nobody&by=alpha&align=epoch"


@pytest.fixture
def page(fresh: Callable[[int, int], Page], instrument: Instrument) -> Iterator[Page]:
    page = fresh(1280, 720)
    page.goto(f"{instrument.url}{SHOWN}")
    page.locator("#views").click()
    yield page
    for view in instrument.client.views.all():
        instrument.client.views.delete(view.id)


def save(page: Page, name: str) -> None:
    page.get_by_label("Name of a new view").fill(name)
    page.get_by_role("button", name="Save this view").click()


def test_a_view_is_saved_opened_renamed_replaced_and_deleted(page: Page, instrument: Instrument) -> None:
    views = page.locator(".views li")
    note = page.locator(".views-note")
    save(page, "Figure 2")
    expect(views).to_have_count(1)
    assert instrument.client.views.all()[0].address == SHOWN
    page.get_by_label("Rename the view Figure 2").click()
    page.get_by_label("New name of Figure 2").fill("Figure 3")
    page.keyboard.press("Enter")
    expect(views.get_by_role("link")).to_have_text("Figure 3")
    page.goto(f"{instrument.url}/sweeps")
    page.locator("#views").click()
    save(page, "Figure 3")
    expect(note).to_contain_text("There is a view Figure 3 already.")
    page.locator(".views").get_by_role("link", name="Figure 3").click()
    page.wait_for_url(re.compile("/compare.*align=epoch"))
    page.goto(f"{instrument.url}/sweeps")
    page.locator("#views").click()
    save(page, "Figure 3")
    note.get_by_role("button", name="Replace it").click()
    expect(views).to_contain_text("Sweeps")
    page.get_by_label("Delete the view Figure 3").click()
    expect(views).to_have_count(0)
    note.get_by_role("button", name="Undo").click()
    expect(views).to_have_count(1)
    assert [(one.name, one.address) for one in instrument.client.views.all()] == [("Figure 3", "/sweeps")]


def test_a_viewer_opens_views_and_changes_none(page: Page) -> None:
    save(page, "Figure 2")
    expect(page.locator(".views li")).to_have_count(1)
    page.keyboard.press("Escape")
    page.evaluate("document.documentElement.dataset.role = 'viewer'")
    page.locator("#views").click()
    panel = page.locator("#views-panel")
    expect(panel.get_by_role("link", name="Figure 2")).to_be_visible()
    expect(panel.get_by_role("button")).to_have_count(0)
    expect(panel.get_by_role("textbox")).to_have_count(0)
