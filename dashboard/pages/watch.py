"""Runs being watched: one alone, or several overlaid. `dashboard/page` draws everything that moves."""

import dash_mantine_components as dmc
from dash import ClientsideFunction, Dash, Input, Output, dcc, html

from dashboard.pages.page import Context, Page
from rhoscope.base_path import within

SMOOTHING = (
    "Centered: each point is averaged with those before and after it. k and the learning rate never are."
)


def layout() -> html.Div:
    """The frame; `dashboard/page/pages/watch` fills it from the live connection."""
    return html.Div(
        [
            html.H1("Watch", className="visually-hidden"),
            html.Div(id="watch-runs", className="run-chips"),
            html.Div(
                [
                    html.Div(id="watch-focus"),
                    _report(),
                    _smoothing(),
                    html.Div(id="watch-view", className="toolbar-view"),
                ],
                id="watch-toolbar",
                className="toolbar",
            ),
            html.P(
                "The charts appear with a run's first step.",
                id="watch-waiting",
                className="empty",
                hidden=True,
            ),
            html.H2("Charts", className="visually-hidden"),
            html.Div(id="watch-charts", className="charts"),
            html.Details(
                [html.Summary("More charts"), html.Div(id="watch-more", className="charts")],
                id="watch-more-group",
                className="more",
                hidden=True,
            ),
            html.Div(id="watch-panels"),
            html.Div(id="smoothing-applied", hidden=True),
            html.Div(
                [
                    html.H3("No run selected"),
                    html.P("Select one or more in the list of runs to watch them together."),
                    dcc.Link("Go to the runs", href=within("/"), className="text-link"),
                ],
                className="watch-nothing empty",
            ),
        ],
        id="watch",
        className="page",
        **{"data-page": "watch"},
    )


def register(dash: Dash, _context: Context) -> None:
    """The smoothing slider changes the charts without the server."""
    dash.clientside_callback(
        ClientsideFunction("rhoscope", "smooth"),
        Output("smoothing-applied", "title"),
        Input("smoothing", "value"),
    )


def _report() -> html.A:
    """`dashboard/page/runs/again.js` adds the runs when it is clicked."""
    return html.A(
        "Report",
        id="watch-report",
        href=within("/api/v1/report"),
        download="",
        title="These runs as one self-contained HTML page",
        className="button button-quiet again",
    )


def _smoothing() -> html.Div:
    slider = dmc.Slider(
        id="smoothing",
        value=25,
        min=0,
        max=100,
        step=1,
        w=160,
        size="sm",
        label=None,
        thumbLabel="Smoothing in percent",
        updatemode="drag",
        persistence=True,
        persistence_type="local",
    )
    words = html.Span("Smoothing", className="toolbar-label", title=SMOOTHING)
    return html.Div([words, slider], className="toolbar-item")


PAGE = Page("/watch", "Watch", layout, register, linked=False)
