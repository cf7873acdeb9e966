"""Debian's Chromium: whole, and without windows, which nobody sees here and which cost a third of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize


def _first(*names: str) -> Path:
    places = [Path("/usr/bin") / name for name in names]
    return next((place for place in places if place.exists()), places[0])


WHOLE = _first("chromium", "google-chrome")
EXECUTABLE = _first("chromium-headless-shell", "chromium", "google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"]
FLAGS += ["--disable-background-networking", "--disable-component-update"]
# A page that another one of its context has compiled all programs for need not do it again.
FLAGS += ["--process-per-site"]
# Programs that stream in are compiled beside the page, though compiled ones are there: a sixth of a load.
# The last flag of its name counts alone, so it repeats what Playwright turns off and what pages could feel.
ABSENT = ["ScriptStreaming", "PaintHolding", "HttpsUpgrades", "HttpsFirstBalancedModeAutoEnable"]
ABSENT += ["AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "OptimizationHints"]
ABSENT += ["ThirdPartyStoragePartitioning", "AvoidCorsURLLoaderRestartOnRedirect", "MediaRouter"]
FLAGS += [f"--disable-features={','.join(ABSENT)}"]
BRIEF = ["--js-flags=--no-opt,--no-maglev"]
"""A page of a test lives for seconds: what its program gains from being optimized costs more than that."""


@contextmanager
def anchored(browser: Browser) -> Iterator[BrowserContext]:
    """A page without content stays in it, and with it the process that has compiled our programs.

    Doing so again for each test would take longer than most tests do.
    """
    context = _anchored(browser)
    yield context
    context.close()


def _anchored(browser: Browser) -> BrowserContext:
    context = browser.new_context(accept_downloads=True)
    anchor = context.new_page()
    anchor.route("**", lambda route: route.fulfill(body=""))
    anchor.goto("http://127.0.0.1/")
    return context


@contextmanager
def beside(browser: Browser, size: ViewportSize) -> Iterator[Page]:
    """A page in the only context of a browser, anchored, which the next one finds without traces."""
    (context,) = browser.contexts or [_anchored(browser)]
    page = page_beside(context)
    page.set_viewport_size(size)
    yield page
    forget(context, {origin(page.url)})


def page_beside(context: BrowserContext) -> Page:
    """A page without content, opened by the anchor: it begins in the process where it will go on.

    A page that nobody opened begins in a process of its own, which is left with the first address: 60 ms.
    """
    anchor = context.pages[0]
    with context.expect_page() as page:
        anchor.evaluate("() => { open('about:blank').opener = null; }")
    return page.value


def origin(url: str) -> str:
    """Whose storage a page has."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def forget(context: BrowserContext, origins: set[str]) -> None:
    """Leave an anchored context as the next test has to find it."""
    anchor, *others = context.pages
    for one in others:
        one.close()
    devtools = context.new_cdp_session(anchor)
    for place in origins:
        devtools.send("Storage.clearDataForOrigin", {"origin": place, "storageTypes": "all"})
    devtools.detach()
    context.set_offline(False)
    context.clear_permissions()
    context.clear_cookies()
