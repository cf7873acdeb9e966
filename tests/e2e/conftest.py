"""The browser that people would use, on a page of their own."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page


@pytest.fixture
def page(fresh: Callable[[int, int], Page]) -> Page:
    return fresh(1280, 1100)
