"""Events of runs, in the order in which they were stored."""

import time
from collections.abc import Sequence

from sqlalchemy import Connection, delete, insert, select

from backend.store.growth import WITH_GROWTH, grown
from backend.store.schema import events, runs
from rhoscope.records import Event

NEWEST = 10_000
TABLE, CONSOLE, MEDIA = "table", "console", "media"
SAMPLES, EXAMPLE = "samples", "example"
HEAVY = (TABLE, CONSOLE, MEDIA, SAMPLES, EXAMPLE)
"""Kinds too many or too long to be read with the others; who shows them reads them."""
MOST_PRINTED = 4000
"""Events of what a run's program printed that are kept, the newest."""
_PRUNE_EVERY = 64
_NEW = insert(events)


def add(db: Connection, event: Event) -> int:
    """Store an event; its number, ascending."""
    row = event.model_dump(mode="python")
    key = db.execute(_NEW, row).inserted_primary_key
    number = int(key[0]) if key else 0
    if event.kind == CONSOLE and number % _PRUNE_EVERY == 0:
        _forget_printed(db, event.run)
    return number


def _forget_printed(db: Connection, run: str) -> None:
    own = (events.c.run == run) & (events.c.kind == CONSOLE)
    newest = select(events.c.id).where(own).order_by(events.c.id.desc()).offset(MOST_PRINTED).limit(1)
    if (last := db.scalar(newest)) is not None:
        db.execute(delete(events).where(own, events.c.id <= last))


def printed(db: Connection, run: str, lines: int) -> list[str]:
    """The newest lines that a guest's program printed."""
    query = select(events.c.data).where(events.c.run == run, events.c.kind == CONSOLE)
    text: list[str] = []
    for data in db.execute(query.order_by(events.c.id.desc()).limit(lines)).scalars():
        text = [*map(str, data.get("lines", [])), *text]
        if len(text) >= lines:
            break
    return text[-lines:]


def order(db: Connection, run: str, what: str, who: str) -> tuple[int, Event]:
    """Note what somebody ordered of a run; the event's number, and the event."""
    query = select(runs.c.attempt, grown("step")).select_from(WITH_GROWTH).where(runs.c.id == run)
    row = db.execute(query).one()
    data = {"order": what, "who": who}
    event = Event(run=run, attempt=row.attempt, kind="order", step=row.step, time=time.time(), data=data)
    return add(db, event), event


def plain(db: Connection, run: str, start: int = 0, limit: int = NEWEST) -> list[Event]:
    """Events as they are listed: without the facts of a start, which have a request of their own."""
    listed = of_run(db, run, start=start, limit=limit)
    for event in listed:
        event.data.pop("facts", None)
    return listed


def of_run(
    db: Connection, run: str, kinds: Sequence[str] = (), start: int = 0, limit: int = NEWEST
) -> list[Event]:
    """The newest `limit` events at or after step `start`, oldest first; without kinds all but heavy ones."""
    query = select(events).where(events.c.run == run, events.c.step >= start)
    query = query.where(events.c.kind.in_(kinds) if kinds else ~events.c.kind.in_(HEAVY))
    rows = db.execute(query.order_by(events.c.id.desc()).limit(limit)).mappings().all()
    return [Event(**{k: v for k, v in row.items() if k != "id"}) for row in reversed(rows)]


def cause(db: Connection, run: str, attempt: int) -> str:
    """Why an attempt ended without an outcome, in the words of its host; empty where that said nothing."""
    own = (events.c.run == run) & (events.c.attempt == attempt) & (events.c.kind == "log")
    for data in db.execute(select(events.c.data).where(own).order_by(events.c.id.desc()).limit(9)).scalars():
        if data.get("cause") is True and isinstance(data.get("line"), str):
            return str(data["line"])
    return ""


def newest_id(db: Connection, run: str) -> int:
    """The number of the run's newest event, 0 when there is none."""
    newest = db.scalar(select(events.c.id).where(events.c.run == run).order_by(events.c.id.desc()).limit(1))
    return int(newest or 0)
