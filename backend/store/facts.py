"""Facts that sort, filter and group runs: columns of their table, and values inside its JSON."""

import time
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Float, case, cast, func, literal, type_coerce
from sqlalchemy.types import JSON

from backend.store.course import seconds
from backend.store.schema import Words, runs

SETTING = "settings."
"""Before a setting's name."""
SETTING_PATTERN = r"settings\.[A-Za-z0-9_]{1,100}"
_TEXTS = ("name", "state", "strategy", "dataset", "worker", "sweep")
_NUMBERS = ("created", "started", "finished", "step", "epoch")
_INSIDE = {
    "fusion": ("spec", "fusion"),
    "best": ("best", "val.accuracy"),
    "test": ("last", "test.accuracy"),
}
NUMBERS = frozenset({*_NUMBERS, "progress", "duration", "best", "test"})
"""Those of `NAMES` that are numbers; the others are texts, and a setting is either."""
NAMES = (*_TEXTS, *_NUMBERS, "progress", "duration", *_INSIDE)
"""Facts besides the settings. `best` and `test` are accuracies, `duration` is in seconds of training."""
LEAST = -1e308
"""Stands for a missing number: before all others."""


@dataclass(frozen=True)
class Fact:
    """One fact of every run as SQL; where it can't be a number or can't be a text, that one is None."""

    number: ColumnElement[Any] | None = None
    text: ColumnElement[Any] | None = None

    def keys(self) -> list[ColumnElement[Any]]:
        """Sort keys, never NULL: the number, then the text."""
        missing: tuple[tuple[Any, Any], ...] = ((self.number, LEAST), (self.text, ""))
        return [func.coalesce(column, least) for column, least in missing if column is not None]

    def kinds(self) -> list[type]:
        """Of each of `keys`, whether it is a number or a text."""
        return ([] if self.number is None else [float]) + ([] if self.text is None else [str])


def fact(db: Connection, name: str) -> Fact:
    """One of `NAMES`, or a setting's name after `settings.`."""
    if name in _TEXTS:
        return Fact(text=runs.c[name])
    if name in _NUMBERS:
        return Fact(number=runs.c[name])
    if name == "duration":
        return Fact(number=seconds(time.time()))
    if name == "progress":
        share = cast(runs.c.step, Float) / func.nullif(runs.c.total_steps, 0)
        return Fact(number=case((runs.c.state == "completed", 1.0), else_=share))
    column, key = _INSIDE.get(name) or ("settings", name.removeprefix(SETTING))
    inner = _inside(db.dialect.name, column, key)
    if name in _INSIDE:
        return Fact(text=inner.text) if column == "spec" else Fact(number=inner.number)
    steered = func.coalesce(_inside(db.dialect.name, "course", key).text, "")
    return Fact(case((steered == "", inner.number)), func.coalesce(func.nullif(steered, ""), inner.text))


def encoders(db: Connection) -> ColumnElement[Any]:
    """The encoders that a run's specification names, as a text."""
    spec: ColumnElement[Any] = type_coerce(runs.c.spec, Words)
    if db.dialect.name == "sqlite":
        return func.json_extract(spec, "$.encoders")
    return func.json_extract_path_text(cast(_legible(spec), JSON), literal("encoders"))


def _legible(document: ColumnElement[Any]) -> ColumnElement[Any]:
    """JSON without NUL, which PostgreSQL has no text for; a backslash before it is not taken for its own."""
    for odd, plain in ((r"\\", r"\u005c"), (r"\u0000", "")):
        document = func.replace(document, odd, plain)
    return document


def _inside(dialect: str, column: str, key: str) -> Fact:
    """A value of a JSON object. What JSON has no word for, NaN and infinities, counts as missing."""
    document: ColumnElement[Any] = type_coerce(runs.c[column], Words)
    if column == "last":
        for odd in ("-Infinity", "Infinity", "NaN"):
            document = func.replace(document, odd, "null")
    if dialect == "sqlite":
        path = literal(f'$."{key}"')
        kind, value = func.json_type(document, path), func.json_extract(document, path)
        number = case((kind.in_(("integer", "real")), value))
        words = case((kind.in_(("true", "false")), kind), (kind == "text", value))
        return Fact(number, words)
    parsed = cast(_legible(document), JSON)
    kind = func.json_typeof(func.json_extract_path(parsed, literal(key)))
    value = func.json_extract_path_text(parsed, literal(key))
    number = case((kind == "number", cast(value, Float(53))))
    return Fact(number, case((kind.in_(("string", "boolean")), value)))
