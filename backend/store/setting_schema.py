"""The values of settings one by one, so that lists look into no JSON for them. SQLite alone has them.

Triggers of the database keep them (`backend/migrations/versions/0018_facts.py`), whoever writes a run: of
each setting its value or, once it was steered, all of its values in order as a text.
"""

from sqlalchemy import Column, Float, String, Table, Text

from backend.store.growth_schema import metadata

__all__ = ["metadata", "setting_values"]

setting_values = Table(
    "setting_values",
    metadata,
    Column("name", String(100), primary_key=True),
    Column("run", String(32), primary_key=True),
    Column("number", Float(53)),
    Column("text", Text),  # where it is none: of truth values their names
    sqlite_with_rowid=False,
)
"""Those of one setting lie together."""
