"""The first visit, and two tasks of a newcomer: is my training balanced; six strategies in a table."""

import json
import re

import httpx
import pytest
from instrument import PLAIN, Instrument
from kept import recorded
from playwright.sync_api import Locator, Page, Route, expect
from trained import trained

from backend.verdict.verdict import judge
from rhoscope.runs import Run, SweepSpec

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]
SHORT = {**PLAIN, "epochs": 1, "train_size": 64}
TOUR = ("joint", "ogm-ge")
OTHERS = ("joint", "ogm", "agm", "mmpareto", "opm")
FEW = 12
"""Clicks: the task takes fewer."""


def test_a_first_visit_is_led_through_two_runs_and_ends_when_the_reader_likes(
    instrument: Instrument, page: Page
) -> None:
    nothing = httpx.get(f"{instrument.api_url}/api/v1/runs/index").json()
    assert nothing["total"] == 0
    page.route("**/api/v1/runs/index?*", lambda route: route.fulfill(json=nothing))
    runs = [{"id": one.id} for one in trained(instrument, *({**SHORT, "strategy": s} for s in TOUR))]
    page.route("**/api/v1/sweeps", lambda route: route.fulfill(json={"runs": runs}))
    page.goto(instrument.url)
    with page.expect_request("**/api/v1/sweeps") as request:
        page.get_by_role("button", name="Take the tour").click()
    sweep = SweepSpec.model_validate(request.value.post_data_json)
    assert [point["strategy"] for point in sweep.points] == list(TOUR)
    assert instrument.client.check(sweep).runs == 2
    tour = page.get_by_label("Tour", exact=True)
    expect(tour).to_contain_text("1 of 5")
    tour.get_by_role("button", name="Next").click()
    expect(page.locator("[data-chart='rho']")).to_have_class(re.compile("tour-card"))
    page.wait_for_url(re.compile("tour=2"))
    tour.get_by_role("button", name="End the tour").click()
    expect(tour).to_have_count(0)
    expect(page.locator(".tour-card")).to_have_count(0)
    page.wait_for_url(re.compile("^(?!.*tour)"))


@pytest.fixture(scope="module")
def run(instrument: Instrument) -> Run:
    """Any ended run; the tests let the page read the verdict on a recorded one."""
    return trained(instrument, SHORT | {"strategy": "joint"})[0]


@pytest.mark.parametrize(
    ("name", "first", "button"),
    [
        ("joint", "dominance found Audio leads visual", "Launch again with strategy ogm-ge"),
        ("balanced", "no-finding fine No finding", ""),
        ("broken", "diverging found The loss began with 2.35 and has risen to 8.80", "lr 3"),
    ],
)
def test_the_page_says_whether_a_training_is_balanced_and_what_to_do(
    instrument: Instrument, run: Run, page: Page, name: str, first: str, button: str
) -> None:
    line, mark, words = first.split(" ", 2)
    said = json.dumps([one.model_dump(mode="json") for one in judge(recorded(name))])

    def verdict(route: Route) -> None:
        route.fulfill(body=said, content_type="application/json")

    page.route("**/api/v1/runs/*/verdict", verdict)
    page.goto(f"{instrument.url}/watch?runs={run.id}")
    shown = page.locator(".verdict-line").first
    expect(shown).to_have_attribute("data-line", line)
    expect(shown).to_have_attribute("data-mark", mark)
    expect(shown).to_contain_text(words)
    again = page.locator("[data-action='remedy']")
    expect(again).to_have_count(1 if button else 0)
    if button:
        expect(again).to_contain_text(button)
    else:
        expect(page.locator(".verdict-line[data-mark='found']")).to_have_count(0)


def test_six_strategies_with_three_seeds_are_launched_compared_and_a_table_of_a_paper_in_few_clicks(
    instrument: Instrument, page: Page
) -> None:
    """A field that is filled counts as a click; that the runs are short is no part of the task."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    clicks = 0

    def click(target: Locator) -> None:
        nonlocal clicks
        target.click()
        clicks += 1

    page.goto(f"{instrument.url}/?set=dataset:synthetic,batch_size:512,epochs:1")
    click(page.locator("#also-group > summary"))
    for name in OTHERS:
        click(page.locator(f"label[for='setting-also.strategy.{name}']"))
    click(page.locator("#setting-seed"))
    page.keyboard.press("ControlOrMeta+A")
    page.keyboard.type("0-2")
    expect(page.locator("#launch-forecast")).to_contain_text("18 runs")
    click(page.locator("#launch"))
    page.wait_for_url(re.compile("/sweeps"))
    expect(page.locator(".sweep-progress")).to_contain_text("18 completed", timeout=200_000)
    click(page.get_by_role("button", name="Compare", exact=True))
    expect(page.locator(".compare-table thead th")).to_have_count(6)
    click(page.locator("[data-action='copy-table']"))
    click(page.get_by_role("menuitem", name="As LaTeX"))
    expect(page.locator("[data-action='copy-table']")).to_have_text("Copied as LaTeX")
    table = page.evaluate("navigator.clipboard.readText()")
    groups = re.findall(r"^ +strategy (\S+) & 3 & ", table, re.MULTILINE)
    assert set(groups) == {"ogm-ge", *OTHERS}
    assert "\\toprule" in table
    assert "baseline" in table
    assert clicks < FEW
