"""Values as people write them, read by the type that is declared and never by what they look like.

A type is a JSON Schema. What can't be read stays as it is: whoever checks it says what is allowed.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

Schema = Mapping[str, Any]

_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_WHOLE = re.compile(r"[+-]?\d+", re.ASCII)
_NOT_FINITE = re.compile(r"[+-]?\.?(?:inf|infinity|nan)", re.IGNORECASE)
_BOOLEANS = dict.fromkeys(("true", "yes", "on"), True) | dict.fromkeys(("false", "no", "off"), False)
_EMPTY = frozenset({"", "~", "null", "none"})
_UNSEEN = "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\u2066\u2067\u2068\u2069\ufeff"
_UNSEEN += "\u202a\u202b\u202c\u202d\u202e"
_MARKS = str.maketrans({"\u2212": "-", "\u3001": ","} | dict.fromkeys(_UNSEEN, ""))
"""The minus sign that the page shows, and the comma of East Asian keyboards, which stays one below NFKC;
letters that nobody sees, which copying from a page brings along."""
_GROUPED = re.compile(r"[+-]?[1-9]\d{0,2}(?:\.\d{3})+", re.ASCII)
"""A whole number with points between its thousands, or one with three decimal places."""


def read(given: Any, schema: Schema) -> Any:
    """The value that `given`, a text or a value of JSON, stands for where `schema` is declared.

    >>> read("1e-3", {"type": "number"}), read("007", {"type": "string"}), read("on", {"enum": ["on", "off"]})
    (0.001, '007', 'on')
    >>> read("0,1", {"type": "number"})
    '0,1'
    """
    for choice in schema.get("enum", [schema["const"]] if "const" in schema else []):
        if given == choice and isinstance(given, bool) == isinstance(choice, bool):
            return choice
        if isinstance(given, str) and _spelling(choice) == given.strip():
            return choice
    if "enum" in schema or "const" in schema:
        return given
    readings = [reading for kind in types(schema) for reading in _read_as(kind, given, schema)]
    return readings[0] if readings else given


def types(schema: Schema) -> list[str]:
    """The names of the types that a schema allows; those that few texts stand for come first."""
    parts = [schema, *schema.get("anyOf", [])]
    names = {name for part in parts if (name := part.get("type")) and isinstance(name, str)}
    return [name for name in _READERS if name in names]


def numeric(schema: Schema) -> bool:
    """Whether a schema allows numbers and no texts."""
    kinds = set(types(schema))
    return bool(kinds & {"integer", "number"}) and "string" not in kinds and "enum" not in schema


def takes_texts(schema: Schema) -> bool:
    """Whether a text can be a value as it is, or one of the choices."""
    return "string" in types(schema) or "enum" in schema or "const" in schema or not types(schema)


def folded(text: str) -> str:
    """Digits and signs of a number as ASCII writes them: full width, or with the sign that the page shows."""
    return unicodedata.normalize("NFKC", text.translate(_MARKS)).strip()


def unquoted(text: str) -> str:
    """The text between quotation marks, if all of it is: `"007"` and `'007'` are 007.

    >>> unquoted('"a, b"'), unquoted("it's")
    ('a, b', "it's")
    """
    if re.fullmatch(r"'(?:[^']|'')*'", text, re.DOTALL):
        return text[1:-1].replace("''", "'")
    if re.fullmatch(r'"(?:[^"\\]|\\.)*"', text, re.DOTALL):
        return re.sub(r"\\(u[0-9a-fA-F]{4}|.)", _unescaped, text[1:-1], flags=re.DOTALL)
    return text


def complaint(text: str, schema: Schema) -> str:
    """Advice for a text that looks like a number and could mean several; empty where there is none.

    >>> complaint("0,1", {"type": "number"})
    'write 0.1 for one number, or 0, 1 with a space for several'
    """
    if not numeric(schema):
        return ""
    text = folded(text)
    return next((says for pattern, says in _complaints(text) if re.fullmatch(pattern, text, re.ASCII)), "")


def ambiguous(text: str) -> bool:
    """Whether commas in a text may be marks within numbers as well as between them, as in 0,1 and 1,000.

    >>> ambiguous("0,1"), ambiguous("0.1,0.5"), ambiguous("0, 1")
    (True, False, False)
    """
    pairs = re.finditer(r"(?=(?<![\d.])([+-]?[\d.]+),([\d.]+(?:[eE][+-]?\d+)?)(?![\d.]))", text, re.ASCII)
    return any(_one_number(left, right) for left, right in (pair.groups() for pair in pairs))


def thousands(text: str) -> bool:
    """Whether a text is one number with marks between its thousands, as 1,000 or 1 000.

    >>> thousands("1,000"), thousands("1, 2"), thousands("100 200")
    (True, False, False)
    """
    grouped = re.fullmatch(r"[+-]?\d{1,3}(?:,\d{3})+|[+-]?\d{1,3}(?:['\u2019\u00a0\u2009\u202f]\d{3})+", text)
    return bool(grouped or re.fullmatch(r"[+-]?\d{1,3}(?: \d{3})* 0\d\d(?: \d{3})*", text))


def _one_number(left: str, right: str) -> bool:
    """Whether two neighbors at a comma may be one number: a decimal comma, or thousands."""
    if re.fullmatch(r"[+-]?\d+", left):
        return bool(re.fullmatch(r"\d+(?:[eE][+-]?\d+)?|\d{3}\.\d*", right))
    return bool(re.fullmatch(r"[+-]?\d{1,3}(?:\.\d{3})+", left) and re.fullmatch(r"\d+", right))


def _complaints(text: str) -> Iterator[tuple[str, str]]:
    point, plain = text.replace(",", "."), re.sub(r"[,_'\u2019\s]", "", text)
    spaced = ", ".join(re.split(r"\s*[,_]\s*", text))
    yield r"[+-]?[1-9]\d{0,2}(\.\d{3})+", f"write {text.replace('.', '')} for one number, without points"
    yield r"[+-]?\d{1,3}(,\d{3})+", f"write {plain} for one number, or a space after the comma for several"
    yield (
        r"[+-]?\d+,\d+([eE][+-]?\d+)?",
        f"write {point} for one number, or {spaced} with a space for several",
    )
    yield r"[+-]?[\d.]+(,[\d.]+)+", "write a point in each number, and a comma and a space between two"
    yield r"[+-]?[\d.]+(_[\d.]+)+", "write a number without it, such as 15 or 1.5, or 1, 5 for several"
    yield r"[+-]?\d{1,3}(['\u2019\s]\d{3})+", f"write {plain} for one number"
    yield r"[+-]?[\d.]+(-|–|\.\.)[\d.]+", "ranges are for whole numbers, as several values; name each"
    yield r"[+-]?0[xX][0-9a-fA-F]+|0[oO][0-7]+|0[bB][01]+", "write it with decimal digits"
    yield r"\d+(:\d+)+", "a time is not a number; write how many, such as 750"
    yield r"[+-]?[\d.]+\s*%", "write a share, such as 0.5 for 50 %"


def _spelling(choice: Any) -> str:
    return str(choice).lower() if isinstance(choice, bool) else str(choice)


def _unescaped(match: re.Match[str]) -> str:
    code = match[1]
    return chr(int(code[1:], 16)) if len(code) == 5 else {"n": "\n", "t": "\t", "r": "\r"}.get(code, code)


def _null(given: Any, _schema: Schema) -> Iterator[Any]:
    if given is None or (isinstance(given, str) and given.strip().lower() in _EMPTY):
        yield None


def _boolean(given: Any, _schema: Schema) -> Iterator[Any]:
    if isinstance(given, bool):
        yield given
    elif isinstance(given, str) and given.strip().lower() in _BOOLEANS:
        yield _BOOLEANS[given.strip().lower()]


def _integer(given: Any, _schema: Schema) -> Iterator[Any]:
    if isinstance(given, float) and given.is_integer():
        yield int(given)
    elif not isinstance(given, str):
        yield from _plain_number(given)
    elif _WHOLE.fullmatch(text := folded(given)):
        yield _digits(text)
    elif _GROUPED.fullmatch(text):
        return
    elif _NUMBER.fullmatch(text) and (number := float(text)).is_integer():
        yield int(number)
    elif _NOT_FINITE.fullmatch(text):
        yield from _number(given, _schema)


def _number(given: Any, _schema: Schema) -> Iterator[Any]:
    if not isinstance(given, str):
        yield from _plain_number(given)
        return
    text = folded(given)
    if _WHOLE.fullmatch(text):
        yield _digits(text)
    elif _NUMBER.fullmatch(text):
        yield float(text)
    elif _NOT_FINITE.fullmatch(text):
        yield float(text.replace(".", ""))


def _digits(text: str) -> float:
    """A whole number; with more digits than Python converts, one that is not finite."""
    return int(text) if len(text) < 400 else float(text)


def _plain_number(given: Any) -> Iterator[Any]:
    if isinstance(given, int | float) and not isinstance(given, bool):
        yield given


def _array(given: Any, schema: Schema) -> Iterator[Any]:
    if isinstance(given, list | tuple):
        yield [read(one, schema.get("items", {})) for one in given]


def _object(given: Any, schema: Schema) -> Iterator[Any]:
    if isinstance(given, Mapping):
        inner, other = schema.get("properties", {}), schema.get("additionalProperties", {})
        other = other if isinstance(other, Mapping) else {}
        yield {name: read(value, inner.get(name, other)) for name, value in given.items()}


def _string(given: Any, _schema: Schema) -> Iterator[Any]:
    """A whole number has one spelling, unlike all other values that a text could have been taken for."""
    if isinstance(given, str):
        yield given
    elif isinstance(given, int) and not isinstance(given, bool):
        yield str(given)


_READERS = {
    "null": _null,
    "boolean": _boolean,
    "integer": _integer,
    "number": _number,
    "array": _array,
    "object": _object,
    "string": _string,
}


def _read_as(kind: str, given: Any, schema: Schema) -> Iterator[Any]:
    of_kind = next((part for part in schema.get("anyOf", []) if part.get("type") == kind), schema)
    yield from _READERS[kind](given, of_kind)
