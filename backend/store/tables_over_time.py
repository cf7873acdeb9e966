"""A run's tables over time, out of its events: a fork's after its ancestors', each where it still counts."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy import Connection, Text, func, select, type_coerce

from backend.store.events import TABLE
from backend.store.schema import events
from rhoscope.tables import Table, TablesAnswer


@dataclass(frozen=True)
class _Place:
    """Location of a table: the event's number, and the steps that had been taken."""

    id: int
    step: int


def over_time(
    db: Connection, run: str, line: Sequence[tuple[str, int]], name: str, start: int, points: int
) -> TablesAnswer:
    """At most `points` of the tables called `name` from step `start` on, evenly spread, with the newest.

    `line` are the run and its ancestors, the oldest first, each with the step where its descendant took over.
    A cell that the newest table has and an older one has not is None there.
    """
    places: list[_Place] = []
    for one, end in line:
        own = [place for place in _places(db, one, name) if start <= place.step <= end]
        places = [place for place in places if not own or place.step < own[0].step] + own
    selection = [places[i] for i in _spread(len(places), points)]
    tables = _read(db, [place.id for place in selection])
    newest = tables[selection[-1].id] if selection else None
    rows, columns = (newest.rows, newest.columns) if newest else ([], [])
    return TablesAnswer(
        run=run,
        name=name,
        rows=rows,
        columns=columns,
        steps=[place.step for place in selection],
        epochs=[tables[place.id].epoch for place in selection],
        values=[tables[place.id].aligned(rows, columns) for place in selection],
        total=len(places),
    )


def _places(db: Connection, run: str, name: str) -> list[_Place]:
    """Locations of the run's own tables of that name, by step.

    Tables that an earlier attempt recorded at steps repeated by a later one are ignored; of two tables at one
    step, the later counts.
    """
    begin = json.dumps({"name": name}, separators=(",", ":"))[:-1] + ","
    same = func.substr(type_coerce(events.c.data, Text), 1, len(begin)) == begin
    columns = (events.c.id, events.c.attempt, events.c.step)
    reports = db.execute(select(*columns).where(events.c.run == run, events.c.kind == TABLE, same)).all()
    starts = db.execute(select(*columns).where(events.c.run == run, events.c.kind == "started")).all()
    places: dict[int, _Place] = {}
    for id, attempt, step in sorted(reports):
        if not any(later > attempt and first < step for _, later, first in starts):
            places[step] = _Place(id, step)
    return [places[step] for step in sorted(places)]


def _read(db: Connection, ids: Sequence[int]) -> Mapping[int, Table]:
    rows = db.execute(select(events.c.id, events.c.data).where(events.c.id.in_(ids)))
    return {row.id: Table.model_validate(row.data) for row in rows}


def _spread(count: int, points: int) -> list[int]:
    """Which of `count` are kept: first, last, and evenly between; the last alone where one is wanted.

    >>> _spread(5, 10), _spread(5, 3), _spread(5, 1)
    ([0, 1, 2, 3, 4], [0, 2, 4], [4])
    """
    if count <= points:
        return list(range(count))
    return [count - 1] if points == 1 else np.linspace(0, count - 1, points).round().astype(int).tolist()
