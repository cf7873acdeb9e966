"""A page of a browser."""

from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import chromium
import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

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


@pytest.fixture(scope="session")
def context(browser: Browser) -> Iterator[BrowserContext]:
    """One context for the pages of all tests: each begins without cookies, storage, and rights."""
    with chromium.anchored(browser) as context:
        yield context


Fresh = Callable[[int, int], Page]


@pytest.fixture
def fresh(context: BrowserContext) -> Iterator[Fresh]:
    """Opens pages of a width and a height; what they leave behind is gone after the test."""
    seen: set[str] = set()

    def opened(width: int, height: int) -> Page:
        page = context.new_page()
        page.set_viewport_size({"width": width, "height": height})
        page.set_default_timeout(60_000)
        page.on("framenavigated", lambda frame: seen.add(_origin(frame.url)))
        return page

    yield opened
    _forget(context, seen)


@pytest.fixture
def page(fresh: Fresh) -> Iterator[Page]:
    """A fresh page on which nothing may complain."""
    page = fresh(1280, 1000)
    said: list[str] = []
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("console", lambda message: said.extend(_complaints(message)))
    yield page
    page.close()
    assert said == []


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _forget(context: BrowserContext, seen: set[str]) -> None:
    """Leave the context as the next test has to find it."""
    anchor, *others = context.pages
    for one in others:
        one.close()
    devtools = context.new_cdp_session(anchor)
    for origin in seen:
        devtools.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "all"})
    devtools.detach()
    context.set_offline(False)
    context.clear_permissions()
    context.clear_cookies()
