"""The tables of users: whoever has a password, a session in a browser, or a token for a program."""

from sqlalchemy import Column, Float, ForeignKey, Index, String, Table

from backend.store.schema import Words, metadata

__all__ = ["metadata", "sessions", "tokens", "users"]

users = Table(
    "users",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("role", String(16), nullable=False),
    Column("password", Words, nullable=False),
    Column("created", Float(53), nullable=False),
)


def _user(*, nullable: bool) -> Column[str]:
    key = ForeignKey("users.name", ondelete="CASCADE")
    return Column("user", String(64), key, nullable=nullable, index=True)


sessions = Table(
    "sessions",
    metadata,
    Column("key", String(64), primary_key=True),
    _user(nullable=True),
    Column("shared", String(64), nullable=False),
    Column("expires", Float(53), nullable=False),
)

tokens = Table(
    "tokens",
    metadata,
    Column("id", String(32), primary_key=True),
    _user(nullable=False),
    Column("name", Words, nullable=False),
    Column("key", String(64), nullable=False),
    Column("created", Float(53), nullable=False),
    Column("seen", Float(53)),
    Index("ix_tokens_key", "key", unique=True),
)
