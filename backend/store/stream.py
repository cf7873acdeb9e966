"""Committing a run's stream: rows, events, state and stream position in one transaction, so exactly once."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from backend.store import events, media, orders, progress, rows, samples
from backend.store.schema import points, runs
from rhoscope.errors import Corrupt
from rhoscope.records import Block, Event
from rhoscope.states import FINAL

Position = tuple[int, int]
"""Attempt and sequence: the two halves of a stream id."""
LARGEST_ENTRY = 32 * 2**20
"""Bytes of one entry; a block of 4,096 rows of 500 series has 8 MiB."""

_READ = (
    *(
        "state",
        "reason",
        "attempt",
        "changed",
        "started",
        "finished",
        "worker",
        "device",
        "step",
        "total_steps",
    ),
    *("epoch", "epochs", "steps_per_s", "last", "best", "cursor_attempt", "cursor_seq", "rows_end"),
    *("rows_attempt", "rows_time", "tail_rows", "settings", "spec", "strategy", "series"),
    "test_accuracy",
    *("course", "trained_s", "training_since"),
)

_STATE = select(*(runs.c[name] for name in _READ)).where(runs.c.id == bindparam("of_run")).with_for_update()
_CHANGE = update(runs).where(runs.c.id == bindparam("of_run"))
"""Built once: building them for each commit took longer than what the database does for it."""


@dataclass(frozen=True)
class Entry:
    """One stream entry: the bytes as they came, and what they say or why they can't be read."""

    position: Position
    data: bytes
    content: Block | Event | Corrupt


@dataclass(frozen=True)
class Stored:
    """An entry that is now in the store; `event` is its number there, 0 for a block."""

    entry: Entry
    event: int = 0


def decode(run: str, position: Position, fields: dict[bytes, bytes]) -> Entry:
    """An entry of the stream; never raises, a corrupt one says so."""
    try:
        if (size := max(map(len, fields.values()), default=0)) > LARGEST_ENTRY:
            raise Corrupt(f"It has {size:,} bytes, more than the maximum of {LARGEST_ENTRY:,}.")
        if b"b" in fields:
            block = Block.decode(fields[b"b"])
            progress.check_block(block, run, position[0])
            return Entry(position, fields[b"b"], block)
        if b"e" in fields:
            event = Event.decode(fields[b"e"])
            progress.check_event(event, run, position[0])
            return Entry(position, fields[b"e"], progress.in_order(event))
        raise Corrupt(f"It has neither of the fields b and e, only {sorted(fields)}.")
    except Corrupt as error:
        return Entry(position, b"", error)
    except RecursionError:
        return Entry(position, b"", Corrupt("It is nested too deeply."))


def countable(position: Position) -> bool:
    """Whether every store can count up to this place of a stream."""
    return position[0] < 2**31 and position[1] < 2**63


Look = Callable[[Connection, str, Block | Event], Sequence[Event]]
"""Called with each block and event once it is stored, in the same transaction; what it finds happened too."""


def commit(db: Connection, run: str, entries: Sequence[Entry], look: Look | None = None) -> list[Stored]:
    """Store what lies behind the run's position in the stream; nothing when the run is gone."""
    before = db.execute(_STATE, {"of_run": run}).mappings().first()
    if before is None:
        return []
    row: dict[str, Any] = {**before, "last": dict(before["last"]), "settings": dict(before["settings"])}
    cursor = (row["cursor_attempt"], row["cursor_seq"])
    stored = []
    for entry in entries:
        if entry.position > cursor:
            _hear(db, run, row, entry.content)
            stored.append(_store(db, run, row, entry))
            stored += _looked(db, run, row, stored[-1].entry, look)
    if not stored:
        return []
    row["cursor_attempt"], row["cursor_seq"] = stored[-1].entry.position
    if row["tail_rows"] >= rows.CHUNK_ROWS or (row["state"] in FINAL and row["tail_rows"]):
        rows.compact(db, run)
        row["tail_rows"] = 0
    row["test_accuracy"] = progress.tested(row["last"])
    changed = {name: value for name, value in row.items() if name not in before or before[name] != value}
    db.execute(_CHANGE, {"of_run": run} | changed)
    return stored


