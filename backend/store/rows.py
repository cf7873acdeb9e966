"""Dense rows: blocks as they came, gathered into one chunk per series; read back as one curve."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Row, RowMapping, bindparam, delete, func, insert, select

from backend.store import guests, levels, outlines, packing
from backend.store.schema import blocks, chunks, points
from rhoscope.records import Block
from rhoscope.series import LAST_STEP

CHUNK_ROWS = 4096
CLOCK = ""
"""Pseudo-series in `chunks`: the Unix seconds (float64) known at some steps; `n` counts the chunk's rows."""

LAST = LAST_STEP
Curve = tuple[NDArray[np.int64], NDArray[Any]]
"""Steps int64 [n], ascending, and values [n]: float32 of our own dense series, float64 of all others."""
NOTHING: Curve = (np.empty(0, np.int64), np.empty(0, np.float32))


_ADD = insert(blocks)
_EARLIER = chunks.alias()
_START = select(func.max(_EARLIER.c.first_step)).where(
    _EARLIER.c.run == bindparam("of_run"),
    _EARLIER.c.series == bindparam("of_series"),
    _EARLIER.c.first_step <= bindparam("start"),
)
_CHUNKS = select(chunks).where(
    chunks.c.run == bindparam("of_run"),
    chunks.c.series == bindparam("of_series"),
    chunks.c.first_step.between(func.coalesce(_START.scalar_subquery(), 0), bindparam("end")),
    chunks.c.last_step >= bindparam("start"),
)
_CHUNKS = _CHUNKS.order_by(chunks.c.first_step)
"""Built once. The first chunk is looked up, or all that lie before it would be."""


def row_of(run: str, place: tuple[int, int], block: Block, data: bytes) -> dict[str, Any]:
    """The row of a block, encoded as `data`, whose place in the stream is this attempt and sequence."""
    return {
        "run": run,
        "attempt": place[0],
        "seq": place[1],
        "first_step": int(block.steps[0]),
        "last_step": int(block.steps[-1]),
        "data": data,
    }


def add(db: Connection, blocks_of: Sequence[dict[str, Any]]) -> None:
    """Append blocks as `row_of` gives them; the steps of each lie behind all that its run has stored."""
    db.execute(_ADD, list(blocks_of))


def compact(db: Connection, run: str) -> None:
    """Turn the tail's blocks into chunks: one per series and `CHUNK_ROWS` rows or a little more."""
    gathered: list[Block] = []
    written: list[dict[str, Any]] = []
    for row in tail_of(db, run):
        gathered.append(Block.decode(row.data))
        if sum(block.header.n for block in gathered) >= CHUNK_ROWS:
            written += _chunks_of(run, gathered)
            gathered = []
    written += _chunks_of(run, gathered)
    if written:
        _write(db, written)
        db.execute(delete(blocks).where(blocks.c.run == run))


def truncate(db: Connection, run: str, first: int) -> int:
    """Forget all rows from step `first` on, and sparse values after it; how many rows the tail keeps.

    A sparse value at step s was measured before row s was taken, so the one at `first` itself stays.
    """
    db.execute(delete(points).where(points.c.run == run, points.c.step > first))
    outlines.forget(db, run, first)
    levels.forget(db, run, first)
    db.execute(delete(chunks).where(chunks.c.run == run, chunks.c.first_step >= first))
    cut = select(chunks).where(chunks.c.run == run, chunks.c.last_step >= first)
    for chunk in db.execute(cut).mappings().all():
        _cut_chunk(db, chunk, first)
    db.execute(delete(blocks).where(blocks.c.run == run, blocks.c.first_step >= first))
    remaining = 0
    for row in tail_of(db, run):
        block = Block.decode(row.data)
        if row.last_step >= first:
            block = _head(block, int(np.count_nonzero(block.steps < first)))
            db.execute(delete(blocks).where(_same_block(row)))
            add(db, [row_of(run, (row.attempt, row.seq), block, block.encode())])
        remaining += block.header.n
    return remaining


