"""Stores as older versions left them."""

from collections.abc import Iterator, Mapping, Sequence

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
    "0018": ("setting_values",),
}
"""Tables, by the version that made them; those that point to others first."""
INDICES = {"0016": ("ix_runs_listing", "ix_runs_place"), "0018": ("ix_runs_facts", "ix_runs_listing")}
"""Indices, by the version that made or dropped them; which of them depends on the database."""
TRIGGERS = {"0018": ("settings_come", "settings_change", "settings_go")}
"""Triggers of SQLite, by the version that made them."""


def set_back(db: Connection, version: str) -> None:
    """Let the store and its version be those of an older one."""
    for index in _since(version, INDICES):
        db.exec_driver_sql(f"DROP INDEX IF EXISTS {index}")
    for trigger in _since(version, TRIGGERS) if db.dialect.name == "sqlite" else ():
        db.exec_driver_sql(f"DROP TRIGGER {trigger}")
    for table, column in (name.split(".") for name in _since(version, COLUMNS)):
        db.exec_driver_sql(f"ALTER TABLE {table} DROP COLUMN {column}")
    for table in _since(version, TABLES):
        db.exec_driver_sql(f"DROP TABLE IF EXISTS {table}")
    for column in ("data", "steps"):  # checksums came without a version of their own
        bare = f"substr({column}, 1, length({column}) - 5)"
        db.exec_driver_sql(f"UPDATE chunks SET {column} = {bare} WHERE (length({column}) & 3) = 1")
    db.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{version}'")


def _since(version: str, made: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """What later versions made."""
    return (name for later, names in made.items() if later > version for name in names)
