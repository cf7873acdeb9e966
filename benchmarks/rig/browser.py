"""The browser in which pages are measured."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from playwright.sync_api import Browser, Page, Playwright, ViewportSize

PROGRAMS = ("chromium", "google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SIZE: ViewportSize = {"width": 1920, "height": 1080}


def chromium(playwright: Playwright) -> Browser:
    """A headless browser: the system's own, drawing in software."""
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    return playwright.chromium.launch(executable_path=program, args=FLAGS)


@contextmanager
def apart(browser: Browser, size: ViewportSize) -> Iterator[Page]:
    """A page in a context of its own: nothing is cached, and none of its programs are compiled."""
    context = browser.new_context(viewport=size)
    yield context.new_page()
    context.close()


opens: Callable[[Browser, ViewportSize], AbstractContextManager[Page]] = apart
"""Opens what is measured; tests, where nothing is, have a quicker way."""


def fresh(browser: Browser) -> AbstractContextManager[Page]:
    """A page that has loaded nothing yet."""
    return opens(browser, SIZE)
