"""Addresses of the API: an id is one segment of a path, whatever somebody gave as one."""

import re
from urllib.parse import quote

from rhoscope.errors import InvalidInput
from rhoscope.texts import fault

LONGEST_ID = 200
_SHOWN = 60
_APART = re.compile(r"[/\\?#%\x00-\x1f\x7f]")
"""What would end a segment, or be read as something else on the way."""


def path(*segments: str) -> str:
    """The path of these segments, each of them escaped.

    Raises:
        InvalidInput: for one that can be no segment, so that nothing else is asked than was meant.

    >>> path("runs", "größer 1", "samples")
    '/runs/gr%C3%B6%C3%9Fer%201/samples'
    """
    return "".join(f"/{quote(segment(one), safe='')}" for one in segments)


def segment(text: str) -> str:
    """An id or a name that can be one segment of a path, and a part of a file's name; as it is.

    Raises:
        InvalidInput: saying what it holds that none may hold.
    """
    if reason := _reason(text):
        raise InvalidInput(f"{str(text)[:_SHOWN]!r} is not an id: {reason}; expected one as lists show it.")
    return text


def _reason(text: object) -> str:
    if not isinstance(text, str):
        return f"it is a {type(text).__name__}, not a text"
    if not text.strip():
        return "it is empty"
    if text in (".", ".."):
        return "it would lead to another address"
    if held := _APART.search(text):
        return f"it holds {held[0]!r}"
    return fault(text, LONGEST_ID)
