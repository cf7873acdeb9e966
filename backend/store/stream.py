"""Committing a run's stream: rows, events, state and stream position in one transaction, so exactly once."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Connection,
    Select,
    bindparam,
    delete,
    insert,
    select,
    update,
)

from backend.store import events, growth, media, orders, progress, rows, samples, seams
from backend.store.doing import PARTS, doing
from backend.store.schema import points, runs
from backend.store.writes import CHANGE, Row, Writes
from rhoscope.errors import Corrupt
from rhoscope.records import Block, Event
from rhoscope.states import GROWING

Position = tuple[int, int]
"""Attempt and sequence: the two halves of a stream id."""
LARGEST_ENTRY = 32 * 2**20
"""Bytes of one entry; a block of 4,096 rows of 500 series has 8 MiB."""

JOINT_S = 1.0
"""Of blocks that came together, those of so long are stored as one: their clock is straight in between."""
JOINT_ROWS = 1024
_WHOLE = (
    *growth.COLUMNS,
    *(
        "state",
        "attempt",
        "best",
        "test_accuracy",
        "best_accuracy",
        "reason",
        "changed",
        "started",
        "finished",
        "worker",
        "device",
        "total_steps",
        "epoch",
        "epochs",
    ),
    *("settings", "spec", "strategy", "series", "course", "trained_s", "training_since"),
)
_OF_THESE = runs.c.id.in_(bindparam("of_these", expanding=True))
_READ_WHOLE = select(runs.c.id, *(runs.c[n] for n in _WHOLE)).where(_OF_THESE).with_for_update()
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
    """As `commit_all`, for one run; nothing when it is gone."""
    return commit_all(db, {run: entries}, look).get(run, [])


def commit_all(
    db: Connection, entries: Mapping[str, Sequence[Entry]], look: Look | None = None
) -> dict[str, list[Stored]]:
    """Store what lies behind each run's position in its stream; a run that is gone is left out.

    Blocks that follow each other come out as one, with the position of the last.
    """
    writes = Writes(db)
    present = _present(db, entries)
    done = {run: _commit(writes, run, present[run], entries[run], look) for run in entries if run in present}
    writes.end()
    return done


def _present(db: Connection, entries: Mapping[str, Sequence[Entry]]) -> dict[str, Row]:
    """These runs as the store has them; of those that only grow, guests apart, as much as blocks need."""
    plain = [run for run, items in entries.items() if all(isinstance(one.content, Block) for one in items)]
    growing = {row.pop("id"): row for row in _rows(db, growth.READ, plain)}
    growing = {run: row for run, row in growing.items() if not row["guest"] and _grows(row, entries[run])}
    rest = [run for run in entries if run not in growing]
    if rest:
        growth.fold(db, rest)
    return growing | {row.pop("id"): row for row in _rows(db, _READ_WHOLE, rest)}


def _grows(row: Row, entries: Sequence[Entry]) -> bool:
    """Whether the run grows, and these blocks lie behind all that is stored and behind each other."""
    if row["state"] not in GROWING:
        return False
    cursor, end = (row["cursor_attempt"], row["cursor_seq"]), row["rows_end"]
    for entry in entries:
        if entry.position > cursor and isinstance(entry.content, Block):
            if int(entry.content.steps[0]) <= end or progress.TEST in entry.content.header.names:
                return False
            end = int(entry.content.steps[-1])
    return True


def _rows(db: Connection, query: Select[Any], ids: Sequence[str]) -> list[Row]:
    if not ids:
        return []
    answer = db.execute(query, {"of_these": ids})
    names = [*answer.keys()]
    return [dict(zip(names, row, strict=True)) for row in answer.all()]


def _commit(
    writes: Writes, run: str, before: Row, entries: Sequence[Entry], look: Look | None
) -> list[Stored]:
    row: Row = {**before, "last": dict(before["last"])} if "spec" in before else before
    cursor = (row["cursor_attempt"], row["cursor_seq"])
    stored = []
    for entry in _joined([entry for entry in entries if entry.position > cursor]):
        _hear(writes.db, run, row, entry.content)
        stored.append(_store(writes, run, row, entry))
        stored += _looked(writes.db, run, row, stored[-1].entry, look)
    if not stored:
        return []
    row["cursor_attempt"], row["cursor_seq"] = stored[-1].entry.position
    writes.compact(run, row)
    if "spec" not in row:
        writes.change(run, row)
        return stored
    row |= {"test_accuracy": progress.tested(row["last"]), "best_accuracy": progress.scored(row["best"])}
    changed = {name: value for name, value in row.items() if name not in before or before[name] != value}
    if not changed.keys().isdisjoint(PARTS):
        changed["doing"] = doing(row)
    writes.db.execute(CHANGE, {"of_run": run} | changed)
    return stored


def _joined(entries: Sequence[Entry]) -> list[Entry]:
    """With blocks that follow each other as one, at the place of the last."""
    joined: list[Entry] = []
    blocks: list[Block] = []
    rows = 0
    for entry in entries:
        block = entry.content if isinstance(entry.content, Block) else None
        if block and blocks and rows + block.header.n <= JOINT_ROWS and _joins(blocks, block):
            blocks.append(block)
            rows += block.header.n
            joined[-1] = entry
            continue
        _close(joined, blocks)
        joined.append(entry)
        blocks, rows = ([block], block.header.n) if block else ([], 0)
    _close(joined, blocks)
    return joined


def _joins(blocks: Sequence[Block], block: Block) -> bool:
    taken = block.header.times[1] - blocks[0].header.times[0]
    return taken <= JOINT_S and seams.follows(blocks[-1], block)


def _close(joined: list[Entry], blocks: Sequence[Block]) -> None:
    """Let the last entry stand for all of these blocks, of which it is the last."""
    if len(blocks) > 1:
        whole = seams.join(blocks)
        joined[-1] = Entry(joined[-1].position, whole.encode(), whole)


def _hear(db: Connection, run: str, row: Row, content: Block | Event | Corrupt) -> None:
    """A guest's record says that it is there; what was to end an earlier attempt must not end this one."""
    guest = "spec" in row and row["spec"].get("guest")
    if guest and not isinstance(content, Corrupt) and progress.hear(row, content):
        orders.withdraw(db, run)


