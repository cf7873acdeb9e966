"""Guest runs in the store: runs whose programs are not ours."""

import time
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, select, update

from backend.store.schema import runs


def describe(db: Connection, run: str, modalities: Sequence[str], series: Sequence[Any]) -> None:
    """Note what a guest says of itself before its first record."""
    described = {"modalities": list(modalities), "series": list(series)}
    db.execute(update(runs).where(runs.c.id == run).values(**described))


def is_guest(db: Connection, run: str) -> bool:
    """Whether a run's program is not ours."""
    spec = db.scalar(select(runs.c.spec).where(runs.c.id == run))
    return bool(spec and spec.get("guest"))


def is_open(db: Connection, run: str) -> bool:
    """Whether a run's stream is read."""
    return bool(db.scalar(select(runs.c.open).where(runs.c.id == run)))


def reopen(db: Connection, run: str) -> None:
    """Read a run's stream again, since its program, a guest, has more to say."""
    db.execute(update(runs).where(runs.c.id == run, ~runs.c.open).values(open=True, changed=time.time()))
