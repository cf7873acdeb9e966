"""Pictures, sounds, texts, and tables of runs: each content once a run, under its digest."""

from typing import NamedTuple

from sqlalchemy import Connection, bindparam, case, func, insert, select

from backend.store.events import MEDIA, of_run
from backend.store.media_schema import media
from rhoscope.errors import Conflict, NotFound
from rhoscope.media import Enclosing, Item, Shown, opened
from rhoscope.records import Event

MOST_BYTES = 512 * 2**20
"""Bytes of all items of a run."""
NEWEST = 10_000
_HERE = media.c.digest == bindparam("digest")
_ROOM = select(func.sum(media.c.bytes), func.max(case((_HERE, 1), else_=0))).where(
    media.c.run == bindparam("run")
)
"""Bytes that a run has, and whether one of its items is this one; made once, since a run brings hundreds."""
_NEW = insert(media)


class Content(NamedTuple):
    """Bytes, and what they are."""

    type: str
    data: bytes


def add(db: Connection, run: str, digest: str, content: Content) -> None:
    """Keep it, once. Raises: Conflict, when a run has too many."""
    size, here = db.execute(_ROOM, {"run": run, "digest": digest}).one()
    if here:
        return
    if (size or 0) + len(content.data) > MOST_BYTES:
        raise Conflict(f"The run has {MOST_BYTES // 2**20} MiB of media already, the most there can be.")
    row = {"run": run, "digest": digest, "type": content.type, "bytes": len(content.data)}
    db.execute(_NEW, row | {"data": content.data})


def keep(db: Connection, event: Event) -> Event:
    """Keep the bytes that an item's event brings along; the event without them.

    Where the run has no room for them, it is a line in the log instead.
    """
    item = Enclosing.model_validate(event.data)
    if not item.content:
        return event
    try:
        add(db, event.run, item.digest, Content(*opened(item.content, item.digest, item.kind)))
    except Conflict as error:
        data = {"line": f"'{item.name}' is not shown. {error.detail}"}
        return event.model_copy(update={"kind": "log", "data": data})
    return event.model_copy(update={"data": item.model_dump(exclude={"content"})})


def get(db: Connection, run: str, digest: str) -> Content:
    """Raises: NotFound."""
    query = select(media.c.type, media.c.data).where(media.c.run == run, media.c.digest == digest)
    row = db.execute(query).first()
    if row is None:
        raise NotFound(f"Run '{run}' has no item with this digest.")
    return Content(row.type, row.data)


def listed(db: Connection, run: str) -> list[Shown]:
    """The newest items by step, each where no later attempt began at or before its step; a later one wins."""
    starts = [(event.attempt, int(event.data.get("start_step", 0))) for event in of_run(db, run, ["started"])]
    items: dict[tuple[str, int], Shown] = {}
    for event in of_run(db, run, [MEDIA], limit=NEWEST):
        if not any(attempt > event.attempt and step <= event.step for attempt, step in starts):
            item = Item.model_validate(event.data)
            place = {"step": event.step, "attempt": event.attempt}
            items[item.name, event.step] = Shown(**item.model_dump(), **place)
    return sorted(items.values(), key=lambda one: (one.step, one.name))
