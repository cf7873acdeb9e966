"""The launch form, beside the table of runs."""

import asyncio
import logging
from typing import Any

import dash_mantine_components as dmc
from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html, no_update

from dashboard import address, checking, forms, launching, searching, several
from dashboard.pages.page import Context, Form
from dashboard.values import brief
from rhoscope.base_path import within
from rhoscope.catalog import Catalog
from rhoscope.errors import InvalidInput, NotFound, RhoscopeError, Unavailable
from rhoscope.spec import PLUGIN_FIELDS, RunSpec

POLL_MS = 1500
VIEWER = "Your role is viewer: you may look, but change nothing. An admin can make you an operator."
log = logging.getLogger("rhoscope.dashboard")


def layout() -> html.Div:
    """The form arrives with the catalog."""
    return html.Div(
        [
            html.Div(id="launch-form"),
            html.Div(id="launch-problem"),
            html.Div(
                [
                    html.P(id="launch-forecast", role="status"),
                    dmc.Button("Launch", id="launch", size="md", fullWidth=True, disabled=True),
                    html.P(VIEWER, className="viewer-note"),
                ],
                className="launch-foot",
            ),
            _recipes(),
            dcc.Interval(id="catalog-poll", interval=POLL_MS),
            dcc.Store(id="launch-request"),
            dcc.Store(id="launch-misfits"),
            dcc.Store(id="launch-checked"),
        ]
    )


def register(dash: Dash, context: Context) -> None:
    """Form, launch, and what the API answers."""
    _register_form(dash, context)
    _register_choices(dash, context)
    _register_check(dash, context)
    _register_launch(dash, context)


def _register_form(dash: Dash, context: Context) -> None:
    async def fill(_n_intervals: int | None, search: str | None) -> Any:
        try:
            catalog = await asyncio.to_thread(context.client.catalog)
            typed, note = await asyncio.to_thread(_prefilled, context, search or "")
        except Unavailable as error:
            return _absent(error), False, True
        except RhoscopeError as error:
            return _problem("The form can't be shown", [error.detail]), False, True
        return _form(catalog, typed, note), True, False

    dash.callback(
        Output("launch-form", "children"),
        Output("catalog-poll", "disabled"),
        Output("launch", "disabled"),
        Input("catalog-poll", "n_intervals"),
        State("url", "search"),
    )(fill)
    dash.clientside_callback(
        ClientsideFunction("rhoscope", "reshape"),
        Output("form-shape", "data"),
        Input("all-settings-shown", "data"),
        *[Input(f"setting-{field}", "value") for field in forms.FIELDS],
        prevent_initial_call=True,
    )

    async def reshape(shape: dict[str, Any] | None) -> Any:
        if not shape:
            return no_update, no_update, no_update, no_update
        try:
            catalog = await asyncio.to_thread(context.client.catalog)
            spec, typed = launching.chosen(shape["typed"]), shape["typed"]
        except RhoscopeError:
            return no_update, no_update, no_update, no_update
        return (
            forms.essentials(catalog, spec, typed) if shape["essentials"] else no_update,
            forms.everything(catalog, spec, typed) if shape["everything"] else no_update,
            _does(catalog, spec),
            forms.kind(catalog, spec),
        )

    dash.callback(
        Output("essential-settings", "children"),
        Output("all-settings", "children"),
        Output("strategy-does", "children"),
        Output("launch-fields", "className"),
        Input("form-shape", "data"),
        prevent_initial_call=True,
    )(reshape)


def _register_choices(dash: Dash, context: Context) -> None:
    async def choices(shown: float | None) -> Any:
        if not shown:
            return no_update
        try:
            return several.choices(await asyncio.to_thread(context.client.catalog), {})
        except RhoscopeError as error:
            return _problem("What could be compared is not known", [error.detail])

    dash.callback(Output("also-choices", "children"), Input("also-shown", "data"), prevent_initial_call=True)(
        choices
    )


def _register_check(dash: Dash, context: Context) -> None:
    """Check the form while it is filled in: the browser sends its contents when typing pauses."""
    dash.clientside_callback(
        ClientsideFunction("rhoscope", "look"),
        Output("launch-check", "data"),
        Input("launch-edit", "data"),
        Input("all-settings", "children"),
        *[State(f"setting-{field}", "value") for field in forms.FIELDS],
    )

    async def check(request: dict[str, Any] | None) -> Any:
        if not request:
            return no_update
        answer = await asyncio.to_thread(
            checking.checked, context.client, request["typed"], request["origin"]
        )
        return answer | {"number": request["number"]}

    dash.callback(
        Output("launch-checked", "data"),
        Input("launch-check", "data"),
        prevent_initial_call=True,
        on_error=checking.failed,
    )(check)
    dash.clientside_callback(
        ClientsideFunction("rhoscope", "checked"),
        Output("launch-forecast", "title"),
        Input("launch-checked", "data"),
        prevent_initial_call=True,
    )


