"""A catalog that a worker announced is looked at before any run is checked by it."""

import json
from typing import Any

import pytest

from rhoscope.catalog import Catalog
from rhoscope.catalog_faults import LARGEST_BYTES, catalog_fault, schema_faults
from rhoscope.plugin import Plugin
from rhoscope.schema import misfits
from trainer.plugins import describe


def body(schema: Any, **about: Any) -> bytes:
    plugin = Plugin(kind="strategy", name="s", title="S", help="h")
    changed = plugin.model_dump() | {"settings": {"x": schema}} | about
    return json.dumps({"version": "1", "plugins": [changed]}).encode()


def test_the_catalog_of_this_installation_is_sound() -> None:
    assert catalog_fault(describe().model_dump_json().encode()) == ""


@pytest.mark.parametrize(
    ("schema", "says"),
    [
        ({"type": "nonsense"}, "not valid JSON Schema"),
        ({"type": 5}, "not valid JSON Schema"),
        ({"minimum": "a"}, "not valid JSON Schema"),
        ({"enum": 5}, "not valid JSON Schema"),
        ({"multipleOf": 0}, "not valid JSON Schema"),
        ({"$ref": "http://evil.example/schema"}, "'$ref'"),
        ({"$ref": "#"}, "'$ref'"),
        ({"anyOf": [{"$dynamicRef": "file:///etc/passwd"}]}, "'$dynamicRef'"),
        ({"items": {"$ref": "http://evil.example"}}, "'$ref'"),
        ({"patternProperties": {"(a+)+$": {}}}, "patternProperties"),
        ({"pattern": "(?=a)b"}, "linear time"),
        ({"pattern": r"(a)\1"}, "linear time"),
        ({"pattern": "x" * 2000}, "linear time"),
        ({"description": "a\0b"}, "NUL"),
    ],
)
def test_a_schema_that_makes_no_sense_is_named(schema: Any, says: str) -> None:
    assert says in catalog_fault(body(schema))


@pytest.mark.parametrize(
    "junk",
    [
        b"",
        b"\xff",
        b"[]",
        b"[" * 100_000,
        b'{"version": "1", "plugins": [{}]}',
        b" " * (LARGEST_BYTES + 1),
        body({}, facts={"modalities": 5}),
        body({}, facts={"modalities": {"audio": {}}}),
        body({}, facts={"train_size": []}),
        body(5),
        json.dumps({"version": "1", "plugins": [{"kind": "fusion"}] * 5000}).encode(),
    ],
)
def test_what_is_no_catalog_is_refused_with_a_reason(junk: bytes) -> None:
    assert catalog_fault(junk)


def test_schemas_nest_only_so_deep() -> None:
    schema: dict[str, Any] = {}
    for _ in range(20):
        schema = {"not": schema}
    assert "levels deep" in next(schema_faults(schema))


def test_a_pattern_is_matched_in_linear_time_and_no_address_is_opened() -> None:
    """A value that takes Python's own matching ages; and schemas that an earlier version let in."""
    slow = {"x": {"type": "string", "pattern": "^(a+)+$"}}
    assert not list(misfits({"x": "a" * 4000}, slow))
    assert list(misfits({"x": "a" * 4000 + "b"}, slow))
    for schema in (
        {"$ref": "http://evil.example/s"},
        {"$ref": "#"},
        {"type": "nonsense"},
        {"pattern": "(?=a)"},
    ):
        assert len(list(misfits({"x": "a"}, {"x": schema}))) == 1


@pytest.mark.parametrize("value", [[1e999], {"a": float("nan")}, [[2**70]], {"a": ["\ud800"]}, "x" * 5000])
def test_what_nobody_can_keep_is_refused_however_deep_it_lies(value: Any) -> None:
    (error,) = misfits({"x": value}, {"x": {}})
    assert error.field == "x"
    json.dumps(error.model_dump(), allow_nan=False)


def test_many_unknown_settings_are_looked_up_for_some_only() -> None:
    catalog = Catalog(version="1", plugins=[])
    errors = list(catalog._unknown({f"n{i}": 1 for i in range(250)}, {"m0": {}}, None))  # type: ignore[arg-type]
    assert len(errors) == 250
    assert sum("expected one of" in error.message for error in errors) == 20
