"""Places at which a long run can be cut, so that nobody reads it whole."""

from collections.abc import Sequence

from sqlalchemy import Connection, select

from backend.store import rows
from backend.store.schema import chunks
from rhoscope.records import Block


def newest(db: Connection, run: str, start: int, limit: int) -> int:
    """The step from which at most about `limit` dense rows remain; `start` when there are no more."""
    total = sum(len(Block.decode(row.data).steps) for row in rows.tail_of(db, run, start))
    sizes = select(chunks.c.first_step, chunks.c.last_step, chunks.c.n).where(
        chunks.c.run == run, chunks.c.series == rows.CLOCK, chunks.c.last_step >= start
    )
    for row in db.execute(sizes.order_by(chunks.c.first_step.desc())):
        if total + row.n > limit:
            return max(start, int(row.last_step) + 1)
        total += row.n
    return start


def windows(db: Connection, run: str, size: int) -> list[tuple[int, int]]:
    """Ranges of steps, first to last, that cover everything in pieces of about `size` rows."""
    sizes = select(chunks.c.first_step, chunks.c.n).where(chunks.c.run == run, chunks.c.series == rows.CLOCK)
    borders, total = [0], 0
    for row in db.execute(sizes.order_by(chunks.c.first_step)):
        if total and total + row.n > size:
            borders.append(int(row.first_step))
            total = 0
        total += row.n
    return [(a, b - 1) for a, b in zip(borders, [*borders[1:], rows.LAST + 1], strict=True)]


def of_line(db: Connection, line: Sequence[tuple[str, int]], size: int) -> list[tuple[int, int]]:
    """Ranges of steps, first to last, that cover all of it in pieces of about `size` rows of one run."""
    pieces, begin = [], 0
    for run, until in line:
        last = until if until == rows.LAST else until - 1
        for start, end in windows(db, run, size):
            if max(start, begin) <= min(end, last):
                pieces.append((max(start, begin), min(end, last)))
        begin = until
    return pieces
