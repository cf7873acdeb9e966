"""The first page: launch a run, and see what runs."""

import asyncio
from typing import Any

import dash_mantine_components as dmc
from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html, no_update

from dashboard import forms, launching
from dashboard.pages.page import Context, Page
from rhoscope.catalog import Catalog
from rhoscope.errors import InvalidInput, RhoscopeError, Unavailable

POLL_MS = 1500


def layout() -> html.Div:
    """The frame; the form arrives with the catalogue, the runs with the live connection."""
    return html.Div(
        [
            html.H1("Launch and runs", className="visually-hidden"),
            html.Section(
                [
                    html.H2("Launch", id="launch-title"),
                    html.Div(_waiting(), id="launch-form"),
                    html.Div(id="launch-problem"),
                    dmc.Button("Launch", id="launch", size="md", fullWidth=True, mt="md", disabled=True),
                ],
                className="card launch-card",
                **{"aria-labelledby": "launch-title"},
            ),
            html.Section(html.Div(id="runs-list"), className="runs-section", **{"aria-label": "Runs"}),
            dcc.Interval(id="catalog-poll", interval=POLL_MS),
            dcc.Store(id="launch-request"),
            dcc.Store(id="launch-misfits"),
        ],
        className="page launch-page",
        **{"data-page": "runs"},
    )


def register(dash: Dash, context: Context) -> None:
    """Form, launch, and what the API answers."""
    _register_form(dash, context)
    _register_launch(dash, context)


def _register_form(dash: Dash, context: Context) -> None:
    async def fill(_n_intervals: int | None) -> Any:
        try:
            catalog = await asyncio.to_thread(context.client.catalog)
        except Unavailable as error:
            return _absent(error), False, True
        except RhoscopeError as error:
            return _problem("The form can't be shown", [error.detail]), False, True
        return _form(catalog), True, False

    dash.callback(
        Output("launch-form", "children"),
        Output("catalog-poll", "disabled"),
        Output("launch", "disabled"),
        Input("catalog-poll", "n_intervals"),
    )(fill)
    dash.clientside_callback(
        ClientsideFunction("rhoscope", "reshape"),
        Output("form-shape", "data"),
        *[Input(f"setting-{field}", "value") for field in forms.FIELDS],
        prevent_initial_call=True,
    )

    async def reshape(typed: dict[str, str] | None) -> Any:
        try:
            catalog = await asyncio.to_thread(context.client.catalog)
            spec = launching.chosen(typed or {})
            kept = typed or {}
            return forms.essentials(catalog, spec, kept), forms.everything(catalog, spec, kept)
        except RhoscopeError:
            return no_update, no_update

    dash.callback(
        Output("essential-settings", "children"),
        Output("all-settings", "children"),
        Input("form-shape", "data"),
        prevent_initial_call=True,
    )(reshape)


def _register_launch(dash: Dash, context: Context) -> None:
    dash.clientside_callback(
        ClientsideFunction("rhoscope", "order"),
        Output("launch-request", "data"),
        Input("launch", "n_clicks"),
        *[State(f"setting-{field}", "value") for field in forms.FIELDS],
        prevent_initial_call=True,
    )

    async def launch(request: dict[str, Any] | None) -> Any:
        if not request:
            return no_update, no_update, no_update
        try:
            page = await asyncio.to_thread(_launch, context, request)
        except RhoscopeError as error:
            found = launching.misfits(error.errors)
            lines = [f"{name}: {message}" for name, message in found.items()] or [error.detail]
            return no_update, _problem("Nothing was launched", lines), found
        return page, None, {}

    dash.callback(
        Output("url", "href"),
        Output("launch-problem", "children"),
        Output("launch-misfits", "data"),
        Input("launch-request", "data"),
        running=[(Output("launch", "loading"), True, False)],
        prevent_initial_call=True,
    )(launch)
    dash.clientside_callback(
        ClientsideFunction("rhoscope", "mark"),
        Output("launch-problem", "title"),
        Input("launch-misfits", "data"),
        State("launch-request", "data"),
        prevent_initial_call=True,
    )


def _launch(context: Context, request: dict[str, Any]) -> str:
    catalog = context.client.catalog()
    wanted = launching.order(catalog, request["typed"])
    return launching.launch(context.client, wanted, request["key"])


def _form(catalog: Catalog) -> list[Any]:
    try:
        spec = forms.initial_spec(catalog)
        essentials, everything = forms.essentials(catalog, spec, {}), forms.everything(catalog, spec, {})
    except InvalidInput as error:
        return [_problem("The workers announce nothing that can be launched", [error.detail])]
    choices = [forms.plugin_choice(catalog, field, getattr(spec, field)) for field in forms.FIELDS]
    return [
        html.Div(choices, className="plugin-choices"),
        html.Div(essentials, id="essential-settings", className="settings-grid"),
        html.P("Several values, such as 0.1, 0.8, 1.5 or 0-4, launch several runs.", className="form-note"),
        html.Details(
            [html.Summary("All settings"), html.Div(everything, id="all-settings")],
            id="all-settings-group",
            className="more all-settings",
        ),
        dcc.Store(id="form-shape"),
    ]


def _waiting() -> list[Any]:
    return [dmc.Skeleton(height=36, radius="md", mb="md") for _ in range(6)]


def _absent(error: Unavailable) -> html.Div:
    return html.Div(
        [
            html.Span(className="icon icon-worker", **{"aria-hidden": "true"}),
            html.H3("Waiting for a worker"),
            html.P(error.detail),
            html.P("What can be launched is what the workers can train. Start one:"),
            html.Code("rhoscope worker"),
            html.P("The form appears here by itself.", className="form-note"),
        ],
        className="empty",
    )


def _problem(title: str, lines: list[str]) -> dmc.Alert:
    return dmc.Alert([html.P(line) for line in lines], title=title, color="red", variant="light", radius="md")


PAGE = Page("/", "Runs", layout, register)
