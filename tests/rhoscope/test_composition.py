"""Which modalities a run trains on, and what follows for the settings it has and may name."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rhoscope.catalog import Catalog
from rhoscope.composition import Contents, compose
from rhoscope.errors import InvalidInput
from rhoscope.plugin import Plugin
from rhoscope.spec import RunSpec

POSSIBLE = {"audio": "conv", "visual": "conv", "text": "mlp"}


def plugin(kind: str, name: str, **more: object) -> Plugin:
    return Plugin.model_validate({"kind": kind, "name": name, "title": name, "help": name, **more})


def number(default: int) -> dict[str, Any]:
    return {"type": "integer", "default": default}


MODALITIES = {"type": "string", "default": "", "modalities": True}
CATALOG = Catalog(
    version="1",
    plugins=[
        plugin(
            "training",
            "training",
            settings={"batch_size": number(4), "only": MODALITIES, "probe": MODALITIES},
        ),
        plugin(
            "dataset",
            "folder",
            facts={"modalities": {m: {"encoder": e} for m, e in POSSIBLE.items()}, "varies": True},
            settings={"folder": {"type": "string", "default": ""}},
        ),
        plugin("encoder", "conv", settings={"channels": number(16)}),
        plugin("encoder", "mlp", settings={"hidden": number(64)}),
        plugin("encoder", "lstm", settings={"layers": number(1)}),
        plugin("fusion", "concat"),
        plugin("strategy", "joint"),
        plugin("strategy", "ogm", settings={"alpha": {"type": "number", "default": 1.5}}),
    ],
)
SEEN = Contents(modalities={"audio": "conv", "visual": "conv"}, classes=2, train_size=20)


def check(contents: Contents | None, **given_: Any) -> dict[str, Any]:
    spec = RunSpec.model_validate({"dataset": "folder", "strategy": "joint", **given_})
    return CATALOG.check(spec, contents)


def test_defaults_of_encoders_that_are_not_built_are_not_added() -> None:
    assert "hidden" not in check(SEEN)
    assert check(SEEN)["channels"] == 16


def test_where_nobody_has_looked_only_sure_parts_add_defaults() -> None:
    assert check(None).keys() == {"batch_size", "only", "probe", "folder"}
    assert check(None, hidden=8)["hidden"] == 8
    assert check(None, only="text")["hidden"] == 64
    assert check(None, encoders={"audio": "lstm"})["layers"] == 1


def test_only_leaves_the_other_encoders_out() -> None:
    assert "layers" not in check(SEEN, only="audio", encoders={"visual": "lstm"})
    assert check(SEEN, only="audio", encoders={"audio": "lstm"}).keys() >= {"layers"}
    assert "channels" not in check(SEEN, only="audio", encoders={"audio": "lstm"})


@pytest.mark.parametrize(
    ("given_", "field", "says"),
    [
        ({"hidden": 8}, "hidden", "belongs to encoder 'mlp', which it does not use; no text is trained on"),
        (
            {"only": "text"},
            "only",
            "'text' is not trained on: this data set has audio and visual and no text",
        ),
        ({"only": "smell"}, "only", "unknown modality 'smell'; expected one of audio, visual"),
        ({"probe": "text"}, "probe", "has audio and visual and no text"),
        ({"encoders": {"text": "mlp"}}, "encoders.text", "has audio and visual and no text"),
        ({"only": "audio", "encoders": {"visual": "lstm"}, "layers": 2}, "layers", "no visual is trained on"),
        ({"only": "audio", "probe": "visual"}, "probe", "only = audio leaves it out"),
        ({"only": "audio", "encoders": {"audio": "lstm"}, "channels": 8}, "channels", "no visual is trained"),
        ({"batch_size": 21}, "batch_size", "more than the 20 training examples of folder"),
        ({"alpha": 1.0}, "alpha", "it belongs to strategy 'ogm', which it does not use"),
    ],
)
def test_a_setting_that_names_a_part_that_is_not_built_is_refused_with_the_reason(
    given_: dict[str, Any], field: str, says: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        check(SEEN, **given_)
    (error,) = refused.value.errors
    assert error.field == field
    assert says in error.message


names = st.sampled_from(sorted(POSSIBLE))


@given(st.sets(names), st.sets(names, min_size=1), st.dictionaries(names, st.sampled_from(["conv", "lstm"])))
def test_what_is_known_later_never_contradicts_what_was_sure_before(
    only: set[str], present: set[str], encoders: dict[str, str]
) -> None:
    spec = RunSpec(encoders=encoders, settings={"only": ",".join(sorted(only))})
    before = compose(spec, POSSIBLE)
    after = compose(spec, POSSIBLE, {m: POSSIBLE[m] for m in present})
    if not list(after.misfits(spec, [])):
        assert before.certain <= after.encoders.keys() == after.certain <= before.encoders.keys()
        assert all(before.encoders[m] == name for m, name in after.encoders.items())
