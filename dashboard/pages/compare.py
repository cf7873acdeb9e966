"""Runs side by side. `dashboard/page/pages/compare` fills it; the address says which runs, and how."""

from dash import Dash, html

from dashboard.pages.page import Context, Page


def layout() -> html.Div:
    """The frame; runs are chosen on the page itself."""
    return html.Div(
        [html.H1("Compare runs", className="visually-hidden"), html.Div(id="compare-body")],
        id="compare",
        className="page compare-page",
        **{"data-page": "compare"},
    )


def register(_dash: Dash, _context: Context) -> None:
    """No callbacks: the page asks the API itself."""


PAGE = Page("/compare", "Compare", layout, register)
