"""The table of what runs show beside numbers: pictures, sounds, texts, and tables."""

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, String, Table

from backend.store.account_schema import metadata

__all__ = ["media", "metadata"]

media = Table(
    "media",
    metadata,
    Column("run", String(32), ForeignKey("runs.id", ondelete="CASCADE"), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("type", String(64), nullable=False),
    Column("bytes", Integer, nullable=False),
    Column("data", LargeBinary, nullable=False),
    Index("ix_media_place", "run", "digest", unique=True),
)
