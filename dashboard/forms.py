"""The launch form from the catalog: one input per setting, with its help, limits and default."""

from typing import Any

import dash_mantine_components as dmc
from dash import html

from dashboard.launching import OURS
from dashboard.values import sentence, show
from rhoscope.catalog import Catalog
from rhoscope.plugin import Plugin
from rhoscope.schema import allowed
from rhoscope.spec import PLUGIN_FIELDS, RunSpec

ESSENTIAL = ("alpha", "seed", "epochs", "batch_size", "lr")
"""Settings that are always in sight, where the chosen plug-ins have them; after those that are marked so."""

LABELS = {"lr": "Learning rate", "batch_size": "Batch size"}
FIELDS = {"dataset": "Data set", "fusion": "Fusion", "strategy": "Strategy", "program": "Program"}


def plugin_choice(catalog: Catalog, field: str, chosen: str) -> html.Div:
    """The choice among the plug-ins of a kind; one that can't be used says so and can't be chosen."""
    options = [_option(plugin) for plugin in catalog.plugins if plugin.kind == field]
    select = dmc.Select(
        id=f"setting-{field}",
        label=FIELDS[field],
        data=options,
        value=chosen,
        allowDeselect=False,
        withCheckIcon=False,
        size="sm",
    )
    return _resettable(field, FIELDS[field], getattr(initial_spec(catalog), field), select)


def program_choice(catalog: Catalog, chosen: str) -> html.Div:
    """The choice between rhoscope's own training and users' programs; out of sight where there are none."""
    programs = catalog.of_kind("program")
    ours = [{"value": OURS, "label": "rhoscope's own training"}] if catalog.of_kind("training") else []
    select = dmc.Select(
        id="setting-program",
        label=FIELDS["program"],
        data=[*ours, *({"value": one.name, "label": one.title} for one in programs)],
        value=chosen or OURS,
        allowDeselect=False,
        withCheckIcon=False,
        size="sm",
    )
    first = initial_spec(catalog).program or OURS
    return html.Div(
        _resettable("program", FIELDS["program"], first, select),
        hidden=not programs,
        className="program-choice",
    )


def essentials(catalog: Catalog, spec: RunSpec, typed: dict[str, str]) -> list[Any]:
    """Inputs of the settings most people turn; `typed` is what already stands in the form."""
    schemas = catalog.schemas(spec)
    return [setting_input(n, schemas[n], typed.get(n), brief=True) for n in _in_sight(spec, schemas)]


def kind(catalog: Catalog, spec: RunSpec) -> str:
    """Classes of the form: whether it is of a program, and whether all settings are in sight."""
    whole = set(_in_sight(spec, catalog.schemas(spec))) == set(catalog.schemas(spec))
    return f"of-program{' whole' if whole else ''}" if spec.program else ""


def _in_sight(spec: RunSpec, schemas: dict[str, dict[str, Any]]) -> list[str]:
    """Names of the settings that are always in sight: of a program all, unless it marks some of them."""
    names = [n for n, schema in schemas.items() if schema.get("essential")]
    if spec.program:
        return names or list(schemas)
    return names + [n for n in ESSENTIAL if n in schemas]


def essential(catalog: Catalog, spec: RunSpec) -> set[str]:
    """The fields that are in sight before all settings are shown."""
    return {*FIELDS, *_in_sight(spec, catalog.schemas(spec))}


def everything(catalog: Catalog, spec: RunSpec, typed: dict[str, str]) -> list[Any]:
    """Inputs of all other settings, grouped by the plug-in that declares them, and the encoders.

    They come once their fold is opened: most visitors never do, and a form of all settings takes a browser
    three times as long to draw.
    """
    groups = [_encoders(catalog, spec, typed)]
    shown = _in_sight(spec, catalog.schemas(spec))
    for plugin in catalog.chosen(spec):
        names = [n for n in plugin.settings if n not in shown]
        inputs = [setting_input(n, plugin.settings[n], typed.get(n)) for n in names]
        if inputs or plugin.fidelity:
            groups.append(_group(_heading(plugin), f"{plugin.help} {plugin.fidelity}".strip(), inputs))
    return [group for group in groups if group is not None]


def setting_input(name: str, schema: dict[str, Any], typed: str | None, *, brief: bool = False) -> html.Div:
    """One input, of the kind its schema asks for, and what sets it back."""
    made = _input(name, schema, typed, brief=brief)
    wide = brief and schema.get("type") == "string" and "enum" not in schema
    return _resettable(name, words(name), show(schema.get("default")), made, wide=wide)


def _resettable(name: str, text: str, default: str, made: Any, *, wide: bool = False) -> html.Div:
    """A field with the button that appears once it differs from its default."""
    back = f"Reset {text} to {default or 'empty'}"
    reset = html.Button(
        type="button",
        hidden=True,
        title=back,
        className="reset",
        **{"aria-label": back, "data-reset": name, "data-default": default},
    )
    return html.Div([made, reset], className=f"setting{' wide' if wide else ''}", **{"data-setting": name})


