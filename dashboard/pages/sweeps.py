"""Sweeps: all of them, or one. `dashboard/page/pages/sweeps` fills it."""

from dash import Dash, html

from dashboard.pages.page import Context, Page


def layout() -> html.Div:
    """The frame; the address names the sweep."""
    return html.Div(
        [html.H1("Sweeps", className="visually-hidden"), html.Div(id="sweeps-body")],
        id="sweeps",
        className="page sweeps-page",
        **{"data-page": "sweeps"},
    )


def register(_dash: Dash, _context: Context) -> None:
    """No callbacks: the page asks the API itself."""


PAGE = Page("/sweeps", "Sweeps", layout, register)
