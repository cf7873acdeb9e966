"""A browser."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page

from rhoscope.catalog import Catalog
from trainer.plugins import describe


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    """The real catalogue of this installation."""
    return describe()


def _complaints(message: ConsoleMessage) -> list[str]:
    """What was complained about, and where; not that a part is slow, which /readyz is there to say."""
    url = message.location["url"]
    return [f"{message.text} {url}"] if message.type == "error" and not url.endswith("/readyz") else []


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh page on which nothing may complain."""
    context = browser.new_context(viewport={"width": 1280, "height": 1000}, accept_downloads=True)
    page = context.new_page()
    page.set_default_timeout(60_000)
    said: list[str] = []
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("console", lambda message: said.extend(_complaints(message)))
    yield page
    context.close()
    assert said == []
