"""The store: SQLite or PostgreSQL behind one set of functions over a connection."""

from backend.store.engine import AWAY, Store, UnsureCommit

__all__ = ["AWAY", "Store", "UnsureCommit"]
