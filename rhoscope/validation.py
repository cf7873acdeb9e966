"""Pydantic's validation errors as fields of an `InvalidInput`: the only place that converts them."""

import math
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import ValidationError

from rhoscope.errors import FieldError, InvalidInput

_SHOWN = 200


def invalid(error: ValidationError, name: Callable[[str], str] = str) -> InvalidInput:
    """Every field that pydantic refused; `name` turns a field's path into what the user knows it as."""
    return InvalidInput.of([field_error(details, name) for details in error.errors()])


def field_error(details: Mapping[str, Any], name: Callable[[str], str] = str) -> FieldError:
    """One of pydantic's errors: the field's path with dots, the value, and what is expected.

    >>> field_error({"loc": ("seeds", 0), "type": "int_parsing", "input": "a", "msg": "expected an integer"})
    FieldError(field='seeds.0', value='a', message="'a' is invalid: expected an integer")
    """
    value = short(details.get("input"))
    words = str(value) if isinstance(details.get("input"), float) else repr(value)
    given = "" if details["type"] == "missing" else f"{words} is invalid: "
    path = ".".join(str(part) for part in details["loc"])
    message = str(details["msg"]).removeprefix("Value error, ")
    return FieldError(field=name(path), value=value, message=given + message)


def short(value: Any) -> Any:
    """A value as an error may carry it: JSON, and at most 200 characters of text."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, int) and abs(value) < 2**53:
        return value
    text = value if isinstance(value, str) else _text(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        return value[:_SHOWN].decode(errors="replace")
    return str(value) if isinstance(value, int) and abs(value) < 10**100 else f"{value!r:.{_SHOWN + 1}}"
