"""The command of a project's program for one set of values: arguments and variables, and no shell."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from rhoscope.errors import FieldError, InvalidInput
from rhoscope.projects.declarations import Declared, value_of
from rhoscope.schema import misfits


def values(settings: Iterable[Declared], given: Mapping[str, Any]) -> dict[str, Any]:
    """The value of each setting, of the type that is declared; the others of `given` are left out.

    Raises:
        InvalidInput: naming each value that is missing or does not fit.
    """
    chosen: dict[str, Any] = {}
    errors: list[FieldError] = []
    for one in settings:
        if one.name not in given and "default" not in one.schema:
            errors.append(FieldError(field=one.name, message="it has no default; give a value"))
            continue
        chosen[one.name] = value_of(given.get(one.name, one.schema.get("default")), one.schema)
        errors += misfits({one.name: chosen[one.name]}, {one.name: one.schema})
    if errors:
        raise InvalidInput.of(errors)
    return chosen


def arguments(settings: Iterable[Declared], chosen: Mapping[str, Any]) -> list[str]:
    """The arguments behind the command; a value is never a word of its own that could pass for an option.

    >>> lr = Declared("lr", {"type": "number"}, argument="--lr")
    >>> amp = Declared("amp", {"type": "boolean"}, argument="--amp")
    >>> depth = Declared("depth", {"type": "integer"}, argument="model.depth={value}")
    >>> arguments([lr, amp, depth], {"lr": -1e-3, "amp": True, "depth": 4})
    ['--lr=-0.001', '--amp', 'model.depth=4']
    """
    return [word for one in settings if one.argument for word in _words(one, chosen.get(one.name))]


def variables(settings: Iterable[Declared], chosen: Mapping[str, Any]) -> dict[str, str]:
    """The variables that carry values. Empty ones (null) are not set."""
    return {
        one.variable: text(chosen[one.name])
        for one in settings
        if one.variable and chosen.get(one.name) is not None
    }


def text(value: Any) -> str:
    """A value as a program reads it: numbers as Python writes them, lists and objects as JSON.

    >>> text(0.001), text(True), text([1, 2])
    ('0.001', 'true', '[1, 2]')
    """
    if isinstance(value, str):
        return value
    return repr(value) if isinstance(value, float) else json.dumps(value)


def _words(one: Declared, value: Any) -> Iterator[str]:
    if value is None:
        return
    if "{value}" in (words := one.argument.split()):
        for word in words:
            yield from _listed(one, [value]) if word == "{value}" else [word]
    elif "{value}" in one.argument:
        yield one.argument.replace("{value}", text(value))
    elif isinstance(value, bool):
        yield from filter(None, [one.argument if value else one.negative])
    elif isinstance(value, list):
        yield one.argument
        yield from _listed(one, value)
    else:
        yield f"{one.argument}={text(value)}"


def _listed(one: Declared, value: Sequence[Any]) -> Iterator[str]:
    for item in value:
        word = text(item)
        if word.startswith("-") and not isinstance(item, int | float):
            message = f"{word!r} would pass for an option; let the setting have a variable or an "
            raise InvalidInput.field(one.name, f"{message}argument with {{value}}", word)
        yield word
