"""A sweep's page: progress, final numbers by setting, means and bands; and the way there from the form."""

from collections.abc import Callable

import pytest
from instrument import PLAIN, Instrument, wait_for
from playwright.sync_api import Page, Route, expect
from trained import swept

from rhoscope.runs import Sweep

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]
BASE = {**PLAIN, "epochs": 2, "train_size": 128}


@pytest.fixture(scope="module")
def ended(instrument: Instrument) -> Sweep:
    """Two alphas, two seeds each, trained to their ends."""
    request = {"name": "Which alpha?", "base": BASE, "grid": {"alpha": [0.1, 1.5]}, "seeds": [0, 1]}
    return swept(instrument, request)


def test_a_sweep_is_shown_as_one_thing(instrument: Instrument, ended: Sweep, page: Page) -> None:
    page.goto(f"{instrument.url}/sweeps?sweep={ended.id}")
    expect(page.locator("#sweeps h2")).to_have_text("Which alpha?")
    expect(page.locator(".sweep-progress")).to_contain_text("4 completed")
    rows = page.locator(".results-table tbody tr")
    expect(rows).to_have_count(2)
    groups = instrument.client.groups(sweep=ended.id).groups
    for row, group in zip(rows.all(), groups, strict=True):
        expect(row).to_contain_text(str(group.values["alpha"]))
        expect(row).to_contain_text("2 of 2")
        expect(row).to_contain_text(f"{100 * group.final['test.accuracy'].mean:.1f} ±")
    expect(page.locator("svg.dots circle")).to_have_count(4)
    expect(page.locator("svg.dots")).to_contain_text("alpha")
    expect(page.locator(".sweep-charts .uplot").first).to_be_visible()
    assert page.locator("[data-chart='rho.fast'] canvas, [data-chart^='rho'] canvas").count() >= 2


def test_a_row_leads_to_its_runs_side_by_side(instrument: Instrument, ended: Sweep, page: Page) -> None:
    page.goto(f"{instrument.url}/sweeps?sweep={ended.id}")
    page.locator(".results-table tbody tr").nth(1).click()
    page.wait_for_url(f"**/compare?runs={ended.runs[2].id},{ended.runs[3].id}")
    page.go_back()
    page.get_by_role("button", name="Compare").click()
    page.wait_for_url(f"**/compare?sweep={ended.id}&by=alpha")
    expect(page.locator(".compare-table thead th")).to_have_count(2)


def test_who_is_on_a_row_stays_there_while_the_page_asks_again(
    instrument: Instrument, ended: Sweep, page: Page
) -> None:
    page.goto(f"{instrument.url}/sweeps?sweep={ended.id}")
    link = page.locator(".results-table tbody a").nth(1)
    link.focus()

    def better(route: Route) -> None:
        answer = route.fetch()
        body = answer.json()
        body["groups"][1]["final"]["test.accuracy"]["mean"] = 0.99
        route.fulfill(response=answer, json=body)

    page.route("**/api/v1/groups?*", better)
    expect(page.locator(".results-table tbody tr").nth(1)).to_contain_text("99.0")
    expect(link).to_be_focused()


def test_the_list_names_every_sweep_and_leads_to_it(instrument: Instrument, ended: Sweep, page: Page) -> None:
    page.goto(f"{instrument.url}/sweeps")
    row = page.locator(f"tr[data-sweep='{ended.id}']")
    expect(row).to_contain_text("alpha 0.1, 1.5 · seed 0, 1")
    row.locator("a").click()
    expect(page.locator("#sweeps h2")).to_have_text("Which alpha?")


def test_several_seeds_in_the_form_become_a_sweep_that_can_be_steered_and_stopped(
    instrument: Instrument, page: Page
) -> None:
    page.goto(instrument.url)
    page.locator("#setting-alpha").fill("0.1, 0.8")
    page.locator("#setting-seed").fill("0-1")
    page.locator("#launch").click()
    page.wait_for_url("**/sweeps?sweep=*")
    expect(page.locator(".sweep-progress")).to_contain_text("running")
    page.locator("#median-rule").check()
    sweep = page.url.rpartition("=")[2]
    wait_for(lambda: median_after(instrument, sweep) == 5, 10, "the median rule")
    page.locator("[data-action='stop-sweep']").click()
    expect(page.locator(".sweep-progress")).to_contain_text("4 stopped")


def median_after(instrument: Instrument, sweep: str) -> int | None:
    return next(s.spec.median_after for s in instrument.client.sweeps() if s.id == sweep)


def test_a_sweep_there_is_not_is_said_so(instrument: Instrument, fresh: Callable[[int, int], Page]) -> None:
    page = fresh(1280, 720)
    page.goto(f"{instrument.url}/sweeps?sweep=nothing")
    expect(page.locator("#sweeps")).to_contain_text("There is no such sweep")
