"""The growth of many runs at once, beside their long rows."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "growth",
        sa.Column("run", sa.String(length=32), nullable=False),
        sa.Column("since", sa.Float(precision=53), nullable=False),
        sa.Column("step", big, nullable=False),
        sa.Column("steps_per_s", sa.Float(precision=53), nullable=True),
        sa.Column("last", sa.Text(), nullable=False),
        sa.Column("cursor_attempt", sa.Integer(), nullable=False),
        sa.Column("cursor_seq", sa.BigInteger(), nullable=False),
        sa.Column("rows_end", big, nullable=False),
        sa.Column("rows_attempt", sa.Integer(), nullable=False),
        sa.Column("rows_time", sa.Float(precision=53), nullable=False),
        sa.Column("tail_rows", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("run", name=op.f("pk_growth")),
        sa.ForeignKeyConstraint(["run"], ["runs.id"], name=op.f("fk_growth_run"), ondelete="CASCADE"),
    )
    op.create_index("ix_growth_since", "growth", ["since"])
