"""Outlines of outlines: whatever the length of a run, some level of them is about as fine as a screen.

Level 1 are the outlines of chunks (`outlines`). One of level 2 gathers `FIRST` of them, for buckets of twice
as many rows; one of each further level gathers `FACTOR` of the level below, for buckets of `FACTOR` times as
many. What a level keeps are values that the level below kept, chosen as an outline chooses them: every
extreme and the first NaN of a bucket are values that were recorded, at their steps.

A level covers a series from its first outline on without a gap, and ends earlier than the level below: what
it does not cover yet is read from there.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from sqlalchemy import Connection, Row, Select, Table, bindparam, delete, func, insert, select

from backend.store import downsample, outlines, packing
from backend.store.level_schema import levels
from backend.store.outlines import Part
from backend.store.schema import outlines as first_level

FIRST = 16
"""Outlines of one on level 2, so that few rows of the database hold many buckets."""
FACTOR = 4
"""Rows are read up to this many times as finely as a screen needs."""


def bucket(level: int) -> int:
    """Rows of which a level, 1 or more, keeps the extremes."""
    return outlines.BUCKET_ROWS * (2 * FACTOR ** (level - 2) if level > 1 else 1)


def coarsest(rows: float) -> int:
    """The coarsest level whose buckets have at most this many rows; 0, where only rows are fine enough."""
    level = 0
    while bucket(level + 1) <= rows:
        level += 1
    return level


def positions(values: Any, n: int, rows: int) -> Any:
    """Positions of what is kept of values [k] that stand for `n` rows, in buckets of `rows` rows."""
    return downsample.positions(values, max(downsample.SMALLEST, 2 + 2 * (n // rows)))


def inside(
    db: Connection, run: str, names: Iterable[str], level: int, start: int, end: int
) -> dict[str, list[Part]]:
    """The outlines of a level within steps [start, end], in order; a series without any is left out."""
    if level == 1:
        return outlines.inside(db, run, names, start, end)
    query = select(*_PART).where(
        levels.c.run == run,
        levels.c.series.in_(names),
        levels.c.level == level,
        levels.c.first_step.between(start, end),
        levels.c.last_step <= end,
    )
    return outlines.parts_of(db.execute(query.order_by(levels.c.series, levels.c.first_step)))


def grow(db: Connection, run: str, names: Iterable[str]) -> None:
    """Gather the outlines of these series, as far as enough of them have come."""
    level, grown = 2, list(names)
    while grown:
        grown = [name for name in grown if _grown(db, run, name, level)]
        level += 1


def forget(db: Connection, run: str, first: int) -> None:
    """Those that hold step `first` or a later one."""
    db.execute(delete(levels).where(levels.c.run == run, levels.c.last_step >= first))


def build(db: Connection) -> None:
    """Gather the outlines of all runs, which an earlier version wrote."""
    for run, name in db.execute(select(first_level.c.run, first_level.c.series).distinct()).all():
        grow(db, run, [name])


def _grown(db: Connection, run: str, name: str, level: int) -> bool:
    """Whether there is a new outline of this level."""
    size = FIRST if level == 2 else FACTOR
    where = {"of_run": run, "of_series": name, "of_level": level, "below": level - 1}
    waiting = db.scalar(_COUNT[level == 2], where) or 0
    for _ in range(waiting // size):
        gathered = db.execute(_WAITING[level == 2].limit(size), where).all()
        db.execute(insert(levels), _joined(run, name, level, gathered))
    return waiting >= size


def _joined(run: str, name: str, level: int, gathered: Sequence[Row[Any]]) -> dict[str, Any]:
    read = [packing.unpacked(row.data) for row in gathered]
    steps, values = (np.concatenate(column) for column in zip(*read, strict=True))
    n = sum(row.n for row in gathered)
    kept = positions(values, n, bucket(level))
    return {
        "run": run,
        "series": name,
        "level": level,
        "first_step": gathered[0].first_step,
        "last_step": gathered[-1].last_step,
        "n": n,
        "data": packing.packed(steps[kept], values[kept]),
    }


def _waiting(table: Table, *columns: Any) -> Select[Any]:
    """Outlines in `table` behind the last outline of a level, which is to gather them."""
    covered = select(levels.c.last_step).where(
        levels.c.run == bindparam("of_run"),
        levels.c.series == bindparam("of_series"),
        levels.c.level == bindparam("of_level"),
    )
    last = covered.order_by(levels.c.first_step.desc()).limit(1).scalar_subquery()
    behind = table.alias()
    query = select(*(behind.c[column] if isinstance(column, str) else column for column in columns))
    query = query.select_from(behind).where(
        behind.c.run == bindparam("of_run"),
        behind.c.series == bindparam("of_series"),
        behind.c.first_step > func.coalesce(last, -1),
    )
    return query if table is first_level else query.where(behind.c.level == bindparam("below"))


def _built(table: Table) -> tuple[Select[Any], Select[Any]]:
    part = _waiting(table, "first_step", "last_step", "n", "data")
    return _waiting(table, func.count()), part.order_by("first_step")


_PART = [levels.c[name] for name in ("series", "first_step", "last_step", "n", "data")]
(_COUNT_FIRST, _FIRST_WAITING), (_COUNT_FURTHER, _FURTHER_WAITING) = _built(first_level), _built(levels)
"""Built once, since every chunk needs them."""
_COUNT = {True: _COUNT_FIRST, False: _COUNT_FURTHER}
_WAITING = {True: _FIRST_WAITING, False: _FURTHER_WAITING}
