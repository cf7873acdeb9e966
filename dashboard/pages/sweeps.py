"""Sweeps: all of them, or one as one thing. `assets/88-sweeps.js` fills and renews it."""

from dash import Dash, html

from dashboard.pages.page import Context, Page


def layout() -> html.Div:
    """The frame; the address says which sweep is meant."""
    return html.Div(
        [html.H1("Sweeps", className="visually-hidden"), html.Div(id="sweeps-body")],
        id="sweeps",
        className="page sweeps-page",
        **{"data-page": "sweeps"},
    )


def register(_dash: Dash, _context: Context) -> None:
    """Nothing of it speaks to the server through Dash."""


PAGE = Page("/sweeps", "Sweeps", layout, register)