def _hear(db: Connection, run: str, row: dict[str, Any], content: Block | Event | Corrupt) -> None:
    """A guest's record says that it is there; what was to end an earlier attempt must not end this one."""
    if row["spec"].get("guest") and not isinstance(content, Corrupt) and progress.hear(row, content):
        orders.withdraw(db, run)


def _store(db: Connection, run: str, row: dict[str, Any], entry: Entry) -> Stored:
    content = entry.content
    if isinstance(content, Block):
        first = int(content.steps[0])
        if first <= row["rows_end"]:
            _rewind(db, run, row, first)
        rows.add_block(db, run, *entry.position, content, entry.data)
        progress.after_block(row, content)
        return Stored(entry)
    if isinstance(content, Corrupt):
        content = _note(run, row, entry.position, content)
        entry = Entry(entry.position, content.encode(), content)
    if content.kind == "started":
        start = progress.facts(content).start_step
        if start <= row["rows_end"] and content.attempt > row["rows_attempt"]:
            _rewind(db, run, row, start)
    content, entry = _apart(db, run, entry, content)
    orders.settle(db, run, str(content.data.get("cursor", "")))
    if content.attempt == row["attempt"]:
        progress.after_event(row, content)
    return Stored(entry, events.add(db, content))


def _apart(db: Connection, run: str, entry: Entry, content: Event) -> tuple[Event, Entry]:
    """Store what has a table of its own: sparse values, and bytes in an event, which it loses."""
    if content.kind == "values":
        _add_points(db, run, content)
    light = content
    if content.kind == events.EXAMPLE:
        light = samples.keep(db, content)
    if content.kind == events.MEDIA:
        light = media.keep(db, content)
    return light, entry if light is content else Entry(entry.position, light.encode(), light)


def _looked(db: Connection, run: str, row: dict[str, Any], entry: Entry, look: Look | None) -> list[Stored]:
    """The events that `look` derives from a stored entry, stored after it."""
    if look is None or isinstance(entry.content, Corrupt):
        return []
    if isinstance(entry.content, Event) and entry.content.kind == "setting":  # it reads settings in force
        db.execute(update(runs).where(runs.c.id == run).values(settings=row["settings"]))
    fired = look(db, run, entry.content)
    return [Stored(Entry(entry.position, one.encode(), one), events.add(db, one)) for one in fired]


def _note(run: str, row: dict[str, Any], position: Position, error: Corrupt) -> Event:
    """A `log` event in place of an entry that can't be stored."""
    line = f"Entry {position[0]}-{position[1]} of the stream was skipped. {error.detail}"[:1000]
    data = {"line": line, "level": "error"}
    return Event(run=run, attempt=position[0], kind="log", step=row["step"], time=time.time(), data=data)


def _rewind(db: Connection, run: str, row: dict[str, Any], first: int) -> None:
    """A later attempt starts at `first`: what lies behind is forgotten, among newest and best values too."""
    kept = select(points.c.series, points.c.step, points.c.value).where(points.c.run == run)
    sparse = {series for series, _, _ in db.execute(kept)}
    row["tail_rows"] = rows.truncate(db, run, first)
    row["rows_end"] = first - 1
    row["last"] = {name: value for name, value in row["last"].items() if name not in sparse}
    row["best"] = {}
    for series, step, value in db.execute(kept.order_by(points.c.step)):
        progress.after_value(row, series, step, value)


def _add_points(db: Connection, run: str, event: Event) -> None:
    values = event.values()
    if not values:
        return
    same = (points.c.run == run) & (points.c.step == event.step) & points.c.series.in_(list(values))
    db.execute(delete(points).where(same))
    db.execute(
        insert(points), [{"run": run, "series": n, "step": event.step, "value": v} for n, v in values.items()]
    )
