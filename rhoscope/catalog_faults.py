"""Faults of a catalog that a worker announced: found once, before anybody checks a run by it."""

from collections.abc import Iterator
from typing import Any

import jsonschema
from pydantic import ValidationError

from rhoscope.catalog import Catalog
from rhoscope.schema import linear
from rhoscope.texts import faults
from rhoscope.validation import invalid

LARGEST_BYTES = 4 * 2**20
"""Of a catalog as JSON; that of this installation has 100 kB."""
MOST_PLUGINS = 2000
DEEPEST = 8
"""Schemas in each other."""
LONGEST_PATTERN = 1000
KEYWORDS = frozenset(
    {"type", "enum", "const", "anyOf", "allOf", "oneOf", "not", "items", "prefixItems", "properties"}
    | {"required", "additionalProperties", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"}
    | {"multipleOf", "minLength", "maxLength", "pattern", "minItems", "maxItems", "uniqueItems"}
    | {"minProperties", "maxProperties", "title", "description", "default", "examples", "format"}
    | {"deprecated", "readOnly", "writeOnly", "live", "modalities", "essential"}
)
"""Words of a setting's schema. None of them refers to another place: an address would have to be opened."""
_LISTS, _ONE, _NAMED = ("anyOf", "allOf", "oneOf", "prefixItems"), ("not", "items"), ("properties",)


def catalog_fault(body: bytes) -> str:
    """Why this catalog, as JSON, can't be taken; empty when it can."""
    if len(body) > LARGEST_BYTES:
        return f"it has {len(body):,} bytes, more than the maximum of {LARGEST_BYTES:,}"
    try:
        catalog = Catalog.model_validate_json(body)
    except ValidationError as error:
        words = invalid(error).detail
        return "it is nested too deeply" if "recursion limit" in words else words[:500]
    except RecursionError:
        return "it is nested too deeply"
    if len(catalog.plugins) > MOST_PLUGINS:
        return f"it names {len(catalog.plugins):,} plug-ins, more than the maximum of {MOST_PLUGINS:,}"
    return next(_faults(catalog), "")


def _faults(catalog: Catalog) -> Iterator[str]:
    yield from (words for _, words in faults(catalog.model_dump()))
    for plugin in catalog.plugins:
        for name, schema in plugin.settings.items():
            for words in schema_faults(schema):
                yield f"the schema of setting '{name}' of {plugin.kind} '{plugin.name}' {words}"
        yield from _facts(plugin.name, plugin.facts)


def _facts(name: str, facts: dict[str, Any]) -> Iterator[str]:
    """Misfits of what a data set says of itself."""
    modalities = facts.get("modalities", {})
    whole = isinstance(modalities, dict) and all(
        isinstance(one, dict) and isinstance(one.get("encoder"), str) for one in modalities.values()
    )
    if not whole:
        yield f"the modalities of '{name}' are no mapping of names to shapes and encoders"
    if not isinstance(facts.get("train_size"), int | str | None):
        yield f"the train_size of '{name}' is neither a number nor the name of a setting"


def schema_faults(schema: Any, depth: int = 0) -> Iterator[str]:
    """Each reason why the schema of a setting can't be used."""
    if isinstance(schema, bool):
        return
    if not isinstance(schema, dict):
        yield "is not an object"
        return
    if depth > DEEPEST:
        yield f"is nested more than {DEEPEST} levels deep"
        return
    if unknown := sorted(schema.keys() - KEYWORDS):
        yield f"uses '{unknown[0][:100]}'; expected only {', '.join(sorted(KEYWORDS))}"
        return
    try:
        jsonschema.Draft202012Validator.check_schema(schema)
    except jsonschema.SchemaError as error:
        yield f"is not valid JSON Schema: {error.message[:300]}"
        return
    pattern = schema.get("pattern", "")
    if len(pattern) > LONGEST_PATTERN or not linear(pattern):
        yield f"has a pattern that can't be matched in linear time: {pattern[:100]!r}"
    for inner in _inside(schema):
        yield from schema_faults(inner, depth + 1)


def _inside(schema: dict[str, Any]) -> Iterator[Any]:
    yield from (inner for word in _LISTS for inner in schema.get(word, []))
    yield from (schema[word] for word in (*_ONE, "additionalProperties") if word in schema)
    yield from (inner for word in _NAMED for inner in schema.get(word, {}).values())
