"""Facts that lists sort, filter, and group by: short columns, an index of these, and settings one by one."""

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
STEERED = """coalesce(json_extract({course}, '$."' || each.key || '"'), '')"""
ADD = """
INSERT OR IGNORE INTO setting_values (name, run, number, text)
SELECT each.key, {run}, CASE WHEN {steered} = '' AND {kind} IN ('integer', 'real') THEN each.atom END,
  CASE WHEN {steered} <> '' THEN {steered} WHEN {kind} IN ('true', 'false') THEN {kind}
    WHEN {kind} = 'text' THEN each.atom END
FROM {place} json_each({given}) AS each
WHERE each.key NOT GLOB '*[^A-Za-z0-9_]*' AND length(each.key) BETWEEN 1 AND 100
"""
DROP = """
DELETE FROM setting_values WHERE run = OLD.id AND name IN (
  SELECT key FROM json_each({settings}) UNION SELECT key FROM json_each({course})
)
"""
OTHERS = "NEW.settings IS NOT OLD.settings OR NEW.course IS NOT OLD.course"


def upgrade() -> None:
    op.add_column("runs", sa.Column("best_accuracy", sa.Float(precision=53), nullable=True))
    op.add_column("runs", sa.Column("doing", sa.String(length=32), nullable=False, server_default=""))
    lists = op.get_bind().dialect.name == "sqlite"
    if lists:
        op.drop_index("ix_runs_listing", "runs", if_exists=True)
    _fill(op.get_bind())
    if lists:
        op.create_index("ix_runs_facts", "runs", list(SHORT))
        _set_apart()


def _set_apart() -> None:
    """The settings of all runs one by one, and triggers that keep them so."""
    op.create_table(
        "setting_values",
        sa.Column("name", sa.String(length=100), primary_key=True),
        sa.Column("run", sa.String(length=32), primary_key=True),
        sa.Column("number", sa.Float(precision=53), nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sqlite_with_rowid=False,
    )
    add, drop = ";".join(_added("NEW")), DROP.format(**_read_from("OLD"))
    op.execute(f"CREATE TRIGGER settings_come AFTER INSERT ON runs BEGIN {add}; END")
    change = f"AFTER UPDATE OF settings, course ON runs WHEN {OTHERS}"
    op.execute(f"CREATE TRIGGER settings_change {change} BEGIN {drop}; {add}; END")
    op.execute(f"CREATE TRIGGER settings_go AFTER DELETE ON runs BEGIN {drop}; END")
    for statement in _added("runs", "runs,"):
        op.execute(f"{statement} ORDER BY each.key, runs.id")  # as they lie there


def _added(row: str, place: str = "") -> list[str]:
    """Statements that add the settings of this row, and what was steered that is none of them."""
    names = _read_from(row)
    steered = STEERED.format(**names)
    kinds = {"settings": "each.type", "course": "''"}
    return [
        ADD.format(run=f"{row}.id", steered=steered, kind=kind, place=place, given=names[given])
        for given, kind in kinds.items()
    ]


def _read_from(row: str) -> dict[str, str]:
    """The JSON columns of this row, empty where they can't be read."""
    return {
        name: f"CASE WHEN json_valid({row}.{name}) THEN {row}.{name} ELSE '{{}}' END"
        for name in ("settings", "course")
    }


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
