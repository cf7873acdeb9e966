"""A page of a browser."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import ConsoleMessage, Page

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
def page(fresh: Callable[[int, int], Page]) -> Iterator[Page]:
    """A fresh page on which nothing may complain."""
    page = fresh(1280, 1000)
    said: list[str] = []
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("console", lambda message: said.extend(_complaints(message)))
    yield page
    page.close()
    assert said == []
