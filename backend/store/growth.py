"""The growth of runs, kept beside their long rows, which are written now and then.

A run's row is long: its declarations alone are 15 kB, and indices of lists have to follow it. So a
transaction writes what blocks changed into a short row beside it, in place of the long one. Whoever reads a
run reads both: what is here is newer. It is folded into the long rows a few at a time, and before anything
but blocks changes a run.
"""

import time
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Label,
    Text,
    bindparam,
    case,
    delete,
    false,
    func,
    insert,
    select,
    type_coerce,
    update,
)

from backend.store.engine import Store
from backend.store.growth_schema import growth
from backend.store.schema import runs
from rhoscope.states import GROWING

COLUMNS = tuple(column.name for column in growth.c if column.name not in ("run", "since"))
"""What blocks change of every run that grows."""
WITH_GROWTH = runs.outerjoin(growth, growth.c.run == runs.c.id)
"""To select from, where `grown` columns are read."""


def grown(name: str) -> Label[Any]:
    """One of `COLUMNS` as it is now, of a selection from `WITH_GROWTH`."""
    return func.coalesce(growth.c[name], runs.c[name]).label(name)


_GUEST = type_coerce(runs.c.spec, Text).contains('"guest":{', autoescape=True)
_HERE = growth.c.run.is_not(None)
READ = (
    select(runs.c.id, runs.c.state, _HERE.label("beside"))
    .add_columns(case((_HERE, false()), else_=_GUEST).label("guest"), *map(grown, COLUMNS))
    .select_from(WITH_GROWTH)
    .where(runs.c.id.in_(bindparam("of_these", expanding=True)))
    .with_for_update(of=runs)
)
"""What blocks need of the runs `of_these`, and whether each is a guest: of those that are here, none is.

Built once: building it for each commit took longer than what the database does for it.
"""
_NEW = insert(growth)
_OLD = update(growth).where(growth.c.run == bindparam("of_run"))
_FOLD = update(runs).where(runs.c.id == growth.c.run).values({runs.c[n]: growth.c[n] for n in COLUMNS})


def looked_up(db: Connection, name: str) -> ColumnElement[Any]:
    """One of `COLUMNS` as it is now, of a selection from the runs alone, which lists sort and filter by.

    It is looked for of runs that may grow alone: of a hundred thousand these are few.
    """
    if db.scalar(select(growth.c.run).limit(1)) is None:
        return runs.c[name]
    newer = select(growth.c[name]).where(growth.c.run == runs.c.id).scalar_subquery()
    return case((runs.c.state.in_(GROWING), func.coalesce(newer, runs.c[name])), else_=runs.c[name])


def note(db: Connection, rows: Iterable[tuple[str, Mapping[str, Any], bool]]) -> None:
    """Write of each run `COLUMNS` of its row; whether it has something here already."""
    now = time.time()
    new: list[dict[str, Any]] = []
    old: list[dict[str, Any]] = []
    for run, row, present in rows:
        changed = {name: row[name] for name in COLUMNS}
        if present:
            old.append(changed | {"of_run": run})
        else:
            new.append(changed | {"run": run, "since": now})
    if new:
        db.execute(_NEW, new)
    if old:
        db.execute(_OLD, old)


def forget(db: Connection, ids: Collection[str]) -> None:
    """Drop what was noted of these runs, whose own rows say all of it."""
    db.execute(delete(growth).where(growth.c.run.in_(ids)))


def catch_up(store: Store, most: int) -> None:
    """Bring the rows of those runs up to date that wait longest for it."""
    with store.reading() as db:
        ids = db.scalars(select(growth.c.run).order_by(growth.c.since).limit(most)).all()
    if ids:
        with store.writing() as db:
            fold(db, ids)


def fold(db: Connection, ids: Collection[str]) -> None:
    """Bring the rows of these runs up to date, where there is something to bring."""
    present = db.scalars(select(growth.c.run).where(growth.c.run.in_(ids))).all()
    if present:
        db.execute(_FOLD.where(runs.c.id.in_(present)))
        forget(db, present)
