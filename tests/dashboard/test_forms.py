"""The launch form holds exactly what the catalogue says, filled in so that one click launches."""

import json
from typing import Any

import pytest
from plotly.utils import PlotlyJSONEncoder

from dashboard import address, checking, forms, launching, recipes
from rhoscope.catalog import Catalog
from rhoscope.errors import FieldError, InvalidInput
from rhoscope.plugin import Plugin
from rhoscope.spec import RunSpec


def ids(parts: list[Any]) -> list[str]:
    """Every id in a component tree, in order."""
    tree = json.loads(json.dumps(parts, cls=PlotlyJSONEncoder))
    result: list[str] = []

    def walk(node: Any) -> None:
        if isinstance(node, dict):
            if isinstance(node.get("id"), str):
                result.append(node["id"])
            for value in node.values():
                walk(value)
        elif isinstance(node, list):
            for value in node:
                walk(value)

    walk(tree)
    return result


def filled(catalog: Catalog, **typed: str) -> dict[str, str]:
    """The untouched form's text, with some fields changed."""
    spec = forms.initial_spec(catalog)
    plugins = {field: getattr(spec, field) for field in forms.FIELDS} | typed
    schemas = catalog.schemas(launching.chosen(plugins))
    return {name: forms.show(schema.get("default")) for name, schema in schemas.items()} | plugins


def test_the_untouched_form_is_the_default_launch_and_passes_the_check(catalog: Catalog) -> None:
    order = launching.order(catalog, filled(catalog))
    assert (order.base.dataset, order.base.fusion, order.base.strategy) == ("av-digits", "concat", "ogm-ge")
    assert order.base.settings == {"alpha": 1.5, "seed": 0}
    assert not order.several
    catalog.check(order.base)


def test_every_setting_of_the_chosen_plug_ins_has_exactly_one_field(catalog: Catalog) -> None:
    for strategy in catalog.of_kind("strategy"):
        spec = RunSpec(strategy=strategy.name)
        parts = [*forms.essentials(catalog, spec, {}), *forms.everything(catalog, spec, {})]
        settings = [i.removeprefix("setting-") for i in ids(parts) if not i.startswith("setting-encoders.")]
        assert sorted(settings) == sorted(catalog.schemas(spec))


def test_the_form_says_how_each_chosen_part_compares_with_the_published_code(catalog: Catalog) -> None:
    spec = RunSpec(fusion="psp", encoders={"audio": "lstm", "visual": "avga"})
    shown = json.dumps(forms.everything(catalog, spec, {}), cls=PlotlyJSONEncoder, ensure_ascii=False)
    for kind, name in (("fusion", "psp"), ("encoder", "lstm"), ("encoder", "avga")):
        plugin = catalog.find(kind, name)
        assert plugin is not None
        assert plugin.fidelity.startswith("Equal to the published code")
        assert plugin.fidelity in shown


def test_what_was_typed_stays_when_another_strategy_is_chosen(catalog: Catalog) -> None:
    (alpha, *_) = forms.essentials(catalog, RunSpec(strategy="ogm"), {"alpha": "0.1, 0.8"})
    assert alpha.children[0].value == "0.1, 0.8"


def test_a_plug_in_that_can_not_be_used_is_shown_so_and_can_not_be_chosen() -> None:
    broken = Plugin(kind="strategy", name="mine", title="Mine", help="", error="it does not import")
    choice = forms.plugin_choice(Catalog(plugins=[broken], version="1"), "strategy", "")
    assert choice.children[0].data == [{"value": "mine", "label": "Mine (not available)", "disabled": True}]


def test_several_values_become_a_grid(catalog: Catalog) -> None:
    order = launching.order(catalog, filled(catalog, alpha="0.1, 0.8, 1.5", seed="0-1"))
    assert order.grid == {"alpha": [0.1, 0.8, 1.5], "seed": [0, 1]}


def test_every_complaint_comes_at_once_and_at_its_field(catalog: Catalog) -> None:
    with pytest.raises(InvalidInput) as refused:
        launching.order(catalog, filled(catalog, alpha="much", batch_size="0"))
    assert set(launching.misfits(refused.value.errors)) == {"alpha", "batch_size"}


def test_two_complaints_about_one_field_are_both_said() -> None:
    errors = [FieldError(field="base.settings.lr", message=m) for m in ("too large", "not finite")]
    assert launching.misfits(errors) == {"lr": "too large; not finite"}


NET = Plugin(
    kind="program",
    name="net",
    title="net",
    help="A network. Of mine.",
    settings={
        "lr": {"type": "number", "default": 0.1},
        "depth": {"type": "integer", "default": 3},
        "alpha": {"type": "number", "default": 2.0},
    },
)


def test_the_form_of_a_program_orders_its_settings_and_nothing_of_ours(catalog: Catalog) -> None:
    both = catalog.model_copy(update={"plugins": [*catalog.plugins, NET]})
    typed = {"program": "net", "dataset": "av-digits", "alpha": "2", "lr": "0.1, 0.2"}
    typed["also.strategy.joint"] = "true"
    ordered = launching.order(both, typed)
    assert ordered.base == RunSpec(program="net", settings={"alpha": 2.0})
    assert (ordered.grid, ordered.points) == ({"lr": [0.1, 0.2]}, [])
    spec = launching.chosen(typed)
    shown = str(forms.essentials(both, spec, {}))
    assert all(f"setting-{name}" in shown for name in NET.settings)
    assert forms.everything(both, spec, {}) == []
    assert forms.kind(both, spec) == "of-program whole"
    assert checking.changed(both, typed) == {"program": "net", "lr": "0.1, 0.2"}
    assert checking.changed(both, {"program": launching.OURS}) == {}
    assert recipes.body(ordered) == {"base": {"program": "net", "alpha": 2.0}, "grid": {"lr": [0.1, 0.2]}}
    assert address.text_of(ordered.base) == {"program": "net", "alpha": "2"}


def test_the_choice_of_a_program_is_there_where_there_are_some(catalog: Catalog) -> None:
    both = catalog.model_copy(update={"plugins": [*catalog.plugins, NET]})
    only = Catalog(version="1", plugins=[NET])
    assert forms.program_choice(catalog, "").hidden
    assert not forms.program_choice(both, "").hidden
    assert forms.initial_spec(only).program == "net"
    assert launching.OURS not in str(forms.program_choice(only, "net"))
