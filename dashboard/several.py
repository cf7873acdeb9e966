"""Several strategies, fusions or data sets in one launch: every combination, each with its settings."""

import itertools
from collections.abc import Iterator, Mapping
from typing import Any

import dash_mantine_components as dmc
from dash import html

from dashboard import values
from rhoscope.catalog import Catalog
from rhoscope.errors import InvalidInput
from rhoscope.spec import PLUGIN_FIELDS, RunSpec

PREFIX = "also."
"""Of the fields that add a plug-in to the chosen one: `also.strategy.joint`."""
_LEGENDS = {"strategy": "Also strategies", "fusion": "Also fusions", "dataset": "Also data sets"}


def key(field: str, name: str) -> str:
    """The form's field that adds a plug-in.

    >>> key("strategy", "joint")
    'also.strategy.joint'
    """
    return f"{PREFIX}{field}.{name}"


def added(typed: Mapping[str, str], field: str) -> list[str]:
    """Names of the plug-ins of a kind that a form adds, besides the chosen one.

    >>> added({"also.strategy.joint": "true", "strategy": "ogm-ge"}, "strategy")
    ['joint']
    """
    begin = key(field, "")
    names = [
        name.removeprefix(begin) for name, text in typed.items() if name.startswith(begin) and text == "true"
    ]
    return [name for name in names if name != typed.get(field)]


def combinations(base: RunSpec, typed: Mapping[str, str]) -> list[RunSpec]:
    """The chosen plug-ins, and every combination with those that the form adds; the chosen ones first."""
    if base.program:
        return [base]
    lists = [[str(getattr(base, field)), *added(typed, field)] for field in PLUGIN_FIELDS]
    names = [dict(zip(PLUGIN_FIELDS, combination, strict=True)) for combination in itertools.product(*lists)]
    return [RunSpec(**one) for one in names]


def shared(catalog: Catalog, specs: list[RunSpec]) -> dict[str, dict[str, Any]]:
    """The settings that all of these have alike, with the same default and limits."""
    first, *others = [catalog.schemas(spec) for spec in specs]
    return {name: schema for name, schema in first.items() if all(o.get(name) == schema for o in others)}


def points(
    catalog: Catalog, specs: list[RunSpec], typed: Mapping[str, str], encoders: list[dict[str, str]]
) -> list[dict[str, Any]]:
    """One point of a sweep per combination, and per value of a setting that only some have.

    What a combination has under another default keeps that: the form shows the chosen plug-ins' settings.
    """
    chosen = catalog.schemas(specs[0])
    common = shared(catalog, specs)
    made = []
    for spec, own in zip(specs, encoders, strict=True):
        names = {field: getattr(spec, field) for field in PLUGIN_FIELDS} | ({"encoders": own} if own else {})
        schemas = {n: s for n, s in catalog.schemas(spec).items() if n not in common and chosen.get(n) == s}
        made += [names | settings for settings in _products(schemas, typed)]
    return made


def _products(schemas: Mapping[str, dict[str, Any]], typed: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    axes = []
    for name, schema in schemas.items():
        try:
            given = values.read(name, schema, typed.get(name, ""))
        except InvalidInput:
            continue  # said where the chosen plug-ins' settings are read
        if given and given != [schema.get("default")]:
            axes.append([(name, value) for value in given])
    for combination in itertools.product(*axes):
        yield dict(combination)


def part(catalog: Catalog, typed: Mapping[str, str]) -> html.Details:
    """The fold for further strategies, fusions and data sets of the same launch.

    Its fields come once it is opened, or where `typed` has one of them: most visitors never open it.
    """
    named = any(added(typed, field) for field in PLUGIN_FIELDS)
    return html.Details(
        [
            html.Summary(["Compare several", html.Span(id="also-count", className="changed-count")]),
            html.Div(choices(catalog, typed) if named else [], id="also-choices"),
        ],
        id="also-group",
        className="more also-group",
    )


def choices(catalog: Catalog, typed: Mapping[str, str]) -> list[Any]:
    """Plug-ins that can be launched beside the chosen ones, each in one line of what it does."""
    preset = html.Button(
        "Joint + the chosen strategy",
        type="button",
        className="button button-quiet",
        title="The baseline beside what is chosen",
        **{"data-preset": key("strategy", "joint")},
    )
    return [preset, *(_choices_of(catalog, field, typed) for field in _LEGENDS)]


def _choices_of(catalog: Catalog, field: str, typed: Mapping[str, str]) -> html.Fieldset:
    boxes = [
        dmc.Checkbox(
            id=f"setting-{key(field, plugin.name)}",
            label=plugin.title,
            description=values.brief(plugin.help),
            checked=typed.get(key(field, plugin.name)) == "true",
            size="xs",
        )
        for plugin in catalog.plugins
        if plugin.kind == field and not plugin.error
    ]
    return html.Fieldset([html.Legend(_LEGENDS[field]), *boxes], className="also-part")
