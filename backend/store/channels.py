"""Channels that messages go to, and each one's place among the events."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from backend.store.channel_schema import channels
from backend.store.runs import new_id
from backend.store.schema import events, runs
from rhoscope.channels import NewChannel, Occasion
from rhoscope.errors import Conflict, NotFound
from rhoscope.records import Event

MOST = 20
"""Channels there can be."""
MOST_READ = 1000
"""Events of one look that a message is made of."""
_OCCASIONS: Mapping[str, Occasion] = {
    "completed": "completed",
    "failed": "failed",
    "lost": "lost",
    "stopped": "stopped",
}
"""By the state in which a run ends."""


@dataclass(frozen=True)
class Kept:
    """A channel as it is stored. `cursor`: number of the last event that it has a message about, or skips."""

    id: str
    name: str
    address: str
    occasions: list[Occasion]
    enabled: bool
    created: float
    sent: float | None
    problem: str
    cursor: int


@dataclass(frozen=True)
class Happening:
    """An event that a message can be about: its number, and its run's name."""

    number: int
    name: str
    event: Event

    @property
    def occasion(self) -> Occasion | None:
        """The occasion that it is; None for a step on the way."""
        if self.event.kind == "alert":
            return "alert"
        return _OCCASIONS.get(str(self.event.data.get("state")))


def kept(db: Connection) -> list[Kept]:
    """Every channel, oldest first."""
    rows = db.execute(select(channels).order_by(channels.c.created, channels.c.id)).mappings()
    return [Kept(**row) for row in rows]


def get(db: Connection, channel: str) -> Kept:
    """Raises: NotFound."""
    row = db.execute(select(channels).where(channels.c.id == channel)).mappings().first()
    if row is None:
        raise NotFound(f"There is no channel '{channel}'.")
    return Kept(**row)


def add(db: Connection, new: NewChannel) -> Kept:
    """Keep a channel; its messages begin with the next event. Raises: Conflict, when there are too many."""
    count = db.scalar(select(func.count()).select_from(channels)) or 0
    if count >= MOST:
        raise Conflict(f"There are {count} channels, the maximum; delete one first.")
    row = {"id": new_id(), "enabled": True, "created": time.time(), "sent": None, "problem": ""}
    db.execute(insert(channels).values(**row, **new.model_dump(), cursor=newest_event(db)))
    return get(db, str(row["id"]))


def edit(db: Connection, channel: str, changes: Mapping[str, Any]) -> Kept:
    """Change a channel; one that was off begins with the next event. Raises: NotFound."""
    before = get(db, channel)
    fresh = {"cursor": newest_event(db)} if changes.get("enabled") and not before.enabled else {}
    if values := {**changes, **fresh}:
        db.execute(update(channels).where(channels.c.id == channel).values(**values))
    return get(db, channel)


def remove(db: Connection, channel: str) -> None:
    """Forget a channel. Raises: NotFound."""
    get(db, channel)
    db.execute(delete(channels).where(channels.c.id == channel))


def move(db: Connection, channel: str, cursor: int) -> None:
    """Note that a channel has its messages up to this event; never back."""
    behind = (channels.c.id == channel) & (channels.c.cursor < cursor)
    db.execute(update(channels).where(behind).values(cursor=cursor))


def note(db: Connection, channel: str, outcome: Mapping[str, Any]) -> None:
    """Note what came of the last message: `sent`, `problem`."""
    db.execute(update(channels).where(channels.c.id == channel).values(**outcome))


def newest_event(db: Connection) -> int:
    """The number of the newest event, 0 when there is none."""
    return int(db.scalar(select(func.max(events.c.id))) or 0)


def happenings(db: Connection, one: Kept, until: int) -> Sequence[Happening]:
    """Events that a channel gets a message about, up to this one: the oldest `MOST_READ`."""
    query = select(events, runs.c.name).join(runs, runs.c.id == events.c.run)
    query = query.where(events.c.id > one.cursor, events.c.id <= until)
    query = query.where(events.c.kind.in_(("alert", "finished", "state"))).order_by(events.c.id)
    each = []
    for row in db.execute(query.limit(MOST_READ)).mappings():
        event = Event(**{name: value for name, value in row.items() if name not in ("id", "name")})
        each.append(Happening(row["id"], row["name"], event))
    return [happening for happening in each if happening.occasion in one.occasions]
