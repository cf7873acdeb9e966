"""The frame of every page: header, color scheme, connection banner; and which page is shown."""

from typing import Any

import dash_mantine_components as dmc
from dash import ClientsideFunction, Dash, Input, Output, dcc, html

from dashboard import theme
from dashboard.pages import PAGES
from rhoscope.base_path import within, without

_KEYS = {"aria-label": "Keyboard shortcuts", "aria-haspopup": "dialog"}


def layout() -> Any:
    """The frame of every page."""
    return dmc.MantineProvider(
        [
            dcc.Location(id="url", refresh="callback-nav"),
            html.A("Skip to content", href="#page", className="skip-link"),
            dmc.AppShell(
                [dmc.AppShellHeader(_header(), className="header"), dmc.AppShellMain(_main())],
                header={"height": 56},
                padding=0,
            ),
            html.Div(id="theme-applied", hidden=True),
        ],
        id="mantine",
        theme=theme.MANTINE,
        defaultColorScheme="auto",
    )


def register(dash: Dash) -> None:
    """Choose the page by its address."""
    pages = {page.path: page for page in PAGES}

    async def show(pathname: str | None) -> Any:
        return pages[without(pathname or "/")].layout()

    dash.callback(Output("page", "children"), Input("url", "pathname"))(show)

    dash.clientside_callback(
        ClientsideFunction("rhoscope", "arrive"),
        Output("page", "title"),
        Input("page", "children"),
        Input("url", "search"),
    )


def _header() -> html.Div:
    return html.Div(
        [
            dcc.Link(
                [html.Span(className="logo", **{"aria-hidden": "true"}), html.Span("rhoscope")],
                href=within("/"),
                className="brand",
            ),
            html.Nav(
                [
                    dcc.Link(page.title, href=within(page.path), className="nav-link")
                    for page in PAGES
                    if page.linked
                ],
                **{"aria-label": "Main"},
            ),
            html.Div(className="spacer"),
            html.Button(
                "?",
                id="show-shortcuts",
                type="button",
                title="Keyboard shortcuts",
                className="icon-button",
                **_KEYS,
            ),
            html.Button(
                html.Span(className="icon icon-views", **{"aria-hidden": "true"}),
                id="views",
                type="button",
                title="Saved views",
                className="icon-button",
                **{"aria-label": "Saved views", "aria-expanded": "false"},
            ),
            html.Button(
                [
                    html.Span(className="icon icon-bell", **{"aria-hidden": "true"}),
                    html.Span(id="bell-count", className="bell-count", hidden=True),
                ],
                id="bell",
                type="button",
                title="Notices and alerts",
                className="icon-button bell",
                **{"aria-label": "Notices and alerts", "aria-expanded": "false"},
            ),
            html.Button(id="account", type="button", className="button button-quiet account", hidden=True),
            html.Div(
                [html.Span(className="dot"), html.Span("Connecting", id="connection-text")],
                id="connection",
                className="connection",
                role="status",
            ),
            html.Div(
                [_scheme("light", "Light"), _scheme("auto", "System"), _scheme("dark", "Dark")],
                className="scheme",
                role="group",
                **{"aria-label": "Color scheme"},
            ),
        ],
        className="header-row",
    )


def _scheme(value: str, label: str) -> html.Button:
    return html.Button(
        html.Span(className=f"icon icon-{value}", **{"aria-hidden": "true"}),
        type="button",
        title=label,
        className="scheme-button",
        **{"data-scheme": value, "aria-label": label},
    )


def _main() -> list[Any]:
    return [
        html.Div(id="banner", className="banner", role="status", hidden=True),
        html.Div(id="health", className="banner", role="status", hidden=True),
        html.Div(id="page", tabIndex="-1"),
    ]
