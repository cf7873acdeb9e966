"""A document names the first requests of its page: each is sent once, and the page takes its answer."""

from collections.abc import Callable

import filled
import pytest
from arrival import seen
from instrument import Instrument
from playwright.sync_api import Page

from dashboard import ahead
from rhoscope.environment import Environment

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]
ASKED = """
window.asked = [];
const { fetch } = window;
window.fetch = (url, ...given) => {
  window.asked.push(new URL(url, location).href);
  return fetch(url, ...given);
};
"""
NAMED = "() => [...document.querySelectorAll('link[rel=preload]')].map((link) => link.href)"
SENT = "() => performance.getEntriesByType('resource').map((entry) => entry.name)"


@pytest.fixture(scope="module")
def runs(instrument: Instrument) -> list[str]:
    store = filled.opened(Environment(data_dir=instrument.data_dir))
    made = [filled.fill(store, 60, name=f"seed {i}", seed=i) for i in range(ahead.MANY + 1)]
    store.close()
    return made


@pytest.fixture
def page(fresh: Callable[[int, int], Page]) -> Page:
    page = fresh(1280, 900)
    page.add_init_script(ASKED)
    return page


@pytest.mark.parametrize(
    ("address", "count", "requests"),
    [
        ("/", 0, 2),
        ("/?from=none", 0, 2),
        ("/?sort=name", 0, 0),
        ("/watch?runs=", 1, 3),
        ("/watch?runs=", 2, 6),
        ("/watch?runs=", ahead.FEW + 1, 0),
        ("/watch?runs=", ahead.MANY + 1, 1),
        ("/watch?focus=audio&runs=", ahead.MANY + 1, 1),
        ("/compare?runs=", 3, 2),
        ("/compare?by=alpha&runs=", 3, 1),
        ("/workers", 0, 0),
        ("/watch?runs=../../session", 0, 0),
    ],
)
def test_what_a_document_names_is_sent_once_and_is_what_its_page_asks_for(
    instrument: Instrument, runs: list[str], page: Page, address: str, count: int, requests: int
) -> None:
    page.goto(f"{instrument.url}{address}{','.join(runs[:count])}")
    named = page.evaluate(NAMED)
    assert len(named) == requests
    if not named:
        return
    seen(page)
    sent = page.evaluate(SENT)
    for url in named:
        assert url in page.evaluate("() => window.asked"), "the page asks for something else"
        assert sent.count(url) == 1, "the page asks again"
