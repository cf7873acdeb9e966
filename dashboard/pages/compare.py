"""Runs side by side. `assets/89-compare.js` fills and renews it; the address says which runs, and how."""

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
    """Nothing of it speaks to the server through Dash."""


PAGE = Page("/compare", "Compare", layout, register)
