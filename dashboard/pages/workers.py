"""Workers, and the queue. `dashboard/page/pages/workers` fills it."""

from dash import Dash, html

from dashboard.pages.page import Context, Page


def layout() -> html.Div:
    """The frame: workers above, the queue below."""
    return html.Div(
        [
            html.H1("Workers and queue", className="visually-hidden"),
            html.Section(html.Div(id="workers-list"), className="runs-section", **{"aria-label": "Workers"}),
            html.Section(html.Div(id="queue-list"), className="runs-section", **{"aria-label": "Queue"}),
        ],
        id="workers",
        className="page workers-page",
        **{"data-page": "workers"},
    )


def register(_dash: Dash, _context: Context) -> None:
    """No callbacks: the page asks the API itself."""


PAGE = Page("/workers", "Workers", layout, register)
