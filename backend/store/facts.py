"""Facts that sort, filter and group runs: columns of their table, and values inside its JSON."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Float,
    FromClause,
    String,
    case,
    cast,
    func,
    literal,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.types import JSON

from backend.store import growth
from backend.store.course import seconds
from backend.store.schema import Words, runs
from backend.store.setting_schema import setting_values

SETTING = "settings."
"""Before a setting's name."""
SETTING_PATTERN = r"settings\.[A-Za-z0-9_]{1,100}"
_TEXTS = ("name", "state", "strategy", "dataset", "worker", "sweep", "fusion")
_NUMBERS = ("created", "started", "finished", "step", "epoch")
NUMBERS = frozenset({*_NUMBERS, "progress", "duration", "best", "test"})
"""Those of `NAMES` that are numbers; the others are texts, and a setting is either."""
NAMES = (*_TEXTS, *_NUMBERS, "progress", "duration", "best", "test")
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
        return [_present(column, least) for column, least in missing if column is not None]

    def kinds(self) -> list[type]:
        """Of each of `keys`, whether it is a number or a text."""
        return ([] if self.number is None else [float]) + ([] if self.text is None else [str])


def fact(db: Connection, name: str) -> Fact:
    """One of `NAMES`, or a setting's name after `settings.`."""
    if name in _TEXTS:
        return Fact(text=state(db) if name == "state" else runs.c[name])
    if name == "step":
        return Fact(number=growth.looked_up(db, name))
    if name in _NUMBERS:
        return Fact(number=runs.c[name])
    if name in _DERIVED:
        return Fact(number=_DERIVED[name](db))
    return _setting(db, name)


def state(db: Connection) -> ColumnElement[Any]:
    """The state, for queries that read more of a run.

    SQLite takes an index of states for selective, though most runs are in one state: it would read their
    whole rows, one by one, instead of the index of listings.
    """
    return runs.c.state.concat("") if db.dialect.name == "sqlite" else type_coerce(runs.c.state, String)


def _progress(db: Connection) -> ColumnElement[Any]:
    share = cast(growth.looked_up(db, "step"), Float) / func.nullif(runs.c.total_steps, 0)
    return case((runs.c.state == "completed", 1.0), else_=share)


_DERIVED: dict[str, Callable[[Connection], ColumnElement[Any]]] = {
    "progress": _progress,
    "duration": lambda _db: seconds(time.time()),
    "best": lambda _db: runs.c.best_accuracy,
    "test": lambda _db: runs.c.test_accuracy,
}


def is_apart(db: Connection, name: str) -> bool:
    """Whether a fact lies in a table of its own, from which `table` brings it."""
    return name.startswith(SETTING) and db.dialect.name == "sqlite"


def table(db: Connection, names: Iterable[str]) -> FromClause:
    """Runs, joined with those of these facts that lie apart: to be selected from."""
    source: FromClause = runs
    for name in sorted({name for name in names if is_apart(db, name)}):
        values = _values(name)
        mine = (values.c.name == name.removeprefix(SETTING)) & (values.c.run == runs.c.id)
        source = source.outerjoin(values, mine)
    return source


@lru_cache(maxsize=1024)
def _values(name: str) -> FromClause:
    return setting_values.alias(f"of_{name.removeprefix(SETTING)}")


def apart(name: str, holds: Callable[[Fact], ColumnElement[bool]]) -> ColumnElement[bool]:
    """Whether something holds of a fact that lies apart: the runs are looked up, not one after the other."""
    value = Fact(setting_values.c.number, setting_values.c.text)
    those = select(setting_values.c.run).where(
        setting_values.c.name == name.removeprefix(SETTING), holds(value)
    )
    return func.coalesce(runs.c.id, "").in_(those)


def _setting(db: Connection, name: str) -> Fact:
    """Of a run that was steered all values in order, as a text.

    Hardly any run was; of the others no JSON is looked into for it.
    """
    if is_apart(db, name):
        values = _values(name)
        return Fact(values.c.number, values.c.text)
    key = name.removeprefix(SETTING)
    number, text = _inside("settings", key)
    steered = func.coalesce(_inside("course", key)[1], "")
    plain = or_(type_coerce(runs.c.course, Words) == "{}", steered == "")
    return Fact(case((plain, number)), case((plain, text), else_=steered))


def _present(column: ColumnElement[Any], least: Any) -> ColumnElement[Any]:
    """Never NULL; as it stands where it never is, since an index has no order of what is made of it."""
    sure = isinstance(column, Column) and not column.nullable
    return column if sure else func.coalesce(column, least)


def _legible(document: ColumnElement[Any]) -> ColumnElement[Any]:
    """JSON without NUL, which PostgreSQL has no text for; a backslash before it is not taken for its own."""
    for odd, plain in ((r"\\", r"\u005c"), (r"\u0000", "")):
        document = func.replace(document, odd, plain)
    return document


def _inside(column: str, key: str) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """A value of a JSON object of PostgreSQL where it is a number, and where it is a text."""
    parsed = cast(_legible(type_coerce(runs.c[column], Words)), JSON)
    kind = func.json_typeof(func.json_extract_path(parsed, literal(key)))
    value = func.json_extract_path_text(parsed, literal(key))
    number = case((kind == "number", cast(value, Float(53))))
    return number, case((kind.in_(("string", "boolean")), value))
