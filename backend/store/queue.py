"""The queue: which runs wait, in the order in which they start. The only place that knows this order."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, func, select

from backend.store.runs import listed, to_run
from backend.store.schema import runs
from rhoscope.runs import Queue
from rhoscope.states import RunState

_WAITS = runs.c.state == RunState.QUEUED
_ORDER = (runs.c.priority.desc(), runs.c.created, runs.c.id)
"""By priority, then by age."""


@dataclass(frozen=True)
class Waiting:
    """A queued run's place: no more of it is read, since there may be many thousands."""

    id: str
    attempt: int
    program: str = ""


def waiting(db: Connection) -> Sequence[Waiting]:
    """Every queued run; the next to start first."""
    rows = db.execute(select(runs.c.id, runs.c.attempt, runs.c.program).where(_WAITS).order_by(*_ORDER))
    return [Waiting(run, attempt, program) for run, attempt, program in rows]


def part(db: Connection, start: int, limit: int) -> Queue:
    """At most `limit` queued runs after the first `start`, with what is true of the whole queue."""
    total, highest, lowest = db.execute(
        select(func.count(), func.max(runs.c.priority), func.min(runs.c.priority)).where(_WAITS)
    ).one()
    shown = db.execute(listed().where(_WAITS).order_by(*_ORDER).offset(start).limit(limit)).mappings()
    return Queue(runs=[to_run(row) for row in shown], total=total, highest=highest, lowest=lowest)


def ahead(db: Connection, priority: int, program: str = "") -> int:
    """How many queued runs, of a program or of ours, would start before a new one of this priority."""
    earlier: ColumnElement[bool] = _WAITS & (runs.c.priority >= priority) & (runs.c.program == program)
    return db.scalar(select(func.count()).select_from(runs).where(earlier)) or 0
