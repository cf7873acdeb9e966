"""The compare page: runs chosen, what differs, curves on one axis, seed by seed; all in the address."""

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from arrival import seen
from instrument import Instrument
from playwright.sync_api import Page, Route, expect
from trained import swept, trained

from rhoscope.runs import Sweep

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]
BASE = {"epochs": 1, "dataset": "synthetic", "train_size": 128, "batch_size": 16}


@pytest.fixture(scope="module")
def ended(instrument: Instrument) -> Sweep:
    """Two alphas, three seeds each, trained to their ends."""
    return swept(instrument, {"base": BASE, "grid": {"alpha": [0.1, 1.5]}, "seeds": [0, 1, 2]})


def test_runs_are_found_added_and_left_out_on_the_page_and_the_address_says_which(
    instrument: Instrument, ended: Sweep, page: Page
) -> None:
    one, other = ended.runs[0], ended.runs[5]
    page.goto(f"{instrument.url}/compare")
    expect(page.locator("main .empty")).to_contain_text("No runs are selected")
    boxes = page.locator(".picker-list input")
    expect(boxes).to_have_count(6)
    page.get_by_label("Search runs").fill("alpha=1.5 seed=2")
    expect(boxes).to_have_count(1)
    boxes.check()
    page.get_by_label("Search runs").fill("ogm-ge")
    expect(boxes).to_have_count(6)
    boxes.last.check()
    page.wait_for_url(f"**/compare?runs={other.id},{one.id}")
    expect(page.locator(".compare-table thead th")).to_have_count(2)
    rows = page.locator(".compare-table tbody tr")
    expect(rows.filter(has_text="alpha").locator("td")).to_have_text(["1.5", "0.1"])
    expect(rows.filter(has_text="seed").locator("td.differs")).to_have_text(["0"])
    expect(rows.filter(has_text="batch size")).to_have_count(0)
    page.get_by_label("Show equal settings too").check()
    expect(rows.filter(has_text="batch size").locator("td").first).to_have_text("16")
    page.locator(".chip-drop").first.click()
    page.wait_for_url(f"**/compare?runs={one.id}&same=1")
    expect(page.locator(".compare-table thead th")).to_have_count(1)


def test_a_run_that_is_not_there_is_named_and_can_be_left_out(
    instrument: Instrument, ended: Sweep, page: Page
) -> None:
    page.goto(f"{instrument.url}/compare?runs={ended.runs[0].id},nobody")
    notice = page.locator(".notice")
    expect(notice).to_contain_text("There is no run nobody")
    expect(page.locator(".compare-table thead th")).to_have_count(1)
    notice.get_by_role("button", name="Leave it out").click()
    expect(notice).to_be_hidden()
    page.wait_for_url(f"**/compare?runs={ended.runs[0].id}")


def test_groups_are_set_against_a_baseline_seed_by_seed(
    instrument: Instrument, ended: Sweep, page: Page
) -> None:
    page.goto(f"{instrument.url}/compare?sweep={ended.id}")
    expect(page.locator(".compare-table thead th")).to_have_count(6)
    page.locator(".boxes > button", has_text="Group by").click()
    page.get_by_role("group", name="Group by").get_by_label("alpha").check()
    expect(page.locator(".compare-table thead th")).to_have_count(2)
    answer = instrument.client.groups(sweep=ended.id, by="alpha", baseline=ended.runs[3].id)
    assert "seeds and this spread, differences under" in answer.power["test.accuracy"]
    result = answer.groups[0].differences["test.accuracy"]
    assert result.mean is not None
    assert result.low is not None
    page.get_by_label("baseline alpha 1.5").check()
    cells = page.locator("[data-row='test.accuracy difference'] td")
    expect(cells.nth(1)).to_have_text("baseline")
    expect(cells.first).to_contain_text(f"{abs(100 * result.mean):.1f} points")
    expect(cells.first).to_contain_text(f"{abs(100 * result.low):.1f} …")
    expect(page.locator(".table-card .table-note")).to_have_text(answer.power["test.accuracy"])
    expect(page.locator("[data-chart='loss'] .legend")).to_have_text("mean ± standard deviation over runs")