def _store(writes: Writes, run: str, row: Row, entry: Entry) -> Stored:
    content, db = entry.content, writes.db
    if isinstance(content, Block):
        first = int(content.steps[0])
        if first <= row["rows_end"]:
            writes.settle()
            _rewind(db, run, row, first)
        writes.add(run, rows.row_of(run, entry.position, content, entry.data))
        progress.after_block(row, content)
        return Stored(entry)
    if isinstance(content, Corrupt):
        content = _note(run, row, entry.position, content)
        entry = Entry(entry.position, content.encode(), content)
    writes.settle()
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


def _looked(db: Connection, run: str, row: Row, entry: Entry, look: Look | None) -> list[Stored]:
    """The events that `look` derives from a stored entry, stored after it."""
    if look is None or isinstance(entry.content, Corrupt):
        return []
    if isinstance(entry.content, Event) and entry.content.kind == "setting":  # it reads settings in force
        db.execute(update(runs).where(runs.c.id == run).values(settings=row["settings"]))
    fired = look(db, run, entry.content)
    return [Stored(Entry(entry.position, one.encode(), one), events.add(db, one)) for one in fired]


def _note(run: str, row: Row, position: Position, error: Corrupt) -> Event:
    """A `log` event in place of an entry that can't be stored."""
    line = f"Entry {position[0]}-{position[1]} of the stream was skipped. {error.detail}"[:1000]
    data = {"line": line, "level": "error"}
    return Event(run=run, attempt=position[0], kind="log", step=row["step"], time=time.time(), data=data)


def _rewind(db: Connection, run: str, row: Row, first: int) -> None:
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
