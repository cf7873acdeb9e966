"""The table of outlines of outlines, for runs that are long."""

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table

from backend.store.schema import Big, Words
from backend.store.sealed import Sealed
from backend.store.view_schema import metadata

__all__ = ["levels", "metadata"]

levels = Table(
    "levels",
    metadata,
    Column("run", String(32), ForeignKey("runs.id", ondelete="CASCADE"), nullable=False),
    Column("series", Words, nullable=False),
    Column("level", Integer, nullable=False),
    Column("first_step", Big, nullable=False),
    Column("last_step", Big, nullable=False),
    Column("n", Big, nullable=False),
    Column("data", Sealed, nullable=False),
    Index("ix_levels_place", "run", "series", "level", "first_step", unique=True),
)