def _prefilled(context: Context, search: str) -> tuple[dict[str, str], str]:
    try:
        return address.prefilled(context.client, search)
    except NotFound as error:
        return {}, f"{error.detail} The form shows the defaults instead."


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
            answer = launching.misfits(error.errors)
            lines = [f"{name}: {message}" for name, message in answer.items()] or [error.detail]
            return no_update, _problem("Nothing was launched", lines), answer
        return within(page), None, {}

    dash.callback(
        Output("url", "href"),
        Output("launch-problem", "children"),
        Output("launch-misfits", "data"),
        Input("launch-request", "data"),
        running=[(Output("launch", "loading"), True, False)],
        prevent_initial_call=True,
        on_error=_launch_failed,
    )(launch)
    dash.clientside_callback(
        ClientsideFunction("rhoscope", "mark"),
        Output("launch-problem", "title"),
        Input("launch-misfits", "data"),
        State("launch-request", "data"),
        prevent_initial_call=True,
    )


def _launch_failed(error: Exception) -> Any:
    """Report an unexpected error; what was queued before it is kept."""
    log.error("Launching failed.", exc_info=error)
    lines = ["Unexpected error, see the dashboard's log. The table of runs shows what was queued."]
    return no_update, _problem("Launching failed", lines), {}


def _launch(context: Context, request: dict[str, Any]) -> str:
    catalog = context.client.catalog()
    wanted = launching.order(catalog, request["typed"])
    return launching.launch(context.client, wanted, request["key"])


def _form(catalog: Catalog, typed: dict[str, str], note: str) -> list[Any]:
    try:
        spec = launching.chosen({f: getattr(forms.initial_spec(catalog), f) for f in forms.FIELDS} | typed)
        essentials = forms.essentials(catalog, spec, typed)
        shown = not forms.essential(catalog, spec).issuperset(
            n for n in typed if not n.startswith((several.PREFIX, searching.PREFIX))
        )
        everything = forms.everything(catalog, spec, typed) if shown else []
    except InvalidInput as error:
        if typed:
            return _form(catalog, {}, f"The form shows the defaults: {error.detail}.")
        return [_problem("The workers offer nothing that can be launched", [error.detail])]
    ours = forms.initial_spec(catalog) if spec.program else spec
    choices = [forms.plugin_choice(catalog, field, getattr(ours, field)) for field in PLUGIN_FIELDS]
    fields = [
        html.P(note, id="form-source", className="form-note", hidden=not note),
        forms.program_choice(catalog, spec.program),
        html.Div(choices, className="plugin-choices"),
        html.P(_does(catalog, spec), id="strategy-does", className="form-note"),
        several.part(catalog, typed),
        html.Div(essentials, id="essential-settings", className="settings-grid"),
        html.P(
            "Enter several values, such as 0.1, 0.8 or 0-4, to launch several runs.", className="form-note"
        ),
        searching.part(typed),
        html.Details(
            [
                html.Summary(["All settings", html.Span(id="changed-settings", className="changed-count")]),
                _search(),
                html.Div(everything, id="all-settings"),
            ],
            id="all-settings-group",
            className="more all-settings",
        ),
        dcc.Store(id="all-settings-shown", data=shown),
        dcc.Store(id="also-shown"),
        *[dcc.Store(id=name) for name in ("form-shape", "launch-edit", "launch-check")],
    ]
    return [html.Div(fields, id="launch-fields", className=forms.kind(catalog, spec))]


def _does(catalog: Catalog, spec: RunSpec) -> str:
    """Say what a program or a strategy does, in a sentence."""
    plugin = catalog.find("program", spec.program) or catalog.find("strategy", spec.strategy)
    return brief(plugin.help) if plugin else ""


def _search() -> html.Div:
    """`dashboard/page/pages/launch` narrows the settings by it."""
    field = dmc.TextInput(
        id="find-setting",
        placeholder="Find a setting",
        autoComplete="off",
        size="sm",
        **{"aria-label": "Find a setting"},
    )
    none = html.P("No settings match.", id="no-setting", className="form-note", hidden=True)
    return html.Div([field, none], className="find-setting")


def _recipes() -> html.Details:
    """Filled by `dashboard/page/pages/launch`."""
    return html.Details(
        [html.Summary("Copy as curl, Python, YAML"), html.Div(id="recipes")],
        id="recipes-group",
        className="more",
    )


def _absent(error: Unavailable) -> html.Div:
    return html.Div(
        [
            html.Span(className="icon icon-worker", **{"aria-hidden": "true"}),
            html.H3("Waiting for a worker"),
            html.P(error.detail),
            html.P("The workers decide what can be launched. Start one:"),
            html.Code("rhoscope worker"),
            html.P("The form appears here automatically.", className="form-note"),
        ],
        className="empty",
    )


def _problem(title: str, lines: list[str]) -> dmc.Alert:
    return dmc.Alert([html.P(line) for line in lines], title=title, color="red", variant="light", radius="md")


FORM = Form(layout, register)
