"""Text typed into a setting's field, as values: one, or several that become several runs."""

import math
import re
from typing import Any

from rhoscope.errors import InvalidInput
from rhoscope.schema import allowed

MOST_VALUES = 1000
"""A range like `0-999` may name this many whole numbers at most."""

_SPACED_RANGE = re.compile(r"(?<=\d)(?:\s+-\s+|\s*(?:–|\.\.)\s*)(?=\d)")
_RANGE = re.compile(r"(\d+)-(\d+)")


def read(name: str, schema: dict[str, Any], text: str) -> list[Any]:
    """The values in `text`, split at commas and spaces; `0-4` counts for whole numbers. Empty: none.

    Raises:
        InvalidInput: naming the setting, what was typed and what is allowed.

    >>> read("alpha", {"type": "number"}, "0.1, 0.8, 1.5")
    [0.1, 0.8, 1.5]
    >>> read("seed", {"type": "integer"}, "0-2, 7")
    [0, 1, 2, 7]
    """
    choices = schema.get("enum")
    if choices is not None:
        return [next((c for c in choices if str(c) == text), text)] if text else []
    if schema.get("type") == "boolean":
        return [text == "true"]
    if schema.get("type") == "string":
        return [text] if text else []
    kinds = {schema.get("type")} | {part.get("type") for part in schema.get("anyOf", [])}
    whole = "integer" in kinds and "number" not in kinds
    values: list[Any] = []
    for part in re.split(r"[,;\s]+", _SPACED_RANGE.sub("-", text)):
        if part:
            values += _numbers(name, schema, part, whole=whole)
    return list(dict.fromkeys(values))


def _numbers(name: str, schema: dict[str, Any], part: str, *, whole: bool) -> list[Any]:
    span = _RANGE.fullmatch(part) if whole else None
    if span:
        first, last = int(span[1]), int(span[2])
        if 0 <= last - first < MOST_VALUES:
            return list(range(first, last + 1))
        raise _misfit(name, part, f"a range goes upwards and holds at most {MOST_VALUES} values")
    try:
        number = int(part) if whole else float(part)
    except ValueError:
        raise _misfit(name, part, allowed(schema)) from None
    if not whole and not math.isfinite(number):
        raise _misfit(name, part, f"it is not a finite number; {allowed(schema)}")
    return [number]


def _misfit(name: str, part: str, message: str) -> InvalidInput:
    return InvalidInput.field(name, f"'{part}' is invalid; {message}", part)


def show(value: Any) -> str:
    """A value as it stands in a field.

    >>> show(0.0001), show(1.0), show(None), show(True)
    ('0.0001', '1', '', 'true')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        short = f"{value:g}"
        return short if float(short) == value else repr(value)
    return str(value)
