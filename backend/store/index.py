"""The index of runs: the ids of all that match a filter, in order, for tables of thousands."""

import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import ColumnElement, Connection, func, select

from backend.store import facts, pages
from backend.store.facts import fact
from backend.store.pages import Filters
from backend.store.schema import runs, sweeps

MOST = 20_000
"""Runs in one answer; of more the first ones in the asked order."""
TAG = "tag"
Doing = tuple[Any, ...]
"""A run's doing: its settings, seed included, its plug-ins, and where it began."""


class Bunch(BaseModel):
    """A group of runs with one value in common: the next `count` runs of the index."""

    model_config = ConfigDict(ser_json_inf_nan="strings")

    value: float | str | None = Field(description="the common value; null: the runs have none")
    label: str = Field(default="", description="a sweep's name")
    count: int
    repeats: int = Field(
        default=0, description="number of runs that repeat another one's settings and seed; not in the mean"
    )
    scored: int = Field(default=0, description="number of runs with a best validation accuracy")
    mean: float | None = Field(default=None, description="mean of the best validation accuracies")
    deviation: float | None = Field(default=None, description="their sample standard deviation")


class Index(BaseModel):
    """Ids in order. With `by`, group by group; grouped by tag, a run is listed once for each of its tags."""

    model_config = ConfigDict(ser_json_inf_nan="strings")

    total: int = Field(description=f"number of matching runs, of which at most {MOST} are listed")
    states: dict[str, int] = Field(description="number of runs in each state, ignoring the filter's states")
    bunches: list[Bunch] = []
    runs: list[str]


def index(db: Connection, filters: Filters, sort: str, by: str = "") -> Index:
    """`sort` as in `pages.page`; `by`: a fact's name or `tag`."""
    matching = pages.conditions(db, filters)
    everywhere = pages.conditions(db, filters.model_copy(update={"states": []}))
    state = facts.state(db) if everywhere else runs.c.state
    counted = select(state.label("state"), func.count().label("n")).where(*everywhere).group_by(state)
    states = {row.state: row.n for row in db.execute(counted)}
    selection = dict.fromkeys(filters.states or states)
    answer = Index(total=sum(states.get(state, 0) for state in selection), states=states, runs=[])
    order = pages.order(fact(db, sort.removeprefix("-")), descending=sort.startswith("-"))
    source = facts.table(db, [sort.removeprefix("-"), by])
    if not by:
        ids = select(runs.c.id).select_from(source).where(*matching).order_by(*order).limit(MOST)
        answer.runs = list(db.scalars(ids))
        return answer
    columns = (runs.c.id, runs.c.best_accuracy, *_doing(db))
    query = select(*columns, *_common(db, by)).select_from(source)
    query = query.where(*matching).order_by(*order).limit(MOST)
    bunches: dict[float | str | None, list[tuple[str, float | None, Doing]]] = {}
    for row in db.execute(query):
        run, best, does, values = row[0], row[1], tuple(row[2 : len(columns)]), row[len(columns) :]
        for value in dict.fromkeys(values[0]) or [None] if by == TAG else [_present(values)]:
            bunches.setdefault(value, []).append((run, best, does))
    names = _sweeps(db, bunches) if by == "sweep" else {}
    places = list(bunches) if by == "sweep" else sorted(bunches, key=_place)
    for value in places:
        members = bunches[value]
        answer.bunches.append(
            _bunch(value, names.get(value, ""), [(best, does) for _, best, does in members])
        )
        answer.runs += [run for run, _, _ in members]
    return answer


def _common(db: Connection, by: str) -> list[Any]:
    if by == TAG:
        return [runs.c.tags]
    shared = fact(db, by)
    return [column for column in (shared.number, shared.text) if column is not None]


def _present(values: Sequence[Any]) -> float | str | None:
    """The number or the text, whichever there is."""
    return next((value for value in values if value is not None), None)


def _place(value: float | str | None) -> tuple[int, float, str]:
    """Numbers, then texts, then those that lack it."""
    if value is None:
        return 2, 0.0, ""
    return (1, 0.0, value) if isinstance(value, str) else (0, value, "")


def _sweeps(db: Connection, ids: Mapping[Any, Any]) -> dict[Any, str]:
    named = select(sweeps.c.id, sweeps.c.name).where(sweeps.c.id.in_([one for one in ids if one]))
    return {row.id: row.name for row in db.execute(named)}


def _doing(db: Connection) -> list[ColumnElement[Any]]:
    """A run's doing, as columns: runs for which all are equal do the same."""
    fusion = fact(db, "fusion").keys()[0]
    return [runs.c.doing, runs.c.dataset, fusion, runs.c.parent, runs.c.parent_step]


def _bunch(value: float | str | None, label: str, members: Sequence[tuple[float | None, Doing]]) -> Bunch:
    once = {does: best for best, does in sorted(members, key=lambda one: one[0] is not None)}
    scores = [best for best in once.values() if best is not None]
    return Bunch(
        value=value,
        label=label,
        count=len(members),
        repeats=len(members) - len(once),
        scored=len(scores),
        mean=statistics.fmean(scores) if scores else None,
        deviation=statistics.stdev(scores) if len(scores) > 1 else None,
    )
