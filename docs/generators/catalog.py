"""Plug-ins, settings and series, from the catalog that a worker publishes."""

from collections.abc import Iterator
from functools import cache

from generators.markdown import code, limits_of, table, type_of
from rhoscope.catalog import Catalog
from rhoscope.plugin import Plugin, PluginKind
from rhoscope.series import Series
from trainer.plugins import describe


@cache
def catalog() -> Catalog:
    """The catalog of this installation."""
    return describe()


def plugins(kind: PluginKind) -> str:
    """Every plug-in of a kind with its settings and the series it adds."""
    return "".join(_plugin(plugin) for plugin in catalog().of_kind(kind))


def series() -> str:
    """Every series, gathered by the chart that draws it."""
    charts: dict[str, dict[str, tuple[Series, list[str]]]] = {}
    for plugin in catalog().plugins:
        for one in plugin.series:
            chart = charts.setdefault(one.group, {})
            chart.setdefault(one.name, (one, []))[1].append(plugin.name)
    return "".join(
        f"## `{chart}`\n\n{''.join(map(_series, entries.values()))}" for chart, entries in charts.items()
    )


def _plugin(plugin: Plugin) -> str:
    heading = f"### {plugin.title}\n\n`{plugin.kind}: {plugin.name}`. " if plugin.kind != "training" else ""
    paper = f"\n\nSource: {plugin.paper}." if plugin.paper else ""
    fidelity = f"\n\n{plugin.fidelity}" if plugin.fidelity else ""
    text = f"{heading}{plugin.help}{paper}{fidelity}\n\n"
    text += "".join(f"{label}: {', '.join(names)}.\n\n" for label, names in _abilities(plugin) if names)
    rows = (
        (
            f"`{name}`",
            type_of(schema),
            code(schema.get("default")),
            limits_of(schema),
            "yes" if schema.get("live") else "",
            schema.get("description", ""),
        )
        for name, schema in plugin.settings.items()
    )
    return text + table(("setting", "type", "default", "limits", "live", "meaning"), rows)


def _abilities(plugin: Plugin) -> Iterator[tuple[str, list[str]]]:
    yield "Provides", [f"`{name}`" for name in plugin.provides]
    yield "Requires", [f"`{name}`" for name in plugin.requires]


def _series(entries: tuple[Series, list[str]]) -> str:
    one, emitters = entries
    rows = [
        ("formula", f"`{one.formula}`"),
        ("unit", one.unit),
        ("recorded", _recorded(one)),
        ("across processes", one.reduce),
        ("emitted by", ", ".join(f"`{name}`" for name in emitters)),
    ]
    return f"### `{one.name}`\n\n{one.title}. {one.help}\n\n" + table(("property", "value"), rows)


def _recorded(one: Series) -> str:
    if one.sparse:
        return "per epoch or on demand"
    return f"every `{one.every}` steps" if one.every else "every step"
