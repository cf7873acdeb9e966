"""Several values in one text, as a field, a grid or the seeds of a sweep take them."""

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

from rhoscope import documents, literals
from rhoscope.errors import InvalidInput
from rhoscope.schema import allowed

MOST_VALUES = 1000
"""A range like `0-999` may name this many whole numbers at most."""

_LOOSE_COMMA = re.compile(r"(?:(?<=\s)|^)[,\u3001\uff0c]|[,\u3001\uff0c](?=\s|$)")
"""A comma that stands between two values and in none: beside a space or at an end."""
_ITEM = re.compile(r"\d+(?:\s+[-–]\s+|\s*(?:–|\.\.)\s*)\d+(?=[\s;]|$)|[^\s;]+", re.ASCII)
_RANGE = re.compile(r"(\d+)\s*(?:-|–|\.\.)\s*(\d+)", re.ASCII)
_THOUSANDS = re.compile(
    r"(?<![\d,.])(?:\d{1,3}(?:,\d{3})+|\d{1,2}(?:,\d{2})+,\d{3})(?![\d,.])|,.*[.eE]|[.eE].*,", re.ASCII
)
"""Commas between thousands, also as India writes them, or beside a point or an exponent."""
SEEDS = {"type": "integer", "minimum": 0}


def read(name: str, schema: Mapping[str, Any], text: str) -> list[Any]:
    """The values in a field's text, split at commas and spaces; `0-4` counts for whole numbers. Empty: none.

    A choice, a truth value and a text are one value.

    Raises:
        InvalidInput: naming the setting, what was typed and what is allowed.

    >>> read("alpha", {"type": "number"}, "0.1, 0.8, 1.5")
    [0.1, 0.8, 1.5]
    >>> read("seed", {"type": "integer"}, "0-2, 7")
    [0, 1, 2, 7]
    """
    if schema.get("type") == "boolean":
        return [literals.read(text, schema) is True]
    if not literals.numeric(schema):
        return [literals.read(text, schema)] if text else []
    return list(dict.fromkeys(_numbers(name, schema, text)))


def grid(name: str, schema: Mapping[str, Any], text: str) -> list[Any]:
    """As `read`, and commas separate choices and texts, too: `joint,ogm-ge`."""
    if literals.numeric(schema):
        return read(name, schema, text)
    return [literals.read(part, schema) for part in documents.parts(text)]


def _numbers(name: str, schema: Mapping[str, Any], text: str) -> Iterator[Any]:
    whole = "number" not in literals.types(schema)
    for stretch in re.split(r"[,;\u3001\uff0c]", text):
        if literals.thousands(stretch.strip()):
            raise _misfit(name, schema, stretch.strip())
    for item in _ITEM.findall(_LOOSE_COMMA.sub(" ", text)):
        for part in _parts(name, schema, item, whole=whole):
            yield from _span(name, part) if whole else ()
            if not (whole and _RANGE.fullmatch(part)):
                yield _number(name, schema, part)


def _parts(name: str, schema: Mapping[str, Any], item: str, *, whole: bool) -> list[str]:
    """The parts between commas without a space, unless one may be the mark of a decimal or of thousands."""
    plain = literals.folded(item)
    if _THOUSANDS.search(plain) if whole else literals.ambiguous(plain):
        raise _misfit(name, schema, item)
    return [part for part in plain.split(",") if part] if "," in plain else [item]


def _span(name: str, part: str) -> Iterator[int]:
    if span := _RANGE.fullmatch(part):
        first, last = int(span[1]), int(span[2])
        if not 0 <= last - first < MOST_VALUES:
            message = f"'{part}' is invalid; a range goes upwards and holds at most {MOST_VALUES} values"
            raise InvalidInput.field(name, message, part)
        yield from range(first, last + 1)


def _number(name: str, schema: Mapping[str, Any], part: str) -> Any:
    """One number; its limits are checked where the whole specification is."""
    value = literals.read(part, schema)
    if isinstance(value, str):
        raise _misfit(name, schema, part)
    if isinstance(value, float) and not math.isfinite(value):
        message = f"'{part}' is invalid; it is not a finite number; {allowed(schema)}"
        raise InvalidInput.field(name, message, part)
    return value


def _misfit(name: str, schema: Mapping[str, Any], part: str) -> InvalidInput:
    says = "; ".join(filter(None, (literals.complaint(part, schema), allowed(schema))))
    return InvalidInput.field(name, f"'{part}' is invalid; {says}", part)
