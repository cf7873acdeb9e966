"""Dash's part of the page: the form of the open one, where it has one."""

from typing import Any

import dash_mantine_components as dmc
from dash import ClientsideFunction, Dash, Input, Output, dcc, html

from dashboard import theme
from dashboard.pages import PAGES, Context
from rhoscope.base_path import without


def register(dash: Dash, context: Context) -> None:
    """The frame, and the callbacks of all forms."""
    forms = {page.path: page.form for page in PAGES}
    dash.layout = _layout()
    for form in filter(None, forms.values()):
        form.register(dash, context)

    async def show(pathname: str | None, _visit: float | None) -> Any:
        form = forms[without(pathname or "/")]
        return form.layout() if form else []  # of None, Dash keeps places where nothing is any more

    dash.callback(Output("form", "children"), Input("url", "pathname"), Input("visit", "data"))(show)
    dash.clientside_callback(
        ClientsideFunction("rhoscope", "formed"), Output("form", "title"), Input("form", "children")
    )


def _layout() -> Any:
    return dmc.MantineProvider(
        [dcc.Location(id="url", refresh="callback-nav"), dcc.Store(id="visit"), html.Div(id="form")],
        id="mantine",
        theme=theme.MANTINE,
        defaultColorScheme="auto",
    )
