"""Alerts that look at the mean of the last values."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.add_column("alerts", sa.Column("mean_of", sa.Integer(), nullable=False, server_default="1"))
