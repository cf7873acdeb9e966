"""Stores as older versions left them."""

from sqlalchemy import Connection

ADDED = {"0005": ("folded",), "0006": ("course", "trained_s", "training_since")}
"""Columns of the table of runs, by the version that added them."""


def set_back(db: Connection, version: str) -> None:
    """Let the table of runs and the store's version be those of an older one."""
    for later in (name for name in ADDED if name > version):
        for column in ADDED[later]:
            db.exec_driver_sql(f"ALTER TABLE runs DROP COLUMN {column}")
    db.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{version}'")
