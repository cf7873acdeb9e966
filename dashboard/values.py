"""Text in a setting's field: read as values, one or several, and shown."""

from typing import Any

from rhoscope.value_lists import MOST_VALUES
from rhoscope.value_lists import read as read_values

__all__ = ["MOST_VALUES", "brief", "read", "sentence", "show"]


def read(name: str, schema: dict[str, Any], text: str) -> list[Any]:
    """As `rhoscope.value_lists.read`; numbers that may have a fraction are floats.

    >>> read("alpha", {"type": "number"}, "0.1, 1"), read("seed", {"type": "integer"}, "0-2, 7")
    ([0.1, 1.0], [0, 1, 2, 7])
    """
    values = read_values(name, schema, text)
    if schema.get("type") == "number":
        return [float(value) for value in values]
    return values


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


def sentence(text: str) -> str:
    """A setting's help so that another sentence can follow: a program's author may have left out the period.

    >>> sentence("Learning rate"), sentence("Why not?"), sentence("")
    ('Learning rate.', 'Why not?', '')
    """
    text = text.strip()
    return f"{text}." if text and text[-1] not in ".!?:" else text


def brief(text: str) -> str:
    """The first sentence of a plug-in's help.

    >>> brief("Drops a modality. By chance, in 1.5 of 10 steps.")
    'Drops a modality.'
    """
    head, end, _ = text.strip().partition(". ")
    return head + ("." if end else "")
