"""Texts from outside: what every store, terminal, and reader of JSON can hold. The only place that decides.

Requests are checked by it where they come in (`backend.http.boundary`), specifications where they are made
(`rhoscope.json_values`), arguments before the command line reads them.
"""

import re
from collections.abc import Iterator
from typing import Any

LONGEST = 20_000
"""Characters of one text in a request's body: as many as notes may have."""
LONGEST_QUERY = 32_000
"""Characters of one parameter of an address: room for 1,000 ids."""
LONGEST_SETTING = 4_096
"""Characters of a setting's text: as long as a path may be."""
_SHOWN = 60
_HALF = re.compile("[\ud800-\udfff]")
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def fault(text: str, longest: int = LONGEST) -> str:
    """Why nobody could keep this text, in words; empty where everybody can.

    >>> fault("größer"), fault("a" * 9, 5)
    ('', 'a text of 9 characters is longer than the maximum of 5')
    """
    if len(text) > longest:
        return f"a text of {len(text):,} characters is longer than the maximum of {longest:,}"
    if _HALF.search(text):
        return f"'{visible(text[:_SHOWN])}' is not valid Unicode; its bytes are probably in another encoding"
    if "\0" in text:
        return f"'{visible(text[:_SHOWN])}' holds the character NUL, which no text may hold; leave it out"
    return ""


def faults(value: Any, longest: int = LONGEST) -> Iterator[tuple[str, str]]:
    """The path and the fault of each text in a JSON value; names in its mappings are texts, too.

    >>> list(faults({"a": ["b", "c" * 9]}, 5))
    [('a.1', 'a text of 9 characters is longer than the maximum of 5')]
    """
    waiting: list[tuple[str, Any]] = [("", value)]
    while waiting:
        path, inner = waiting.pop()
        if isinstance(inner, str):
            if words := fault(inner, longest):
                yield path, words
        elif isinstance(inner, dict):
            yield from ((path or "body", words) for name in inner if (words := fault(name, longest)))
            waiting += [(f"{path}.{visible(name[:_SHOWN])}".strip("."), one) for name, one in inner.items()]
        elif isinstance(inner, list):
            waiting += [(f"{path}.{place}".strip("."), one) for place, one in enumerate(inner)]


def cleaned(value: Any) -> Any:
    """A JSON value whose texts everybody can hold: halves of characters replaced, NULs left out."""
    if isinstance(value, str):
        return _HALF.sub("\N{REPLACEMENT CHARACTER}", value).replace("\0", "")
    if isinstance(value, dict):
        return {cleaned(name): cleaned(one) for name, one in value.items()}
    return [cleaned(one) for one in value] if isinstance(value, list) else value


def visible(text: str) -> str:
    r"""A text in which whatever would steer a terminal, or turn the reading direction, is spelled out.

    >>> visible("\x1b[2Jrun"), visible("a\tb")
    ('\\u001b[2Jrun', 'a\tb')
    """
    return _UNSEEN.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
