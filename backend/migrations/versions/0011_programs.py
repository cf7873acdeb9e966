"""Runs of users' programs, and catalogs that announce them."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    for table in ("runs", "catalogs"):
        op.add_column(table, sa.Column("program", sa.String(50), nullable=False, server_default=""))