def _input(name: str, schema: dict[str, Any], typed: str | None, *, brief: bool) -> Any:
    value = show(schema.get("default")) if typed is None else typed
    if schema.get("type") == "boolean":
        return dmc.Switch(
            id=f"setting-{name}",
            label=label(name, schema),
            description=about(schema),
            checked=value == "true",
            size="sm",
            **{"aria-label": words(name)},
        )
    shared: dict[str, Any] = {
        "id": f"setting-{name}",
        "label": label(name, schema, brief=brief),
        "value": value,
        "size": "sm",
        "inputWrapperOrder": ["label", "input", "description", "error"],
        "aria-label": words(name),
    }
    shared["description"] = about(schema)
    if "enum" in schema:
        options = [str(choice) for choice in schema["enum"]]
        return dmc.Select(data=options, allowDeselect=False, withCheckIcon=False, **shared)
    return dmc.TextInput(
        autoComplete="off",
        spellCheck=False,
        inputProps={"inputMode": "text" if schema.get("type") == "string" else "decimal"},
        placeholder="empty" if _may_be_empty(schema) else show(schema.get("default")),
        **shared,
    )


def label(name: str, schema: dict[str, Any], *, brief: bool = False) -> Any:
    """A setting's name in words, whether it can change while running, and a hint with its help and limits."""
    parts: list[Any] = [words(name)]
    if schema.get("live"):
        parts.append(html.Span("live", className="live-badge", title="Can be changed during training."))
    help_text = f"{sentence(schema.get('description', ''))} " if brief else ""
    hint = f"{help_text}{limits(schema)}".strip()
    parts.append(
        dmc.Tooltip(
            html.Button(
                "?", type="button", className="hint", **{"aria-label": f"About {words(name).lower()}"}
            ),
            label=hint,
            multiline=True,
            w=280,
            withArrow=True,
            openDelay=150,
            events={"hover": True, "focus": True, "touch": True},
        )
    )
    return html.Span(parts, className="setting-label")


def words(name: str) -> str:
    """A setting's name as a label."""
    return LABELS.get(name, name.replace("_", " ").capitalize())


def limits(schema: dict[str, Any]) -> str:
    """The allowed values and the default, in two sentences.

    >>> limits({"type": "number", "minimum": 0, "default": 1.5})
    'A number from 0. Default: 1.5.'
    """
    text = allowed(schema).removeprefix("expected ")
    return f"{text[:1].upper()}{text[1:]}. Default: {show(schema.get('default')) or 'empty'}."


def about(schema: dict[str, Any]) -> list[Any]:
    """A setting's help; its limits stand beside it where nothing can be pointed at."""
    text = sentence(schema.get("description", ""))
    return [text, html.Span(f" {limits(schema)}", className="limits")]


def _may_be_empty(schema: dict[str, Any]) -> bool:
    return any(part.get("type") == "null" for part in schema.get("anyOf", []))


def _heading(plugin: Plugin) -> str:
    if plugin.kind == "training":
        return plugin.title
    return f"{plugin.title} ({FIELDS.get(plugin.kind, plugin.kind).lower()})"


def _option(plugin: Plugin) -> dict[str, Any]:
    note = " (not available)" if plugin.error else ""
    return {"value": plugin.name, "label": f"{plugin.title}{note}", "disabled": bool(plugin.error)}


def _group(title: str, text: str, inputs: list[Any]) -> html.Section:
    return html.Section(
        [html.H3(title), html.P(text, className="group-help"), html.Div(inputs, className="settings-grid")],
        className="settings-group",
    )


def _encoders(catalog: Catalog, spec: RunSpec, typed: dict[str, str]) -> html.Section | None:
    dataset = catalog.find("dataset", spec.dataset)
    names = [p.name for p in catalog.of_kind("encoder") if not p.error]
    inputs = [
        _resettable(
            f"encoders.{modality}",
            modality,
            facts["encoder"],
            dmc.Select(
                id=f"setting-encoders.{modality}",
                label=modality.capitalize(),
                data=names,
                value=typed.get(f"encoders.{modality}", facts["encoder"]),
                allowDeselect=False,
                withCheckIcon=False,
                size="sm",
            ),
        )
        for modality, facts in (dataset.facts.get("modalities", {}) if dataset else {}).items()
    ]
    about = "The network that turns each modality into features."
    return _group("Encoders", about, inputs) if inputs else None


def initial_spec(catalog: Catalog) -> RunSpec:
    """The form's initial specification: default plug-ins, or the first of a kind without its default."""
    programs = catalog.of_kind("program")
    if programs and not catalog.of_kind("training"):
        return RunSpec(program=programs[0].name)
    chosen: dict[str, str] = {}
    for field in PLUGIN_FIELDS:
        names = [p.name for p in catalog.plugins if p.kind == field and not p.error]
        default = str(RunSpec.model_fields[field].default)
        chosen[field] = default if default in names or not names else names[0]
    return RunSpec(**chosen)
