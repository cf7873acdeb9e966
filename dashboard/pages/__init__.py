"""The pages; a new one is a file here and its entry in `PAGES`."""

from dashboard.pages import compare, launch, sweeps, watch, workers
from dashboard.pages.page import Context, Page

PAGES: tuple[Page, ...] = (launch.PAGE, watch.PAGE, compare.PAGE, sweeps.PAGE, workers.PAGE)

__all__ = ["PAGES", "Context", "Page"]
