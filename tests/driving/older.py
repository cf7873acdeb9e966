"""Stores as older versions left them."""

from sqlalchemy import Connection

COLUMNS = {
    "0005": ("runs.folded",),
    "0006": ("runs.course", "runs.trained_s", "runs.training_since"),
    "0009": ("alerts.mean_of",),
    "0011": ("runs.program", "catalogs.program"),
    "0016": ("runs.fusion", "runs.test_accuracy"),
    "0018": ("runs.best_accuracy", "runs.doing"),
}
"""Columns with their tables, by the version that added them."""
TABLES = {
    "0004": ("outlines",),
    "0007": ("orders", "answers"),
    "0008": ("tokens", "sessions", "users"),
    "0010": ("media",),
    "0012": ("channels",),
    "0013": ("trials", "searches"),
    "0014": ("views",),
    "0015": ("levels",),
    "0017": ("growth",),
}
"""Tables, by the version that made them; those that point to others first."""
INDICES = {"0016": ("ix_runs_listing", "ix_runs_place"), "0018": ("ix_runs_facts", "ix_runs_listing")}
"""Indices, by the version that made them; which of them depends on the database."""


def set_back(db: Connection, version: str) -> None:
    """Let the store and its version be those of an older one."""
    for later in (name for name in INDICES if name > version):
        for index in INDICES[later]:
            db.exec_driver_sql(f"DROP INDEX IF EXISTS {index}")
    for later in (name for name in COLUMNS if name > version):
        for table, column in (name.split(".") for name in COLUMNS[later]):
            db.exec_driver_sql(f"ALTER TABLE {table} DROP COLUMN {column}")
    for later in (name for name in TABLES if name > version):
        for table in TABLES[later]:
            db.exec_driver_sql(f"DROP TABLE {table}")
    for column in ("data", "steps"):  # checksums came without a version of their own
        bare = f"substr({column}, 1, length({column}) - 5)"
        db.exec_driver_sql(f"UPDATE chunks SET {column} = {bare} WHERE (length({column}) & 3) = 1")
    db.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{version}'")
