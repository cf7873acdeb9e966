"""JSON as a column of text holds it."""

import json
import re
from typing import Any

from rhoscope.schema import LARGEST
from rhoscope.texts import cleaned

_ODD = re.compile(r"\\u(0000|[dD][89a-fA-F])")


def write_json(value: Any) -> str:
    """Any JSON value as text; NaN and infinities survive."""
    return _ENCODER.encode(value)


def read_json(value: str | None) -> Any:
    """A value that an earlier version let in reads back as something that every reader can hold."""
    if value is None:
        return None
    try:
        read = _DECODER.decode(value)
    except (ValueError, RecursionError):
        return None  # no column holds null: whoever reads it sees that it does not fit
    return cleaned(read) if "\\u" in value and _ODD.search(value) else read


def _number(digits: str) -> float:
    """A whole number, or beyond 64 bits the nearest double."""
    value = int(digits) if len(digits) < 20 else float(digits)
    return value if abs(value) <= LARGEST else float(value)


_ENCODER = json.JSONEncoder(separators=(",", ":"))
_DECODER = json.JSONDecoder(parse_int=_number)
"""Made once: a column is read and written for every commit."""
