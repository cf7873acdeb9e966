"""Searches and their trials."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.create_table(
        "searches",
        sa.Column("sweep", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("since", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("sweep", name=op.f("pk_searches")),
        sa.ForeignKeyConstraint(["sweep"], ["sweeps.id"], name=op.f("fk_searches_sweep"), ondelete="CASCADE"),
    )
    op.create_index(op.f("ix_searches_state"), "searches", ["state"])
    op.create_table(
        "trials",
        sa.Column("sweep", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("values", sa.Text(), nullable=False),
        sa.Column("runs", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("value", sa.Float(precision=53), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("course", sa.Text(), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("created", sa.Float(precision=53), nullable=False),
        sa.Column("ended", sa.Float(precision=53), nullable=True),
        sa.PrimaryKeyConstraint("sweep", "number", name=op.f("pk_trials")),
        sa.ForeignKeyConstraint(["sweep"], ["sweeps.id"], name=op.f("fk_trials_sweep"), ondelete="CASCADE"),
    )
