"""The table of runs: filtered, sorted, page by page."""

import base64
import json
from collections.abc import Sequence
from typing import Any, Literal

from pydantic import BaseModel, Field, TypeAdapter, ValidationError
from sqlalchemy import ColumnElement, Connection, and_, false, func, literal, or_, select, type_coerce

from backend.store import facts
from backend.store.course import STEERED, THEN
from backend.store.facts import SETTING, Fact, fact
from backend.store.runs import listed, to_run
from backend.store.schema import Words, runs
from backend.store.search import folded, forms
from rhoscope.errors import InvalidInput
from rhoscope.runs import Run, RunPage
from rhoscope.states import RunState

_CURSOR: TypeAdapter[list[float | str]] = TypeAdapter(list[float | str])


class Condition(BaseModel):
    """A fact compared with a value: as numbers where both are, else as texts."""

    name: str = Field(description="a name for `backend.store.facts.fact`")
    compare: Literal["=", "!=", "<", "<=", ">", ">="]
    value: float | str
    text: str = Field(default="", description="the value as it was written; empty: as a number is written")


class Filters(BaseModel):
    """Which runs: any of `states`, any of `ids`, and all of the others that are not empty."""

    states: list[RunState] = []
    ids: list[str] = []
    strategy: str = ""
    dataset: str = ""
    tag: str = ""
    sweep: str = ""
    q: str = Field(
        default="", description="words of the name, in any case and form, or the beginning of the id"
    )
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
    query = select(*labeled, runs.c.id).select_from(facts.table(db, [sort.removeprefix("-")]))
    query = query.where(*matching).order_by(*order(by, descending=descending))
    places = db.execute(query.limit(limit + 1)).all()
    shown = places[:limit]
    following = _write_cursor([*shown[-1]]) if len(places) > limit else None
    return RunPage(runs=in_order(db, [place.id for place in shown]), next=following, total=total)


def in_order(db: Connection, ids: Sequence[str]) -> list[Run]:
    """These runs in this order. Rows are long: only those that are shown are read, none is sorted."""
    present = {row["id"]: row for row in db.execute(listed().where(runs.c.id.in_(ids))).mappings()}
    return [to_run(present[one]) for one in ids if one in present]


def order(by: Fact, *, descending: bool) -> list[ColumnElement[Any]]:
    """By the fact and then by id: no two runs at the same place."""
    newest = by.number is runs.c.created  # else SQLite may read whole rows in the order of their ids
    keys = [*by.keys(), runs.c.id if newest else func.coalesce(runs.c.id, "")]
    return [key.desc() for key in keys] if descending else keys


def conditions(db: Connection, filters: Filters) -> list[ColumnElement[bool]]:
    """The filters as SQL."""
    clauses: list[ColumnElement[bool]] = []
    if filters.states:
        clauses.append(facts.state(db).in_(filters.states))
    if filters.ids:
        clauses.append(runs.c.id.in_(filters.ids))
    clauses += [runs.c[name] == value for name in ("dataset", "sweep") if (value := getattr(filters, name))]
    if filters.strategy:
        all_of_it = (
            literal(" ").concat(runs.c.strategy).concat(THEN)
        )  # of a steered run, each of its strategies
        among = all_of_it.contains(f" {filters.strategy}{THEN}", autoescape=True)
        clauses.append(
            or_(runs.c.strategy == filters.strategy, and_(runs.c.strategy.startswith(STEERED), among))
        )
    if filters.tag:
        tags = type_coerce(runs.c.tags, Words)
        tagged = [func.replace(tags, json.dumps(one), "") != tags for one in forms(filters.tag)]
        clauses.append(or_(*tagged))
    for word in folded(filters.q).split():
        named = runs.c.folded.contains(word, autoescape=True)
        clauses.append(or_(named, runs.c.id.startswith(word, autoescape=True)))
    return clauses + [_met(db, one) for one in filters.where]


def has_setting(db: Connection, name: str) -> bool:
    """Whether any run has a setting of this name."""
    fact_name = f"{SETTING}{name}"
    there = facts.apart(fact_name, _there) if facts.is_apart(db, fact_name) else _there(fact(db, fact_name))
    return db.scalar(select(runs.c.id).where(there).limit(1)) is not None


def _there(by: Fact) -> ColumnElement[bool]:
    return or_(*(column.is_not(None) for column in (by.number, by.text) if column is not None))


def _met(db: Connection, condition: Condition) -> ColumnElement[bool]:
    if not facts.is_apart(db, condition.name):
        return _compared(fact(db, condition.name), condition)
    if condition.compare == "!=":
        return ~_met(db, condition.model_copy(update={"compare": "="}))
    return facts.apart(condition.name, lambda by: _compared(by, condition))


def _compared(by: Fact, condition: Condition) -> ColumnElement[bool]:
    if condition.compare == "!=":
        same = _compared(by, condition.model_copy(update={"compare": "="}))
        return ~func.coalesce(same, false())
    value, text = condition.value, condition.text or _written(condition.value)
    if isinstance(value, float) and by.number is not None:
        compared: ColumnElement[bool] = by.number.op(condition.compare, is_comparison=True)(value)
        same_text = condition.compare == "=" and by.text is not None
        return or_(compared, by.text.in_(forms(text))) if same_text and by.text is not None else compared
    if by.text is None:
        return false()
    if condition.compare == "=":
        return by.text.in_(forms(text))
    ordered: ColumnElement[bool] = by.text.op(condition.compare, is_comparison=True)(text)
    return ordered


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