def choose(page: Page, name: str) -> None:
    page.get_by_role("button", name="More of Training loss").click()
    page.locator(".menu [role^='menuitem']", has_text=name).click()


def test_another_person_sees_the_same_and_takes_the_numbers_home(
    instrument: Instrument, ended: Sweep, page: Page
) -> None:
    """Axis, zoom by dragging on all charts at once, series, scale and hidden lines stand in the address."""
    page.goto(f"{instrument.url}/compare?sweep={ended.id}&by=alpha&series=loss,rho.fast")
    expect(page.locator(".charts .uplot")).to_have_count(2)
    with page.expect_response(lambda answer: "align=epoch" in answer.url):
        page.locator("[data-align='epoch']").click()
    choose(page, "Logarithmic axis")
    page.locator(".chip-name").first.click()
    page.locator("[data-chart='loss']").scroll_into_view_if_needed()
    box = page.locator("[data-chart='loss'] .u-over").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 4, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 60, steps=5)
    expect(page.locator(".tooltip:visible")).to_have_count(1)
    page.mouse.up()
    page.wait_for_url("**zoom=0.2**")
    page.get_by_role("button", name="Copy link").click()
    page.goto(page.url)
    seen(page)
    expect(page.locator("[data-align='epoch']")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="More of Training loss").click()
    expect(
        page.locator(".menu", has_text="Logarithmic axis").locator("[aria-checked]").first
    ).to_have_attribute("aria-checked", "true")
    page.keyboard.press("Escape")
    expect(page.locator(".chip-name").first).to_have_attribute("aria-pressed", "false")
    expect(page.get_by_label("From", exact=True)).not_to_have_value("0")
    with page.expect_download() as waiting:
        choose(page, "Raw values (CSV)")
    rows = list(csv.DictReader(io.StringIO(Path(waiting.value.path()).read_text())))
    start, end = (float(edge) for edge in parse_qs(urlsplit(page.url).query)["zoom"][0].split(":"))
    window = instrument.client.groups(
        sweep=ended.id, by="alpha", names="loss", align="epoch", start=start, end=end
    )
    band = window.groups[1].bands[0]
    assert {row["line"] for row in rows} == {"alpha 1.5"}
    assert [float(row["mean"]) for row in rows] == pytest.approx(band.mean)
    page.get_by_role("button", name="All", exact=True).click()
    expect(page.get_by_label("From", exact=True)).to_have_value("0")
    page.wait_for_url(lambda url: "zoom" not in url)


class Gate:
    """Holds what the page asks for, until it is opened."""

    def __init__(self, page: Page, pattern: str, most: int = 1) -> None:
        self.held: list[Route] = []
        self.page, self.most = page, most
        page.route(re.compile(pattern), self._take)

    def _take(self, route: Route) -> None:
        if len(self.held) < self.most:
            self.held.append(route)
        else:
            route.continue_()

    def wait(self) -> None:
        while not self.held:
            self.page.wait_for_timeout(20)

    def open(self) -> None:
        for route in self.held:
            route.continue_()


def test_curves_stay_on_their_axis_until_those_for_another_have_come(
    instrument: Instrument, ended: Sweep, page: Page
) -> None:
    page.goto(f"{instrument.url}/compare?runs={ended.runs[0].id}&series=loss")
    plot = page.locator("[data-chart='loss'] .u-over")
    read = page.locator("[data-chart='loss'] .tooltip-step")
    plot.hover()
    expect(read).to_have_text(re.compile(r"^Step \d"))
    gate = Gate(page, "groups.*align=epoch")
    page.locator("[data-align='epoch']").click()
    gate.wait()
    plot.hover()
    expect(read).to_have_text(re.compile(r"^Step \d"))
    gate.open()
    expect(page.get_by_label("To", exact=True)).to_have_value("0.88")
    plot.hover()
    expect(read).to_have_text(re.compile(r"^Epoch \d"))


