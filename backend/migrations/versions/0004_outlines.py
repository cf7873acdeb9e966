"""Outlines of all chunks, those that there are included."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import sqlalchemy as sa
from alembic import op

from backend.store import outlines

revision = "0004"
down_revision = "0003"
BATCH = 256
"""Chunks at a time: of 16 KB each."""


def upgrade() -> None:
    made = op.create_table(
        "outlines",
        sa.Column("run", sa.String(length=32), nullable=False),
        sa.Column("series", sa.Text(), nullable=False),
        sa.Column("first_step", sa.Integer(), nullable=False),
        sa.Column("last_step", sa.Integer(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["run"], ["runs.id"], name=op.f("fk_outlines_run"), ondelete="CASCADE"),
    )
    op.create_index("ix_outlines_place", "outlines", ["run", "series", "first_step"], unique=True)
    for batch in _chunks(op.get_bind()):
        op.bulk_insert(made, batch)


def _chunks(db: sa.Connection) -> Iterator[list[dict[str, Any]]]:
    chunks = sa.table(
        "chunks", *(sa.column(name) for name in ("run", "series", "first_step", "n", "steps", "data"))
    )
    place = (chunks.c.run, chunks.c.series, chunks.c.first_step)
    wanted = sa.select(chunks).where(chunks.c.series != "").order_by(*place).limit(BATCH)
    batch = db.execute(wanted).all()
    while batch:
        yield [_outline(row) for row in batch]
        at = [getattr(batch[-1], column.name) for column in place]
        batch = db.execute(wanted.where(sa.tuple_(*place) > at)).all()


def _outline(row: Any) -> dict[str, Any]:
    steps = (
        np.arange(row.first_step, row.first_step + row.n, dtype=np.int32)
        if row.steps is None
        else np.frombuffer(row.steps, "<i4")
    )
    return outlines.of(row.run, row.series, steps, np.frombuffer(row.data, "<f4"))
