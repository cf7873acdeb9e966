"""The JSON Schema of a setting in words, and the values that violate it."""

import difflib
import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import jsonschema

from rhoscope import literals
from rhoscope.errors import FieldError

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
        if isinstance(value, float) and not math.isfinite(value):
            message = f"{value} is not a finite number; {allowed(schema)}"
            yield FieldError(field=name, value=str(value), message=message)
        elif isinstance(value, int) and abs(value) > LARGEST:
            message = f"an integer of {value.bit_length()} bits exceeds 64 bits; {allowed(schema)}"
            yield FieldError(field=name, message=message)
        elif not jsonschema.Draft202012Validator(schema).is_valid(value):
            says = [literals.complaint(value, schema)] if isinstance(value, str) else []
            message = "; ".join([f"{value!r} is invalid", *filter(None, says), allowed(schema)])
            yield FieldError(field=name, value=value, message=message)


def unknown_name(what: str, name: str, known: Iterable[str]) -> str:
    """That `what` is unknown, the known names, and the one that was probably meant."""
    known = sorted(known)
    near = difflib.get_close_matches(name, known, n=1)
    hint = f"; did you mean '{near[0]}'?" if near else ""
    return f"unknown {what} '{name}'; expected one of {', '.join(known)}{hint}"
