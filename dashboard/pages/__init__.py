"""The pages, in the order of the header's links. `dashboard/page/pages` has a folder for each."""

from dashboard.pages import launch
from dashboard.pages.page import Context, Page

PAGES: tuple[Page, ...] = (
    Page("/", "Runs", launch.FORM),
    Page("/watch", "Watch", linked=False),
    Page("/compare", "Compare"),
    Page("/sweeps", "Sweeps"),
    Page("/workers", "Workers"),
)

__all__ = ["PAGES", "Context", "Page"]
