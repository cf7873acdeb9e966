"""The launch form while it is filled in, and a report opened as a file; in a browser."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from accessibility import violations
from arrival import follow
from instrument import Instrument
from playwright.sync_api import Browser, Page, expect
from trained import trained

from rhoscope.runs import Run

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]
SPEC = {"epochs": 1, "dataset": "synthetic", "train_size": 128, "batch_size": 16, "alpha": 0.7}


@pytest.fixture(scope="module")
def runs(instrument: Instrument) -> list[Run]:
    return trained(instrument, *(SPEC | {"strategy": s, "seed": 3} for s in ("ogm-ge", "ogm")))


@pytest.fixture
def page(fresh: Callable[[int, int], Page]) -> Iterator[Page]:
    page = fresh(1280, 1000)
    complaints: list[str] = []
    page.on("console", lambda m: complaints.append(m.text) if m.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    page.close()
    assert complaints == []


def test_a_field_that_does_not_fit_says_so_while_one_types_and_is_silent_once_mended(
    instrument: Instrument, page: Page
) -> None:
    page.goto(instrument.url)
    forecast = page.locator("#launch-forecast")
    expect(forecast).to_contain_text(re.compile(r"One run of 552 steps\. Starts immediately on .+\."))
    before = instrument.client.runs().total
    alpha = page.locator("#setting-alpha")
    alpha.fill("")
    alpha.press_sequentially("-1")
    alert = page.locator("[data-setting='alpha'] .mantine-InputWrapper-error")
    expect(alert).to_have_text("-1.0 is invalid; expected a number from 0 to 100")
    expect(alpha).to_be_focused()
    expect(alpha).to_have_value("-1")
    expect(forecast).to_have_text("Fix 1 field.")
    page.locator("#recipes-group summary").click()
    expect(page.locator("#copy-recipe")).to_be_disabled()
    assert violations(page) == []
    alpha.fill("0.1, 0.8")
    expect(alert).to_have_count(0)
    expect(forecast).to_contain_text("2 runs of 552 steps each, 1,104 in all.")
    expect(page).to_have_url(f"{instrument.url}/?set=alpha:0.1_0.8")
    for kind, text in (
        ("curl", "/api/v1/sweeps"),
        ("python", "client.sweep("),
        ("cli", "--grid alpha=0.1,0.8"),
    ):
        page.locator(f"[data-recipe='{kind}']").click()
        expect(page.locator("#recipe")).to_contain_text(text)
    page.locator("[data-reset='alpha']").click()
    expect(alpha).to_have_value("1.5")
    expect(page.locator("[data-reset='alpha']")).to_be_hidden()
    expect(page).to_have_url(f"{instrument.url}/")
    assert instrument.client.runs().total == before


def test_the_button_says_how_many_runs_and_nothing_old_is_copied(instrument: Instrument, page: Page) -> None:
    page.goto(f"{instrument.url}/?set=alpha:0.1_0.8")
    launch = page.locator("#launch")
    expect(launch).to_have_text("Launch 2 runs")
    page.locator("#setting-seed").fill("0 - 4")
    expect(launch).to_have_text("Launch 10 runs")
    expect(page).to_have_url(f"{instrument.url}/?set=seed:0-4,alpha:0.1_0.8")
    page.locator("#recipes-group summary").click()
    copy = page.locator("#copy-recipe")
    expect(copy).to_be_enabled()
    alpha = page.locator("#setting-alpha")
    alpha.press("End")
    assert page.evaluate(
        """() => {
          const field = document.getElementById("setting-alpha");
          const set = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set;
          set.call(field, "0.3");
          field.dispatchEvent(new Event("input", { bubbles: true }));
          return document.getElementById("copy-recipe").disabled;
        }"""
    )
    expect(launch).to_have_text("Launch 5 runs")
    expect(copy).to_be_enabled()
    expect(page.locator("#recipe")).to_contain_text("0.3")
    alpha.press("End")
    alpha.press("5")
    alpha.press("Backspace")
    expect(copy).to_be_enabled()
    page.locator("#also-group > summary").click()
    page.get_by_role("button", name="Joint + the chosen strategy").click()
    expect(launch).to_have_text("Launch 10 runs")
    expect(page).to_have_url(re.compile("also.strategy.joint:true"))
    page.goto(page.url)
    expect(page.locator("#also-count")).to_have_text("1 added")  # though nobody has opened the fold
    expect(launch).to_have_text("Launch 10 runs")


def test_what_does_not_fit_is_said_again_at_a_field_that_was_made_anew(
    instrument: Instrument, page: Page
) -> None:
    page.goto(instrument.url)
    expect(page.locator("#launch-forecast")).to_contain_text("One run of")
    page.locator("#setting-alpha").fill("-1")
    alert = page.locator("[data-setting='alpha'] .mantine-InputWrapper-error")
    expect(alert).to_be_visible()
    page.locator("#setting-strategy").click()
    page.get_by_role("option", name="OGM", exact=True).click()
    expect(page.locator("#setting-strategy")).to_have_value("OGM")
    page.wait_for_timeout(1000)
    expect(alert).to_be_visible()


def test_what_stands_in_the_form_is_a_link_and_a_run_fills_it(
    instrument: Instrument, runs: list[Run], page: Page
) -> None:
    page.goto(f"{instrument.url}/watch?runs={runs[1].id}")
    page.get_by_role("link", name="Launch again").click()
    expect(page.locator("#form-source")).to_have_text(f"Filled in from run {runs[1].name}.")
    expect(page.locator("#setting-strategy")).to_have_value("OGM")
    expect(page.locator("#setting-train_size")).to_have_value("128")
    expect(page.locator("#launch-forecast")).to_contain_text("One run of 8 steps.")
    page.locator("#setting-lr").fill("0.1")
    expect(page).to_have_url(re.compile(r"/\?set=.*train_size:128.*"))
    expect(page).to_have_url(re.compile(r"lr:0\.1"))
    page.goto(page.url)
    expect(page.locator("#setting-lr")).to_have_value("0.1")
    expect(page.locator("#changed-settings")).to_have_text("1 changed")
    page.locator("#setting-lr").fill("0.05")
    page.locator("#launch").click()
    page.wait_for_url("**/watch?runs=*")
    again = instrument.client.run(page.url.split("=")[-1])
    assert again.spec == runs[1].spec
    follow(page, f"{instrument.url}/?from=no-such")
    expect(page.locator("#form-source")).to_contain_text("no-such")
    expect(page.locator("#setting-alpha")).to_have_value("1.5")


def test_a_setting_is_found_by_its_name_or_help(instrument: Instrument, page: Page) -> None:
    page.goto(instrument.url)
    page.locator("#all-settings-group summary").click()
    page.locator("#find-setting").fill("momentum")
    expect(page.locator("#all-settings .setting:visible")).to_have_count(1)
    expect(page.locator("#setting-momentum")).to_be_visible()
    page.locator("#find-setting").fill("no setting is called so")
    expect(page.locator("#no-setting")).to_be_visible()


def test_on_a_phone_help_and_limits_stand_there(instrument: Instrument, browser: Browser) -> None:
    phone = browser.new_context(viewport={"width": 360, "height": 780}, has_touch=True, is_mobile=True)
    page = phone.new_page()
    page.goto(instrument.url)
    page.get_by_role("button", name="Launch a run").click()
    help_text = page.locator("[data-setting='alpha'] .limits")
    expect(help_text).to_be_visible()
    expect(help_text).to_contain_text("A number from 0 to 100. Default: 1.5.")
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 360
    phone.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_report_opens_from_a_file_without_a_network(
    instrument: Instrument, runs: list[Run], page: Page, tmp_path: Path, scheme: str
) -> None:
    file = tmp_path / "report.html"
    done = instrument.cli("report", *(run.id for run in runs), "--out", str(file))
    assert done.stdout.strip() == str(file), done.stderr
    assert file.stat().st_size < 3_000_000
    requests: list[str] = []
    page.context.set_offline(True)
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.on("request", lambda request: requests.append(request.url))
    page.goto(file.as_uri())
    expect(page.locator("[data-chart='accuracy'] canvas")).to_be_visible()
    assert requests == [file.as_uri()]
    assert violations(page) == []
    for width in (360, 1920):
        page.set_viewport_size({"width": width, "height": 800})
        page.wait_for_function("(width) => document.documentElement.scrollWidth <= width", arg=width)
    page.set_viewport_size({"width": 1280, "height": 900})
    plot = page.locator("[data-chart='loss'] .u-over")
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    assert box
    page.mouse.move(box["x"] + 50, box["y"] + 50)
    expect(page.locator("[data-chart='accuracy'] header")).to_contain_text("step")
    page.mouse.down()
    page.mouse.move(box["x"] + 200, box["y"] + 50, steps=4)
    page.mouse.up()
    page.locator("#whole").click()
    page.get_by_role("button", name="slow").click()
    expect(page.locator("[data-chart='rho'] .legend")).to_contain_text("slow")
    page.get_by_role("button", name="Light or dark").click()
    expect(page.locator("html")).to_have_attribute("data-scheme", "dark" if scheme == "light" else "light")


def test_the_watch_page_gives_the_report_of_the_runs_it_shows(
    instrument: Instrument, runs: list[Run], page: Page
) -> None:
    page.goto(f"{instrument.url}/watch?runs={','.join(run.id for run in runs)}")
    with page.expect_download() as download:
        page.locator("#watch-report").click()
    assert download.value.suggested_filename == "rhoscope-2-runs.html"
