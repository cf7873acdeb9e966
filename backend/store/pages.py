"""The table of runs: filtered, sorted, page by page."""

import base64
import json
from collections.abc import Sequence
from typing import Any, Literal

from pydantic import BaseModel, Field, TypeAdapter, ValidationError
from sqlalchemy import ColumnElement, Connection, and_, false, func, or_, select, type_coerce

from backend.store.facts import Fact, fact
from backend.store.runs import listed, to_run
from backend.store.schema import Words, runs
from rhoscope.errors import InvalidInput
from rhoscope.runs import RunPage
from rhoscope.states import RunState

_CURSOR: TypeAdapter[list[float | str]] = TypeAdapter(list[float | str])


class Condition(BaseModel):
    """A fact compared with a value: with a number where the value is one, else with its text."""

    name: str = Field(description="a name for `backend.store.facts.fact`")
    compare: Literal["=", "!=", "<", "<=", ">", ">="]
    value: float | str


class Filters(BaseModel):
    """Which runs: any of `states`, any of `ids`, and all of the others that are not empty."""

    states: list[RunState] = []
    ids: list[str] = []
    strategy: str = ""
    dataset: str = ""
    tag: str = ""
    sweep: str = ""
    q: str = Field(default="", description="words of the name or the beginning of the id, case-insensitive")
    where: list[Condition] = []


def page(db: Connection, filters: Filters, sort: str, limit: int, cursor: str = "") -> RunPage:
    """One page. `sort` is a fact's name, descending with a `-` before it; ties go by id.

    Raises:
        InvalidInput: when `cursor` is none that an earlier page gave for this sort.
    """
    by, descending = fact(db, sort.removeprefix("-")), sort.startswith("-")
    keys = by.keys()
    matching = conditions(db, filters)
    total = db.scalar(select(func.count()).select_from(runs).where(*matching)) or 0
    if cursor:
        matching.append(_behind([*keys, runs.c.id], _read_cursor(cursor, by), descending=descending))
    labeled = [key.label(f"sort_{n}") for n, key in enumerate(keys)]
    query = listed().add_columns(*labeled).where(*matching).order_by(*order(by, descending=descending))
    rows = db.execute(query.limit(limit + 1)).mappings().all()
    shown = rows[:limit]
    following = None
    if len(rows) > limit:
        following = _write_cursor([*(shown[-1][key.name] for key in labeled), shown[-1]["id"]])
    return RunPage(runs=[to_run(row) for row in shown], next=following, total=total)


def order(by: Fact, *, descending: bool) -> list[ColumnElement[Any]]:
    """By the fact and then by id: no two runs at the same place."""
    keys = [*by.keys(), runs.c.id]
    return [key.desc() for key in keys] if descending else keys


def conditions(db: Connection, filters: Filters) -> list[ColumnElement[bool]]:
    """The filters as SQL."""
    clauses: list[ColumnElement[bool]] = []
    if filters.states:
        clauses.append(runs.c.state.in_(filters.states))
    if filters.ids:
        clauses.append(runs.c.id.in_(filters.ids))
    clauses += [
        runs.c[name] == value
        for name in ("strategy", "dataset", "sweep")
        if (value := getattr(filters, name))
    ]
    if filters.tag:
        tags = type_coerce(runs.c.tags, Words)
        clauses.append(func.replace(tags, json.dumps(filters.tag), "") != tags)
    for word in filters.q.lower().split():
        named = func.lower(runs.c.name).contains(word, autoescape=True)
        clauses.append(or_(named, runs.c.id.startswith(word, autoescape=True)))
    return clauses + [_compared(fact(db, one.name), one) for one in filters.where]


def _compared(by: Fact, condition: Condition) -> ColumnElement[bool]:
    if condition.compare == "!=":
        same = _compared(by, condition.model_copy(update={"compare": "="}))
        return ~func.coalesce(same, false())
    column = by.number if isinstance(condition.value, float) and by.number is not None else by.text
    if column is None:
        return false()
    value = condition.value if column is by.number else _written(condition.value)
    compared: ColumnElement[bool] = column.op(condition.compare, is_comparison=True)(value)
    return compared


def _written(value: float | str) -> str:
    return f"{value:g}" if isinstance(value, float) else value


def _behind(
    keys: Sequence[ColumnElement[Any]], values: Sequence[Any], *, descending: bool
) -> ColumnElement[bool]:
    (key, *keys_left), (value, *values_left) = keys, values
    further: ColumnElement[bool] = key < value if descending else key > value
    if not keys_left:
        return further
    return or_(further, and_(key == value, _behind(keys_left, values_left, descending=descending)))


def _write_cursor(place: list[Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


def _read_cursor(cursor: str, by: Fact) -> list[float | str]:
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        place = _CURSOR.validate_json(text)
    except (ValueError, ValidationError) as error:
        raise _bad_cursor(cursor) from error
    if [type(value) for value in place] != [*by.kinds(), str]:
        raise _bad_cursor(cursor)
    return place


def _bad_cursor(cursor: str) -> InvalidInput:
    message = "expected the `next` of an earlier page with the same sort"
    return InvalidInput.field("cursor", message, cursor[:200])
