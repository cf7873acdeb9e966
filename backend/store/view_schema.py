"""The table of saved views."""

from sqlalchemy import Column, Float, String, Table

from backend.store.listing_schema import metadata
from backend.store.schema import Words

__all__ = ["metadata", "views"]

views = Table(
    "views",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("name", Words, nullable=False, unique=True),
    Column("address", Words, nullable=False),
    Column("author", Words, nullable=False),
    Column("created", Float(53), nullable=False),
)
