"""What is typed into the filter of the runs' table, and how small curves are drawn: no server, no page."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

ASSETS = Path(__file__).parents[2] / "dashboard" / "assets"


@pytest.fixture(scope="module")
def script(browser: Browser) -> Any:
    page: Page = browser.new_page()
    for name in ("00-words", "81-filter", "82-spark"):
        page.add_script_tag(path=ASSETS / f"{name}.js")
    yield page
    page.close()


PARSED: list[tuple[str, list[list[str]]]] = [
    ("", []),
    ("two words", [["q", "two words"]]),
    ("state:running,queued state:lost", [["state", "running,queued,lost"]]),
    ('tag:"a b" x', [["tag", "a b"], ["q", "x"]]),
    ("alpha>0.3", [["where", "settings.alpha>0.3"]]),
    ("best>=0.8 test!=1", [["where", "best>=0.8"], ["where", "test!=1"]]),
    ("fusion:film probe:audio", [["where", "fusion=film"], ["where", "settings.probe=audio"]]),
    ("settings.lr<=0.1", [["where", "settings.lr<=0.1"]]),
    ("strategy:ogm strategy:agm", [["strategy", "ogm"], ["where", "strategy=agm"]]),
]


@pytest.mark.parametrize(("text", "params"), PARSED, ids=[text for text, _ in PARSED])
def test_a_text_becomes_the_parameters_of_the_api(script: Page, text: str, params: list[list[str]]) -> None:
    assert script.evaluate("(text) => rhoscope.filter.parse(text)", text) == {"params": params, "problem": ""}


@pytest.mark.parametrize("text", ["alpha>", "state:", "tag:a tag:b"])
def test_a_text_that_can_not_be_read_says_why(script: Page, text: str) -> None:
    assert script.evaluate("(text) => rhoscope.filter.parse(text).problem", text).endswith(".")


def test_a_state_is_switched_and_the_rest_stays_as_typed(script: Page) -> None:
    toggle = "([text, state]) => rhoscope.filter.toggle(text, state)"
    assert script.evaluate(toggle, ['name tag:"a b"', "failed"]) == 'state:failed name tag:"a b"'
    assert script.evaluate(toggle, ["x state:failed,lost", "failed"]) == "state:lost x"
    assert script.evaluate(toggle, ["state:lost", "lost"]) == ""


def test_rho_of_one_is_drawn_in_the_middle_and_a_spike_at_its_height(script: Page) -> None:
    path = script.evaluate(
        """() => rhoscope.sparkPath(
          { steps: [0, 50], low: [1, 0.125], high: [1, 64] }, 100, rhoscope.sparkShare.rho)"""
    )
    assert path == "M0 15L50 28L50 2"


def test_a_single_value_is_a_dot(script: Page) -> None:
    path = script.evaluate(
        """() => rhoscope.sparkPath({ steps: [9], low: [1], high: [1] }, 9, rhoscope.sparkShare.accuracy)"""
    )
    assert path == "M100 2h.1"
