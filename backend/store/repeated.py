"""Repeated reports of a run, out of its events: a fork's after its ancestors', each where it counts."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import Connection, Text, func, select, type_coerce

from backend.store.schema import events

Line = Sequence[tuple[str, int]]
"""A run and its ancestors, the oldest first, each with the step where its descendant took over."""


@dataclass(frozen=True)
class Place:
    """Location of a report: the event's number, and the steps that had been taken."""

    id: int
    step: int


def over_time(db: Connection, line: Line, kind: str, name: str = "", start: int = 0) -> list[Place]:
    """Locations of the events of a kind, and of a name where one is given, from step `start` on."""
    places: list[Place] = []
    for one, end in line:
        own = [place for place in _places(db, one, kind, name) if start <= place.step <= end]
        places = [place for place in places if not own or place.step < own[0].step] + own
    return places


def called(name: str) -> Any:
    """The condition that the data of an event begins with this name."""
    begin = json.dumps({"name": name}, separators=(",", ":"))[:-1] + ","
    return func.substr(type_coerce(events.c.data, Text), 1, len(begin)) == begin


def _places(db: Connection, run: str, kind: str, name: str) -> list[Place]:
    """Locations of the run's own ones, by step.

    Those that an earlier attempt recorded at steps repeated by a later one are ignored; of two at one step,
    the later counts.
    """
    columns = (events.c.id, events.c.attempt, events.c.step)
    reports = select(*columns).where(events.c.run == run, events.c.kind == kind)
    if name:
        reports = reports.where(called(name))
    starts = db.execute(select(*columns).where(events.c.run == run, events.c.kind == "started")).all()
    places: dict[int, Place] = {}
    for id, attempt, step in sorted(db.execute(reports).all()):
        if not any(later > attempt and first < step for _, later, first in starts):
            places[step] = Place(id, step)
    return [places[step] for step in sorted(places)]


def read(db: Connection, ids: Sequence[int]) -> dict[int, Any]:
    """The data of events by their numbers."""
    rows = db.execute(select(events.c.id, events.c.data).where(events.c.id.in_(ids)))
    return {row.id: row.data for row in rows}


def spread(count: int, points: int) -> list[int]:
    """Which of `count` are kept: first, last, and evenly between; the last alone where one is wanted.

    >>> spread(5, 10), spread(5, 3), spread(5, 1)
    ([0, 1, 2, 3, 4], [0, 2, 4], [4])
    """
    if count <= points:
        return list(range(count))
    return [count - 1] if points == 1 else np.linspace(0, count - 1, points).round().astype(int).tolist()
