"""Steps of 64 bits, which PostgreSQL keeps apart from those of 32; SQLite's integers always had room."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
STEPS = {
    "runs": ("parent_step", "step", "total_steps", "rows_end"),
    "blocks": ("first_step", "last_step"),
    "chunks": ("first_step", "last_step"),
    "outlines": ("first_step", "last_step"),
    "points": ("step",),
    "events": ("step",),
    "fired": ("step",),
}


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        return
    for table, columns in STEPS.items():
        for column in columns:
            op.alter_column(table, column, type_=sa.BigInteger())
