"""A page that has arrived: its first answers are there, and it is seen."""

from playwright.sync_api import Page

SEEN = "() => window.rhoscope?.stats.connected && !document.querySelector('[data-settling]')"


def seen(page: Page) -> None:
    """Wait until it is: from then on nothing moves under a pointer."""
    page.wait_for_function(SEEN)
