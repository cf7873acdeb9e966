"""The browser in which pages are measured."""

import shutil

from playwright.sync_api import Browser, Playwright

PROGRAMS = ("chromium", "google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def chromium(playwright: Playwright) -> Browser:
    """A headless browser: the system's own, drawing in software."""
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    return playwright.chromium.launch(executable_path=program, args=FLAGS)
