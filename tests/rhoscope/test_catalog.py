"""The catalog says of every field that does not fit: its name, its value and what is allowed."""

import math

import pytest

from rhoscope.catalog import Catalog
from rhoscope.errors import InvalidInput
from rhoscope.plugin import Plugin
from rhoscope.schema import misfits
from rhoscope.spec import RunSpec

ALPHA = {"type": "number", "minimum": 0, "maximum": 100, "default": 1.5, "live": True}
BATCH = {"type": "integer", "minimum": 1, "default": 64}


def plugin(kind: str, name: str, **more: object) -> Plugin:
    return Plugin.model_validate({"kind": kind, "name": name, "title": name, "help": name, **more})


@pytest.fixture
def catalog() -> Catalog:
    faces = {"modalities": {"audio": {"encoder": "conv"}, "visual": {"encoder": "conv"}}}
    return Catalog(
        version="1",
        plugins=[
            plugin("training", "training", settings={"batch_size": BATCH, "compile": {"type": "boolean"}}),
            plugin("dataset", "av-digits", facts={**faces, "train_size": 1500}),
            plugin(
                "dataset",
                "synthetic",
                facts={**faces, "train_size": "train_size"},
                settings={"train_size": {"type": "integer", "default": 100}},
            ),
            plugin("encoder", "conv", settings={"width": {"type": "integer", "default": 16}}),
            plugin("fusion", "concat", provides=["additive"]),
            plugin("fusion", "film"),
            plugin("strategy", "joint"),
            plugin("strategy", "ogm-ge", settings={"alpha": ALPHA}),
            plugin("strategy", "needy", requires=["additive"]),
            plugin("strategy", "broken", error="No module named 'nothing'"),
        ],
    )


def test_defaults_are_filled_in_from_every_chosen_part(catalog: Catalog) -> None:
    settings = catalog.check(RunSpec(settings={"batch_size": 32}))
    assert settings == {"batch_size": 32, "compile": None, "width": 16, "alpha": 1.5}


@pytest.mark.parametrize(
    ("given", "field", "says"),
    [
        ({"strategy": "ogm-eg"}, "strategy", "did you mean 'ogm-ge'"),
        ({"fusion": "glue"}, "fusion", "expected one of concat, film"),
        ({"dataset": "imagenet"}, "dataset", "av-digits"),
        ({"strategy": "broken"}, "strategy", "No module named"),
        ({"encoders": {"smell": "conv"}}, "encoders.smell", "expected one of audio, visual"),
        ({"encoders": {"audio": "resnet"}}, "encoders.audio", "unknown encoder 'resnet'"),
        ({"alhpa": 1.0}, "alhpa", "did you mean 'alpha'"),
        ({"startegy": "joint"}, "startegy", "did you mean 'strategy'"),
        ({"strategy": "joint", "alpha": 1.0}, "alpha", "there is no setting 'alpha'"),
        ({"alpha": -0.5}, "alpha", "from 0 to 100"),
        ({"alpha": 1e9}, "alpha", "from 0 to 100"),
        ({"alpha": math.nan}, "alpha", "not a finite number"),
        ({"alpha": math.inf}, "alpha", "not a finite number"),
        ({"alpha": "much"}, "alpha", "expected a number"),
        ({"batch_size": 0}, "batch_size", "from 1"),
        ({"batch_size": 1501}, "batch_size", "1500 training examples"),
        ({"batch_size": 2**63}, "batch_size", "an integer of 65 bits, its sign included, exceeds 64 bits"),
        ({"dataset": "synthetic", "batch_size": 101}, "batch_size", "100 training examples"),
        ({"compile": 1}, "compile", "true or false"),
        ({"strategy": "needy", "fusion": "film"}, "strategy", "sum of the modalities"),
    ],
)
def test_what_does_not_fit_is_named(
    catalog: Catalog, given: dict[str, object], field: str, says: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        catalog.check(RunSpec.model_validate(given))
    (error,) = caught.value.errors
    assert error.field == field
    assert says in error.message


def test_all_misfits_are_told_at_once(catalog: Catalog) -> None:
    with pytest.raises(InvalidInput) as caught:
        catalog.check(RunSpec(settings={"alpha": -1, "batch_size": 0, "nonsense": 1}))
    assert {e.field for e in caught.value.errors} == {"alpha", "batch_size", "nonsense"}


def test_only_live_settings_change_while_running(catalog: Catalog) -> None:
    catalog.check_live(RunSpec(), {"alpha": 0.3})
    with pytest.raises(InvalidInput, match="these can: alpha"):
        catalog.check_live(RunSpec(), {"batch_size": 8})
    with pytest.raises(InvalidInput, match="from 0 to 100"):
        catalog.check_live(RunSpec(), {"alpha": -1})
    with pytest.raises(InvalidInput, match="at least one"):
        catalog.check_live(RunSpec(), {})


def test_a_digest_names_exactly_one_catalog(catalog: Catalog) -> None:
    again = Catalog.model_validate_json(catalog.model_dump_json())
    assert again.digest() == catalog.digest()
    assert catalog.model_copy(update={"version": "2"}).digest() != catalog.digest()


@pytest.mark.parametrize("value", ["x" * 4000, {"a": [1] * 100_000}, [["y" * 4000]], [1] * 100_000])
@pytest.mark.parametrize("schema", [{"type": "number"}, {"enum": [1, 2]}, {"type": "integer", "minimum": 1}])
def test_a_long_value_is_not_quoted_whole(value: object, schema: dict[str, object]) -> None:
    (wrong,) = misfits({"alpha": value}, {"alpha": schema})
    assert len(wrong.message) < 500
    assert "expected" in wrong.message
