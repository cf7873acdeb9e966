"""A browser, and the parts of the page's program that need no server."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from rhoscope.catalog import Catalog
from trainer.plugins import describe

ASSETS = Path(__file__).parents[2] / "dashboard" / "assets"


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    """The real catalogue of this installation."""
    return describe()


@pytest.fixture(scope="module")
def bare(browser: Browser) -> Iterator[Page]:
    """An empty page with the drawing's pure parts: no server, no chart."""
    page = browser.new_page()
    for name in ("00-words", "10-wire", "12-bins", "15-record", "30-lines", "34-grid"):
        page.add_script_tag(path=ASSETS / f"{name}.js")
    yield page
    page.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh page on which nothing may complain."""
    context = browser.new_context(viewport={"width": 1280, "height": 1000}, accept_downloads=True)
    page = context.new_page()
    page.set_default_timeout(20_000)
    said: list[str] = []
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    yield page
    context.close()
    assert said == []
