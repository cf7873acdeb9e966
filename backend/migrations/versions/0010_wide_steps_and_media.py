"""Media, and steps of 64 bits, for which SQLite's integers always had room."""

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
    op.create_table(
        "media",
        sa.Column("run", sa.String(length=32), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("type", sa.String(length=64), nullable=False),
        sa.Column("bytes", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["run"], ["runs.id"], name=op.f("fk_media_run"), ondelete="CASCADE"),
    )
    op.create_index("ix_media_place", "media", ["run", "digest"], unique=True)
    if op.get_bind().dialect.name == "sqlite":
        return
    for table, columns in STEPS.items():
        for column in columns:
            op.alter_column(table, column, type_=sa.BigInteger())
