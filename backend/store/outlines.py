"""A coarse outline of every chunk, so that an overview of a long run does not read all of it."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Row, delete, insert, select

from backend.store import downsample, packing
from backend.store.schema import outlines

BUCKET_ROWS = 128
"""Rows of which an outline keeps the least, the greatest and, where there are some, the first NaN."""
Part = tuple[int, int, int, NDArray[np.int64], NDArray[Any]]
"""First and last step and count of the values that were looked at; steps [k] and values [k] of those kept."""
_PART = [outlines.c[name] for name in ("series", "first_step", "last_step", "n", "data")]


def positions(values: NDArray[np.floating]) -> NDArray[np.intp]:
    """Positions of the values [n] that an outline keeps."""
    return downsample.positions(values, max(downsample.SMALLEST, 2 + 2 * (len(values) // BUCKET_ROWS)))


def of(run: str, series: str, steps: NDArray[np.integer], values: NDArray[np.floating]) -> dict[str, Any]:
    """The row that tells what these values [n] look like."""
    drawn = positions(values)
    return {
        "run": run,
        "series": series,
        "first_step": int(steps[0]),
        "last_step": int(steps[-1]),
        "n": len(steps),
        "data": packing.packed(steps[drawn], values[drawn]),
    }


def add(db: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Write what `of` gave."""
    if rows:
        db.execute(insert(outlines), list(rows))


def forget(db: Connection, run: str, first: int) -> None:
    """Those of chunks that hold step `first` or a later one."""
    db.execute(delete(outlines).where(outlines.c.run == run, outlines.c.last_step >= first))


def present(db: Connection, run: str, name: str) -> bool:
    """Whether a series has any."""
    one = select(outlines.c.n).where(outlines.c.run == run, outlines.c.series == name).limit(1)
    return db.scalar(one) is not None


def inside(db: Connection, run: str, names: Iterable[str], start: int, end: int) -> dict[str, list[Part]]:
    """The outlines that lie within steps [start, end], in order; a series without any is left out."""
    query = select(*_PART).where(
        outlines.c.run == run,
        outlines.c.series.in_(names),
        outlines.c.first_step.between(start, end),
        outlines.c.last_step <= end,
    )
    return parts_of(db.execute(query.order_by(outlines.c.series, outlines.c.first_step)))


def parts_of(rows: Iterable[Row[Any]]) -> dict[str, list[Part]]:
    """Rows in order, by their series."""
    parts: dict[str, list[Part]] = {}
    for row in rows:
        steps, values = packing.unpacked(row.data)
        parts.setdefault(row.series, []).append((row.first_step, row.last_step, row.n, steps, values))
    return parts
