"""A page that has arrived: its first answers are there, and it is seen."""

from playwright.sync_api import Page

SEEN = "() => window.rhoscope?.stats.connected && !document.querySelector('[data-settling]')"


def seen(page: Page) -> None:
    """Wait until it is: from then on nothing moves under a pointer."""
    page.wait_for_function(SEEN)


FOLLOW = """(href) => {
  const link = document.body.appendChild(Object.assign(document.createElement("a"), { href }));
  link.click();
  link.remove();
}"""


def follow(page: Page, url: str) -> None:
    """Go there as a link on the page does: its programs stay, whose loading is half of a visit or more."""
    page.evaluate(FOLLOW, url)
