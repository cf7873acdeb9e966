"""Several strategies, fusions or data sets in one launch."""

import json
from typing import Any

import pytest
from plotly.utils import PlotlyJSONEncoder

from dashboard import checking, launching, recipes, several
from rhoscope.catalog import Catalog
from rhoscope.client import Client
from rhoscope.runs import SweepSpec

JOINT = {"also.strategy.joint": "true"}


def order(catalog: Catalog, **typed: str) -> launching.Order:
    named = {"dataset": "av-digits", "fusion": "concat", "strategy": "ogm-ge"}
    return launching.order(catalog, named | {name.replace("__", "."): text for name, text in typed.items()})


def test_what_only_some_of_the_strategies_have_is_in_their_points_alone(catalog: Catalog) -> None:
    wanted = order(catalog, **JOINT, alpha="0.1, 0.8", seed="0-2", epochs="3")
    assert wanted.grid == {"seed": [0, 1, 2]}
    assert wanted.base.settings["epochs"] == 3
    assert "alpha" not in wanted.base.settings
    strategies = [(point["strategy"], point.get("alpha")) for point in wanted.points]
    assert strategies == [("ogm-ge", 0.1), ("ogm-ge", 0.8), ("joint", None)]
    spec = launching.spec_of(wanted)
    assert isinstance(spec, SweepSpec)
    assert len(spec.points) * 3 == 9


def test_every_combination_fits_the_catalog(catalog: Catalog) -> None:
    others = {
        "also.strategy.joint": "true",
        "also.fusion.sum": "true",
        "also.dataset.synthetic": "true",
    }
    wanted = order(catalog, **others)
    assert len(wanted.points) == 8
    for point in wanted.points:
        plugins = {name: point[name] for name in ("dataset", "fusion", "strategy")}
        rest = {name: value for name, value in point.items() if name not in plugins}
        catalog.check(wanted.base.model_copy(update=plugins | {"settings": wanted.base.settings | rest}))


@pytest.mark.parametrize("also", [{}, {"also.strategy.ogm-ge": "true"}, {"also.strategy.joint": "false"}])
def test_nothing_added_is_one_run(catalog: Catalog, also: dict[str, str]) -> None:
    wanted = order(catalog, **also)
    assert not wanted.several
    assert wanted.points == []


def test_a_field_that_can_not_be_read_is_named_once(catalog: Catalog) -> None:
    with pytest.raises(launching.InvalidInput) as refusal:
        order(catalog, **JOINT, alpha="much")
    assert [error.field for error in refusal.value.errors] == ["alpha"]


def test_the_recipes_and_the_address_hold_what_was_added(catalog: Catalog) -> None:
    wanted = order(catalog, **JOINT)
    texts: dict[str, Any] = recipes.recipes(wanted, recipes.place(Client().url, "", guarded=False))
    assert all("joint" in text and "ogm-ge" in text for text in texts.values())
    assert texts["cli"].endswith("rhoscope sweep sweep.yaml")
    assert checking.changed(catalog, JOINT | {"strategy": "ogm-ge"}) == JOINT


def test_its_fields_come_once_the_fold_is_opened_or_where_the_form_has_one_of_them(catalog: Catalog) -> None:
    assert "setting-also." not in json.dumps(several.part(catalog, {}), cls=PlotlyJSONEncoder)
    prefilled = json.dumps(several.part(catalog, JOINT), cls=PlotlyJSONEncoder)
    assert all(f'"setting-also.strategy.{one.name}"' in prefilled for one in catalog.of_kind("strategy"))
    assert prefilled.count('"checked": true') == 1
