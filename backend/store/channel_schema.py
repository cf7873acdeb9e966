"""The table of channels that messages about runs go to."""

from sqlalchemy import BigInteger, Boolean, Column, Float, String, Table

from backend.store.media_schema import metadata
from backend.store.schema import Json, Words

__all__ = ["channels", "metadata"]

channels = Table(
    "channels",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("name", Words, nullable=False),
    Column("address", Words, nullable=False),
    Column("occasions", Json, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("created", Float(53), nullable=False),
    Column("sent", Float(53)),
    Column("problem", Words, nullable=False),
    Column("cursor", BigInteger, nullable=False),
)