def read(db: Connection, run: str, names: Sequence[str], start: int = 0, end: int = LAST) -> dict[str, Curve]:
    """The stored values of these series in steps [start, end]; every name is in the answer, if empty."""
    dense, sparse = _apart(db, run, names, start, end)
    return {name: both(dense.get(name, NOTHING), sparse.get(name, NOTHING)) for name in names}


def _apart(
    db: Connection, run: str, names: Sequence[str], start: int, end: int
) -> tuple[dict[str, Curve], dict[str, Curve]]:
    """Rows, and values that came in events: a guest's series may have both."""
    sparse = read_sparse(db, run, names, start, end)
    late = sparse and guests.is_guest(db, run)
    names_of_rows = [name for name in names if late or name not in sparse]
    return _dense(db, run, names_of_rows, start, end) if names_of_rows else {}, sparse


def read_sparse(
    db: Connection, run: str, names: Sequence[str], start: int = 0, end: int = LAST
) -> dict[str, Curve]:
    """As `read`, of series known to be sparse: no dense row is looked at; those without a value lack."""
    query = select(points.c.series, points.c.step, points.c.value)
    query = query.where(points.c.run == run, points.c.series.in_(names), points.c.step.between(start, end))
    gathered: dict[str, tuple[list[int], list[float]]] = {}
    for series, step, value in db.execute(query.order_by(points.c.series, points.c.step)):
        steps, values = gathered.setdefault(series, ([], []))
        steps.append(step)
        values.append(value)
    return {name: (np.array(s, np.int64), np.array(v, np.float64)) for name, (s, v) in gathered.items()}


def _dense(db: Connection, run: str, names: Sequence[str], start: int, end: int) -> dict[str, Curve]:
    parts: dict[str, list[Curve]] = {name: [] for name in names}
    for name, curve in pieces(db, run, names, start, end):
        parts[name].append(curve)
    return {name: join(curves) for name, curves in parts.items()}


def pieces(
    db: Connection, run: str, names: Sequence[str], start: int, end: int, at_once: int = 0
) -> Iterator[tuple[str, Curve]]:
    """Rows of these series in steps [start, end]: those of each chunk in order, then those of the tail.

    `at_once` is how many chunks are held; 0 is all of them.
    """
    options = {"yield_per": at_once} if at_once else {}
    for name in names:
        place = {"of_run": run, "of_series": name, "start": start, "end": end}
        for row in db.execute(_CHUNKS, place, execution_options=options).mappings():
            yield name, within(_curve(row), start, end)
    tail = [Block.decode(row.data) for row in tail_of(db, run, start, end)]
    for name in names:
        column = _clock(tail) if name == CLOCK else _column(tail, name)
        if len(column[0]):
            yield name, within(column, start, end)


def read_line(
    db: Connection, line: Sequence[tuple[str, int]], names: Sequence[str], start: int = 0, end: int = LAST
) -> dict[str, Curve]:
    """As `read`, of runs that continue each other: each gives its steps before the next one took over.

    A sparse value at the very step of the fork was measured by the older run.
    """
    parts: dict[str, list[Curve]] = {name: [] for name in names}
    begin = 0
    for run, until in line:
        last = run == line[-1][0]
        rows, points_of = _apart(db, run, names, max(start, begin), min(end, until))
        for name in names:
            steps, values = both(rows.get(name, NOTHING), points_of.get(name, NOTHING))
            sparse = not len(rows.get(name, NOTHING)[0])
            own = (steps > begin if sparse and begin else steps >= begin) & (
                steps <= until if sparse or last else steps < until
            )
            parts[name].append((steps[own], values[own]))
        begin = until
    return {name: join([c for c in curves if len(c[0])]) for name, curves in parts.items()}


def tail_of(db: Connection, run: str, start: int = 0, end: int = LAST) -> Sequence[Row[Any]]:
    """The blocks that are in no chunk yet and have steps in [start, end], as the database has them."""
    inside = (blocks.c.run == run, blocks.c.first_step <= end, blocks.c.last_step >= start)
    return db.execute(select(blocks).where(*inside).order_by(blocks.c.first_step)).all()


def _same_block(row: Row[Any]) -> Any:
    return (blocks.c.run == row.run) & (blocks.c.attempt == row.attempt) & (blocks.c.seq == row.seq)


