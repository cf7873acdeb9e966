"""The table of outlines of outlines, for runs that are long."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, String, Table

from backend.store.schema import Words
from backend.store.sealed import Sealed
from backend.store.view_schema import metadata

__all__ = ["levels", "metadata"]

_Big = BigInteger().with_variant(Integer, "sqlite")

levels = Table(
    "levels",
    metadata,
    Column("run", String(32), ForeignKey("runs.id", ondelete="CASCADE"), nullable=False),
    Column("series", Words, nullable=False),
    Column("level", Integer, nullable=False),
    Column("first_step", _Big, nullable=False),
    Column("last_step", _Big, nullable=False),
    Column("n", _Big, nullable=False),
    Column("data", Sealed, nullable=False),
    Index("ix_levels_place", "run", "series", "level", "first_step", unique=True),
)
