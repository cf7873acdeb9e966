"""Columns that lists of runs sort by, and an index of all that they sort, filter, and group by."""

import json
import math
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
TOGETHER = 1000
LISTING = (
    *("created", "id", "state", "strategy", "dataset", "fusion", "sweep", "step", "epoch", "total_steps"),
    *("started", "finished", "trained_s", "training_since", "test_accuracy", "best", "tags", "worker"),
    *("course", "name", "folded", "settings"),
)


def upgrade() -> None:
    op.add_column("runs", sa.Column("fusion", sa.Text(), nullable=False, server_default=""))
    op.add_column("runs", sa.Column("test_accuracy", sa.Float(precision=53), nullable=True))
    _fill(op.get_bind())
    if op.get_bind().dialect.name == "sqlite":
        op.create_index("ix_runs_listing", "runs", list(LISTING))
    else:
        op.create_index("ix_runs_place", "runs", ["created", "id"])


def _fill(db: sa.Connection) -> None:
    columns = ("id", "spec", "last", "fusion", "test_accuracy")
    runs = sa.table("runs", *(sa.column(name) for name in columns))
    change = sa.update(runs).where(runs.c.id == sa.bindparam("run"))
    change = change.values(fusion=sa.bindparam("by"), test_accuracy=sa.bindparam("tested"))
    behind = ""
    page = sa.select(runs.c.id, runs.c.spec, runs.c.last).order_by(runs.c.id).limit(TOGETHER)
    while some := db.execute(page.where(runs.c.id > behind)).all():
        behind = some[-1].id
        db.execute(change, [{"run": row.id, **_facts(row.spec, row.last)} for row in some])


def _facts(spec: str, last: str) -> dict[str, Any]:
    fusion, tested = _read(spec).get("fusion"), _read(last).get("test.accuracy")
    number = float(tested) if isinstance(tested, int | float) else math.nan
    plain = fusion.replace("\0", "") if isinstance(fusion, str) else ""
    return {"by": plain, "tested": number if math.isfinite(number) else None}


def _read(text: str) -> dict[str, Any]:
    """An object; empty where some other program wrote what can't be read."""
    try:
        value = json.loads(text)
    except (ValueError, TypeError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
