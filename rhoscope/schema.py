"""The JSON Schema of a setting in words, and the values that violate it."""

import difflib
import math
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

import jsonschema
import referencing
from pydantic_core import SchemaError, SchemaValidator, core_schema
from pydantic_core import ValidationError as Mismatch

from rhoscope import literals
from rhoscope.errors import FieldError
from rhoscope.texts import LONGEST_SETTING, fault

LONGEST_NAME = 100
_SHOWN = 200
LARGEST = 2**63 - 1
"""The largest whole number that every store and every reader of JSON here can hold."""


def allowed(schema: Mapping[str, Any]) -> str:
    """The values that a setting's schema allows, in words.

    >>> allowed({"type": "number", "minimum": 0, "maximum": 100})
    'expected a number from 0 to 100'
    """
    if "anyOf" in schema:
        return allowed(schema["anyOf"][0]) + "".join(
            f" or {allowed(s).removeprefix('expected ')}" for s in schema["anyOf"][1:]
        )
    if "const" in schema:
        return f"expected {schema['const']!r}"
    if "enum" in schema:
        return f"expected one of {', '.join(map(str, schema['enum']))}"
    kinds = {"number": "a number", "integer": "a whole number", "string": "a string"}
    kinds |= {"boolean": "true or false", "null": "empty", "array": "a list", "object": "an object"}
    words = [f"expected {kinds.get(schema.get('type', ''), 'a value')}"]
    limits = {"minimum": "from", "exclusiveMinimum": "above", "maximum": "to", "exclusiveMaximum": "below"}
    words += [f"{word} {schema[key]}" for key, word in limits.items() if key in schema]
    return " ".join(words)


def misfits(given: Mapping[str, Any], schemas: Mapping[str, Any]) -> Iterator[FieldError]:
    """Each value of a known setting that its schema does not allow, with the expected value."""
    for name in sorted(given.keys() & schemas.keys()):
        value, schema = given[name], schemas[name]
        if message := next(_beyond(value), ""):
            shown = str(value) if isinstance(value, float) else None
            yield FieldError(field=name, value=shown, message=f"{message}; {allowed(schema)}")
        elif not _fits(value, schema):
            says = [literals.complaint(value, schema)] if isinstance(value, str) else []
            message = "; ".join([f"{_quoted(value)} is invalid", *filter(None, says), allowed(schema)])
            yield FieldError(field=name, value=value, message=message)


def _quoted(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _beyond(value: Any) -> Iterator[str]:
    """Why a value, or one inside it, can be kept by nobody: no schema can make up for it."""
    if isinstance(value, float) and not math.isfinite(value):
        yield f"{value} is not a finite number"
    elif isinstance(value, int) and abs(value) > LARGEST:
        yield f"an integer of {value.bit_length() + 1} bits, its sign included, exceeds 64 bits"
    elif isinstance(value, str):
        yield from filter(None, [fault(value, LONGEST_SETTING)])
    elif isinstance(value, list | dict):
        for inner in [*value, *value.values()] if isinstance(value, dict) else value:
            yield from _beyond(inner)


def _fits(value: Any, schema: Mapping[str, Any]) -> bool:
    """Whether the schema allows it. An address in it is never opened; what can't be used allows nothing."""
    try:
        return bool(_Validator(schema, registry=referencing.Registry()).is_valid(value))
    except (referencing.exceptions.Unresolvable, jsonschema.exceptions.UnknownType):
        return False
    except (RecursionError, ArithmeticError, AttributeError, TypeError, ValueError):
        return False


@lru_cache(1000)
def linear(pattern: str) -> SchemaValidator | None:
    """Matches in time linear in the text's length; None for a pattern that can't be matched so."""
    try:
        return SchemaValidator(core_schema.str_schema(pattern=pattern, regex_engine="rust-regex"))
    except SchemaError:
        return None


def _pattern(_validator: Any, pattern: str, value: Any, _schema: Any) -> Iterator[jsonschema.ValidationError]:
    if not isinstance(value, str):
        return
    matcher = linear(pattern)
    try:
        if matcher:
            matcher.validate_python(value)
            return
    except Mismatch:
        pass
    yield jsonschema.ValidationError(f"it does not match {pattern!r}")


_Validator = jsonschema.validators.create(
    jsonschema.Draft202012Validator.META_SCHEMA,
    {**jsonschema.Draft202012Validator.VALIDATORS, "pattern": _pattern},
    type_checker=jsonschema.Draft202012Validator.TYPE_CHECKER,
)


def unknown_name(what: str, name: str, known: Iterable[str]) -> str:
    """That `what` is unknown, the known names, and the one that was probably meant."""
    known = sorted(known)
    near = difflib.get_close_matches(name, known, n=1) if len(name) <= LONGEST_NAME else []
    name = name if len(name) <= LONGEST_NAME else f"{name[:LONGEST_NAME]}…"
    hint = f"; did you mean '{near[0]}'?" if near else ""
    return f"unknown {what} '{name}'; expected one of {', '.join(known)}{hint}"