def _column(tail: Iterable[Block], name: str) -> Curve:
    pieces = [
        (b.steps.astype(np.int64, copy=False), b.values[b.header.names.index(name)])
        for b in tail
        if name in b.header.names
    ]
    return join(pieces)


def _clock(tail: Sequence[Block]) -> Curve:
    knots = {}
    for block in tail:
        knots[int(block.steps[0])], knots[int(block.steps[-1])] = block.header.times
    return np.array(list(knots), np.int64), np.array(list(knots.values()), np.float64)


def _chunks_of(run: str, tail: Sequence[Block]) -> list[dict[str, Any]]:
    if not tail:
        return []
    names = dict.fromkeys(name for block in tail for name in block.header.names)
    parts = {name: _column(tail, name) for name in names}
    written = [_chunk(run, name, curve, len(curve[0])) for name, curve in parts.items()]
    return [*written, _chunk(run, CLOCK, _clock(tail), sum(block.header.n for block in tail))]


def _chunk(run: str, name: str, curve: Curve, n: int) -> dict[str, Any]:
    steps, values = curve
    consecutive = len(steps) == n and int(steps[-1]) - int(steps[0]) == n - 1
    return {
        "run": run,
        "series": name,
        "first_step": int(steps[0]),
        "last_step": int(steps[-1]),
        "n": n,
        "steps": None if consecutive else packing.packed_steps(steps),
        "data": values.astype("<f8" if values.dtype == np.float64 else "<f4").tobytes(),
    }


def _write(db: Connection, written: Sequence[dict[str, Any]]) -> None:
    db.execute(insert(chunks), list(written))
    dense = [row for row in written if row["series"] != CLOCK]
    outlines.add(db, [outlines.of(row["run"], row["series"], *_curve(row)) for row in dense])
    levels.grow(db, written[0]["run"], dict.fromkeys(row["series"] for row in dense))


def _curve(row: Mapping[Any, Any]) -> Curve:
    if row["steps"] is None:
        steps = np.arange(row["first_step"], row["first_step"] + row["n"], dtype=np.int64)
    else:
        steps = packing.unpacked_steps(row["steps"], row["last_step"])
    return steps, np.frombuffer(row["data"], "<f8" if len(row["data"]) == 8 * len(steps) else "<f4")


def _head(block: Block, n: int) -> Block:
    """The first `n` rows; their last time interpolated, since a block knows only two."""
    start, end = block.header.times
    share = (n - 1) / (block.header.n - 1)
    head = block.rows(np.arange(n))
    return Block(replace(head.header, times=(start, start + share * (end - start))), head.steps, head.values)


def _cut_chunk(db: Connection, row: RowMapping, first: int) -> None:
    steps, values = _curve(row)
    before = steps < first
    n = int(np.count_nonzero(before))
    if row["series"] == CLOCK:
        n = min(row["n"], first - int(row["first_step"]))
    same = (chunks.c[name] == row[name] for name in ("run", "series", "first_step"))
    db.execute(delete(chunks).where(*same))
    _write(db, [_chunk(row["run"], row["series"], (steps[before], values[before]), n)])


def join(curves: Sequence[Curve]) -> Curve:
    """One curve of several that follow each other."""
    if not curves:
        return NOTHING
    if len(curves) == 1:
        return curves[0]
    return np.concatenate([c[0] for c in curves]), np.concatenate([c[1] for c in curves])


def both(dense: Curve, sparse: Curve) -> Curve:
    """A guest's series may have values that came late, as sparse ones: they stand before dense ones."""
    if not len(sparse[0]) or not len(dense[0]):
        return sparse if len(sparse[0]) else dense
    steps, values = join([sparse, dense])
    unique, first = np.unique(steps, return_index=True)
    return unique, values[first]


def within(curve: Curve, start: int, end: int) -> Curve:
    steps, values = curve
    if not len(steps) or (steps[0] >= start and steps[-1] <= end):
        return curve
    a, b = np.searchsorted(steps, start), np.searchsorted(steps, end, side="right")
    return steps[a:b], values[a:b]
