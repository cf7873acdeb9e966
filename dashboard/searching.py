"""The part of the launch form that makes a search of it: the space, and how trials are chosen."""

import re
from collections.abc import Mapping
from typing import Any

import dash_mantine_components as dmc
from dash import html
from pydantic import ValidationError

from dashboard import several, values
from rhoscope.errors import FieldError, InvalidInput
from rhoscope.search import Search
from rhoscope.spec import PLUGIN_FIELDS
from rhoscope.validation import field_error

PREFIX = "search."
SPACE = f"{PREFIX}space"
DEFAULTS = {
    SPACE: "",
    f"{PREFIX}trials": "20",
    f"{PREFIX}parallel": "1",
    f"{PREFIX}sampler": "tpe",
    f"{PREFIX}pruner": "none",
}
"""Texts of the fields by name."""
_CHOICES = {
    "sampler": ["tpe", "cma-es", "random", "grid"],
    "pruner": ["none", "median", "halving", "hyperband"],
}
_LABELS = {"trials": "Trials", "parallel": "At the same time", "sampler": "Sampler", "pruner": "Pruner"}
_LINE = re.compile(r"\s*([\w.-]+)\s*[=:]\s*(\S.*?)\s*")
_EXAMPLE = "alpha = 0.1..2\nlr = 0.001..0.1:log\nstrategy = joint, ogm-ge"


def part(typed: Mapping[str, str]) -> html.Details:
    """The fields, folded away for everybody who launches runs one by one."""
    texts = DEFAULTS | {name: text for name, text in typed.items() if name in DEFAULTS}
    space = dmc.Textarea(
        id=f"setting-{SPACE}",
        label="Space",
        description="One setting per line: low..high, low..high:log, low..high:step, or choices. "
        "Values given above are the same in all trials.",
        placeholder=_EXAMPLE,
        value=texts[SPACE],
        autosize=True,
        minRows=3,
        size="sm",
        inputWrapperOrder=["label", "input", "description", "error"],
    )
    rest = [_field(name, texts[PREFIX + name]) for name in _LABELS]
    return html.Details(
        [
            html.Summary(["Search", html.Span(id="search-count", className="changed-count")]),
            html.P(
                "A sampler chooses each run from the results before it.",
                className="form-note",
            ),
            html.Div(space, className="setting wide", **{"data-setting": SPACE}),
            html.Div(rest, className="settings-grid"),
        ],
        id="search-group",
        className="more search-group",
        open=bool(texts[SPACE]),
    )


def _field(name: str, text: str) -> html.Div:
    shared: dict[str, Any] = {
        "id": f"setting-{PREFIX}{name}",
        "label": _LABELS[name],
        "value": text,
        "size": "sm",
        "inputWrapperOrder": ["label", "input", "description", "error"],
    }
    made = (
        dmc.Select(data=_CHOICES[name], allowDeselect=False, withCheckIcon=False, **shared)
        if name in _CHOICES
        else dmc.TextInput(autoComplete="off", inputProps={"inputMode": "numeric"}, **shared)
    )
    return html.Div(made, className="setting", **{"data-setting": PREFIX + name})


def wanted(typed: Mapping[str, str]) -> bool:
    """Whether a form asks for a search."""
    return bool(typed.get(SPACE, "").strip())


def changed(typed: Mapping[str, str]) -> dict[str, str]:
    """The fields that differ from their defaults."""
    return {name: typed[name] for name, text in DEFAULTS.items() if typed.get(name, text) != text}


def search(typed: Mapping[str, str], grid: Mapping[str, list[Any]], own: Mapping[str, Any]) -> Search:
    """The search that a form asks for.

    What the form gives several values or plug-ins is searched, too; `own` are schemas of settings that only
    some of the plug-ins have: what differs from its default there is a choice of one.

    Raises:
        InvalidInput: naming each field that does not fit.
    """
    space: dict[str, Any] = {name: list(given) for name, given in grid.items() if name != "seed"}
    for name, schema in own.items():
        given = values.read(name, schema, typed.get(name, ""))
        if given and given != [schema.get("default")]:
            space[name] = given
    for field in PLUGIN_FIELDS:
        if also := several.added(typed, field):
            space[field] = [typed[field], *also]
    options = {name: typed.get(PREFIX + name, DEFAULTS[PREFIX + name]) for name in _LABELS}
    try:
        return Search.model_validate({"space": space | lines(typed[SPACE]), **options})
    except ValidationError as error:
        raise InvalidInput.of([_named(field_error(one)) for one in error.errors()]) from error


def lines(text: str) -> dict[str, str]:
    """The axes of a space by setting, as they were typed.

    Raises:
        InvalidInput: for a line that names no setting, or a setting twice.

    >>> lines("alpha = 0.1..2")
    {'alpha': '0.1..2'}
    """
    axes: dict[str, str] = {}
    for line in filter(str.strip, text.splitlines()):
        match = _LINE.fullmatch(line)
        if match is None:
            message = f"'{line.strip()[:100]}' is not of the form setting = low..high, such as alpha = 0.1..2"
            raise InvalidInput.field(SPACE, message)
        if match[1] in axes:
            raise InvalidInput.field(SPACE, f"{match[1]} is given twice; give it once")
        axes[match[1]] = match[2]
    return axes


def place(error: FieldError) -> FieldError:
    """A refusal of the API at the form's field: what is wrong in the space is said with its setting."""
    parts = error.field.split(".")
    if parts[:2] != ["search", "space"]:
        return error
    setting = ".".join(parts[2:])
    return error.model_copy(
        update={"field": SPACE, "message": f"{setting}: {error.message}" if setting else error.message}
    )


def _named(error: FieldError) -> FieldError:
    return place(error.model_copy(update={"field": f"{PREFIX}{error.field}" if error.field else SPACE}))
