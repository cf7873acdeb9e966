"""The course of runs: values that were changed while they trained, and seconds of training without pauses."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from backend.store import course
from backend.store.schema import Json

revision = "0006"
down_revision = "0005"

RUNS = sa.table(
    "runs",
    *(sa.column(name) for name in ("id", "state", "rows_time", "trained_s", "training_since", "strategy")),
    sa.column("course", Json),
)
EVENTS = sa.table(
    "events", *(sa.column(name) for name in ("id", "run", "kind", "time")), sa.column("data", Json)
)
TELLING = ("started", "finished", "setting")


def upgrade() -> None:
    op.add_column("runs", sa.Column("course", sa.Text(), nullable=False, server_default="{}"))
    op.add_column("runs", sa.Column("trained_s", sa.Float(53), nullable=False, server_default="0"))
    op.add_column("runs", sa.Column("training_since", sa.Float(53)))
    db = op.get_bind()
    for row in (
        db.execute(sa.select(RUNS.c.id, RUNS.c.state, RUNS.c.rows_time, RUNS.c.strategy)).mappings().all()
    ):
        events = sa.select(EVENTS).where(EVENTS.c.run == row["id"], EVENTS.c.kind.in_(TELLING))
        values = _course(dict(row), db.execute(events.order_by(EVENTS.c.id)).mappings().all())
        db.execute(sa.update(RUNS).where(RUNS.c.id == row["id"]).values(**values))


def _course(row: dict[str, Any], events: Any) -> dict[str, Any]:
    row |= {"trained_s": 0.0, "training_since": None, "course": {}}
    for event in events:
        data = event["data"]
        if event["kind"] == "started":
            course.started(row, event["time"])
        elif event["kind"] == "finished":
            course.ended(row, event["time"])
        elif words := course.extended(row["course"].get(data["setting"], ""), data.get("old"), data["new"]):
            row["course"][data["setting"]] = words
    if row["state"] not in ("running", "pausing", "stopping"):
        course.ended(row, row["rows_time"])
    strategy = row["course"].get("strategy", row["strategy"])
    return {name: row[name] for name in ("trained_s", "training_since", "course")} | {"strategy": strategy}