def test_an_answer_that_is_too_late_changes_nothing(instrument: Instrument, ended: Sweep, page: Page) -> None:
    gate = Gate(page, r"groups.*align=step")
    page.goto(f"{instrument.url}/compare?runs={ended.runs[0].id}")
    gate.wait()
    page.get_by_role("button", name="Add runs").click()
    page.locator(".picker-list input").first.check()
    heads = page.locator(".compare-table thead th")
    expect(heads).to_have_count(2)
    gate.open()
    page.wait_for_timeout(500)
    expect(heads).to_have_count(2)


def test_a_run_that_is_deleted_while_it_is_looked_at_is_named_whatever_is_clicked_next(
    instrument: Instrument, ended: Sweep, fresh: Callable[[int, int], Page]
) -> None:
    (run,) = trained(instrument, BASE)
    page = fresh(1280, 720)
    page.goto(f"{instrument.url}/compare?runs={ended.runs[0].id},{run.id}")
    expect(page.locator(".compare-table thead th")).to_have_count(2)
    instrument.client.delete(run.id)
    page.locator("[data-align='epoch']").click()
    expect(page.locator(".notice")).to_contain_text(f"There is no run {run.id}")
    expect(page.locator(".compare-table thead th")).to_have_count(1)


def test_a_chart_is_taken_home_as_a_drawing_and_as_a_picture(
    instrument: Instrument, ended: Sweep, page: Page
) -> None:
    page.goto(f"{instrument.url}/compare?sweep={ended.id}&by=alpha&series=loss&align=epoch")
    expect(page.locator(".charts .uplot")).to_have_count(1)
    expect(page.locator("[data-chart='loss'] .legend")).not_to_be_empty()
    with page.expect_download() as waiting:
        choose(page, "SVG vector")
    drawing = Path(waiting.value.path()).read_text()
    assert {"alpha 0.1", "alpha 1.5", "Training loss"} <= set(re.findall(r">([^<>]+)</text>", drawing))
    assert drawing.count("fill-opacity") == 2, "a shade for each group"
    with page.expect_download() as waiting:
        choose(page, "PNG image")
    assert waiting.value.suggested_filename.startswith("loss_2-lines_epoch_")
    assert Path(waiting.value.path()).read_bytes().startswith(b"\x89PNG")


def test_watch_groups_and_turns_to_another_axis_as_compare_does_and_back(
    instrument: Instrument, ended: Sweep, page: Page
) -> None:
    ids = ",".join(run.id for run in ended.runs)
    page.goto(f"{instrument.url}/watch?runs={ids}")
    live = page.locator("#watch-charts")
    expect(live.locator("[data-chart='rho'] canvas")).to_have_count(1)
    page.locator(".boxes > button", has_text="Group by").click()
    page.get_by_role("group", name="Group by").get_by_label("alpha").check()
    expect(page.locator(".grouped .chip-name")).to_have_text([re.compile("alpha 0.1"), re.compile("1.5")])
    page.keyboard.press("Escape")
    page.get_by_label("A series as the x axis").select_option("series:rho.fast")
    page.wait_for_url(re.compile(r"by=alpha&align=series(:|%3A)rho\.fast"))
    expect(live).to_be_hidden()
    expect(page.locator(".grouped [data-chart='loss'] canvas")).to_have_count(1)
    page.reload()
    expect(page.locator(".grouped .chip-name")).to_have_count(2)
    page.locator(".boxes > button", has_text="Group by").click()
    page.get_by_role("group", name="Group by").get_by_label("alpha").uncheck()
    expect(page.locator(".grouped .chip-name")).to_have_count(6)
    page.keyboard.press("Escape")
    page.locator("[data-align='step']").click()
    expect(live).to_be_visible()
    expect(page.locator(".grouped")).to_be_hidden()
    page.wait_for_url(re.compile(r"^(?!.*align=)"))
