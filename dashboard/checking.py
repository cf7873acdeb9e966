"""The check of a form while it is filled in: errors by field, a forecast, and the form as code."""

import logging
from typing import Any

from dashboard import forms, launching, recipes, searching, several, values, visitor
from rhoscope.catalog import Catalog
from rhoscope.client import Client
from rhoscope.composition import Contents
from rhoscope.errors import InvalidInput, RhoscopeError
from rhoscope.forecast import Forecast
from rhoscope.spec import PLUGIN_FIELDS

log = logging.getLogger("rhoscope.dashboard")
NOTHING: dict[str, Any] = {"changed": {}, "misfits": {}, "recipes": {}, "fits": False, "runs": 1}


def failed(error: Exception) -> dict[str, Any]:
    """The form's message when a check of any kind failed with an unexpected error."""
    log.error("The form could not be checked.", exc_info=error)
    says = "The form could not be checked: unexpected error, see the dashboard's log."
    return NOTHING | {"says": says, "number": None}


def checked(client: Client, typed: dict[str, str], origin: str) -> dict[str, Any]:
    """`{misfits, says, fits, runs, recipes, changed}` of a form's text; `origin` is the page's address.

    `misfits` are by field; `says` is a sentence; `runs` is how many it asks for; `changed` holds what
    differs from the defaults.
    """
    try:
        catalog = client.catalog()
        changes = NOTHING | {"changed": changed(catalog, typed)}
    except RhoscopeError as error:
        return NOTHING | {"says": error.detail}
    try:
        wanted = launching.order(catalog, typed)
        forecast = client.check(launching.spec_of(wanted))
    except RhoscopeError as error:
        misfits = launching.misfits(error.errors)
        return changes | {"misfits": misfits, "says": _refusal(misfits, error)}
    where = recipes.place(client.url, origin, guarded=visitor.is_known())
    answer = {"says": sentence(forecast), "runs": forecast.runs, "fits": True}
    return changes | answer | {"recipes": recipes.recipes(wanted, where)}


def sentence(forecast: Forecast) -> str:
    """The forecast in one or two sentences.

    >>> sentence(Forecast(runs=1, steps=552, steps_in_all=552, ahead=0, busy=0, free=["lab/0"], workers=1))
    'One run of 552 steps. Starts immediately on lab/0.'
    """
    what = "One run" if forecast.runs == 1 else f"{forecast.runs:,} runs"
    what += _lengths(forecast)
    return " ".join([f"{what}.", _when(forecast), *_about(forecast.contents)])


def _lengths(forecast: Forecast) -> str:
    runs, least, most, in_all = forecast.runs, forecast.least_steps, forecast.steps, forecast.steps_in_all
    if most is None or in_all is None:
        return ""
    if runs == 1:
        return f" of {most:,} steps"
    if least is None or least == most:
        return f" of {most:,} steps each, {in_all:,} in all"
    together = f"at most {in_all:,}" if in_all == runs * most else f"{in_all:,}"
    return f" of {least:,} to {most:,} steps, {together} in all"


def _about(contents: Contents | None) -> list[str]:
    """The contents of the data as a worker reported them, in sentences."""
    if contents is None:
        return []
    classes = f"{contents.classes} classes" if contents.classes != 1 else "one class"
    return [f"The data has {' and '.join(contents.modalities)} in {classes}.", *contents.remarks]


def _when(forecast: Forecast) -> str:
    one = forecast.runs == 1
    waiting = "the run will wait" if one else "the runs will wait"
    starts = "Starts immediately" if one else "The first starts immediately"
    if not forecast.workers:
        return f"No workers available: {waiting} in the queue."
    if len(forecast.free) > forecast.ahead:
        return f"{starts} on {forecast.free[forecast.ahead]}."
    if not forecast.ahead:
        return "Next in the queue; all workers are busy."
    noun = "run is" if forecast.ahead == 1 else "runs are"
    return f"{forecast.ahead:,} {noun} ahead in the queue."


def _refusal(misfits: dict[str, str], error: RhoscopeError) -> str:
    if not misfits:
        return error.detail
    elsewhere = [f"{name}: {text}" for name, text in misfits.items() if name in {"grid", "origin"}]
    fields = len(misfits) - len(elsewhere)
    summary = f"Fix {fields} {'field' if fields == 1 else 'fields'}." if fields else ""
    return " ".join([*elsewhere, summary]).strip()


def changed(catalog: Catalog, typed: dict[str, str]) -> dict[str, str]:
    """The text of each field that asks for something else than its default."""
    first = forms.initial_spec(catalog)
    program = launching.chosen(typed).program
    changes = {"program": program or launching.OURS} if program != first.program else {}
    changes |= searching.changed(typed)
    if not program:
        changes |= {
            f: typed[f] for f in PLUGIN_FIELDS if typed.get(f, getattr(first, f)) != getattr(first, f)
        }
        also = (name for name, text in typed.items() if name.startswith(several.PREFIX) and text == "true")
        changes |= dict.fromkeys(also, "true")
    try:
        base = launching.chosen(typed)
        changes |= {f"encoders.{m}": name for m, name in launching.encoders(catalog, base, typed).items()}
        schemas = catalog.schemas(base)
    except InvalidInput:
        return changes
    return changes | {
        name: typed[name]
        for name, schema in schemas.items()
        if name in typed and _differs(name, schema, typed[name])
    }


def _differs(name: str, schema: dict[str, Any], text: str) -> bool:
    try:
        given = values.read(name, schema, text)
    except InvalidInput:
        return True
    return bool(given) and given != [schema.get("default")]
