"""The table of runs: filtered, sorted, page by page."""

import base64
import json
from typing import Any, Literal

from pydantic import BaseModel, Field, TypeAdapter, ValidationError
from sqlalchemy import ColumnElement, Connection, and_, func, or_, select, type_coerce

from backend.store.runs import listed, to_run
from backend.store.tables import Words, runs
from rhoscope.errors import FieldError, InvalidInput
from rhoscope.runs import RunPage
from rhoscope.states import RunState

SortKey = Literal["created", "started", "finished", "name", "state", "step", "strategy", "dataset"]
_CURSOR: TypeAdapter[tuple[str | float, str]] = TypeAdapter(tuple[str | float, str])
_TEXTS = {"name", "state", "strategy", "dataset"}


class Filters(BaseModel):
    """Which runs: any of `states`, and all of the others that are not empty."""

    states: list[RunState] = []
    strategy: str = ""
    dataset: str = ""
    tag: str = ""
    sweep: str = ""
    q: str = Field(default="", description="text in the name, in any case")
    ids: list[str] = []


def page(db: Connection, filters: Filters, sort: str, limit: int, cursor: str = "") -> RunPage:
    """One page. `sort` is a SortKey, descending with a `-` before it; ties go by id.

    Raises:
        InvalidInput: when `cursor` is none that an earlier page gave for this sort.
    """
    key, descending = sort.lstrip("-"), sort.startswith("-")
    column = func.coalesce(runs.c[key], "" if key in _TEXTS else -1.0)
    conditions = _conditions(filters)
    total = db.scalar(select(func.count()).select_from(runs).where(*conditions)) or 0
    if cursor:
        conditions.append(_behind(column, descending, *_read_cursor(cursor, key)))
    order = [column.desc(), runs.c.id.desc()] if descending else [column, runs.c.id]
    found = db.execute(
        listed().add_columns(column.label("sort_key")).where(*conditions).order_by(*order).limit(limit + 1)
    )
    rows = found.mappings().all()
    shown = rows[:limit]
    following = _write_cursor(shown[-1]["sort_key"], shown[-1]["id"]) if len(rows) > limit else None
    return RunPage(runs=[to_run(row) for row in shown], next=following, total=total)


def _conditions(filters: Filters) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if filters.states:
        found.append(runs.c.state.in_(filters.states))
    if filters.ids:
        found.append(runs.c.id.in_(filters.ids))
    found += [
        runs.c[name] == value
        for name in ("strategy", "dataset", "sweep")
        if (value := getattr(filters, name))
    ]
    if filters.tag:
        tags = type_coerce(runs.c.tags, Words)
        found.append(func.replace(tags, json.dumps(filters.tag), "") != tags)
    if filters.q:
        found.append(func.lower(runs.c.name).contains(filters.q.lower(), autoescape=True))
    return found


def _behind(column: Any, descending: bool, value: str | float, run: str) -> ColumnElement[bool]:
    if descending:
        return or_(column < value, and_(column == value, runs.c.id < run))
    return or_(column > value, and_(column == value, runs.c.id > run))


def _write_cursor(value: Any, run: str) -> str:
    return base64.urlsafe_b64encode(json.dumps([value, run]).encode()).decode().rstrip("=")


def _read_cursor(cursor: str, key: str) -> tuple[str | float, str]:
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        value, run = _CURSOR.validate_json(text)
    except (ValueError, ValidationError) as error:
        raise _bad_cursor(cursor) from error
    if isinstance(value, str) != (key in _TEXTS):
        raise _bad_cursor(cursor)
    return value, run


def _bad_cursor(cursor: str) -> InvalidInput:
    message = "is not the `next` of an earlier page with this sort"
    return InvalidInput.of([FieldError(field="cursor", value=cursor[:200], message=message)])
