"""What lists sort and group by as short columns, and an index of these that leaves out what is long."""

import hashlib
import json
import math
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
TOGETHER = 1000
SHORT = (
    *("created", "id", "state", "strategy", "dataset", "fusion", "sweep", "step", "epoch", "total_steps"),
    *("started", "finished", "trained_s", "training_since", "test_accuracy", "best_accuracy", "doing"),
    *("parent", "parent_step", "worker", "tags", "name", "folded"),
)
LISTING = (*SHORT, "course", "settings")


def upgrade() -> None:
    op.add_column("runs", sa.Column("best_accuracy", sa.Float(precision=53), nullable=True))
    op.add_column("runs", sa.Column("doing", sa.String(length=32), nullable=False, server_default=""))
    lists = op.get_bind().dialect.name == "sqlite"
    if lists:
        op.drop_index("ix_runs_listing", "runs", if_exists=True)
    _fill(op.get_bind())
    if lists:
        op.create_index("ix_runs_listing", "runs", list(LISTING))
        op.create_index("ix_runs_facts", "runs", list(SHORT))  # of two that do, SQLite takes the later one


def _fill(db: sa.Connection) -> None:
    read = ("id", "settings", "course", "strategy", "spec", "best")
    runs = sa.table("runs", *(sa.column(name) for name in (*read, "best_accuracy", "doing")))
    change = sa.update(runs).where(runs.c.id == sa.bindparam("run"))
    change = change.values(best_accuracy=sa.bindparam("scored"), doing=sa.bindparam("does"))
    behind = ""
    page = sa.select(*(runs.c[name] for name in read)).order_by(runs.c.id).limit(TOGETHER)
    while some := db.execute(page.where(runs.c.id > behind)).all():
        behind = some[-1].id
        db.execute(
            change, [{"run": row.id, "scored": _scored(row.best), "does": _doing(row)} for row in some]
        )


def _scored(best: str) -> float | None:
    value = _read(best, {}).get("val.accuracy")
    number = float(value) if isinstance(value, int | float) and not isinstance(value, bool) else math.nan
    return number if math.isfinite(number) else None


def _doing(row: Any) -> str:
    settings, course = _read(row.settings, row.settings), _read(row.course, row.course)
    parts = [settings, course, row.strategy, _read(row.spec, {}).get("encoders")]
    text = json.dumps(parts, separators=(",", ":"))
    return hashlib.blake2b(text.encode(errors="surrogatepass"), digest_size=12).hexdigest()


def _read(text: str, otherwise: Any) -> Any:
    """An object; `otherwise` where some other program wrote what can't be read."""
    try:
        value = json.loads(text)
    except (ValueError, TypeError, RecursionError):
        return otherwise
    return value if isinstance(value, dict) else otherwise
