"""Outlines of outlines, for all runs that there are."""

import sqlalchemy as sa
from alembic import op

from backend.store import levels

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.create_table(
        "levels",
        sa.Column("run", sa.String(length=32), nullable=False),
        sa.Column("series", sa.Text(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("first_step", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("last_step", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["run"], ["runs.id"], name=op.f("fk_levels_run"), ondelete="CASCADE"),
    )
    place = ["run", "series", "level", "first_step"]
    op.create_index("ix_levels_place", "levels", place, unique=True)
    levels.build(op.get_bind())
