"""Indices of what sorts, filters, and groups runs.

A run's row is long, and most of it says nothing about any of these. SQLite reads an index of them alone
instead, which has the order of the newest runs as well; what is long is last. PostgreSQL keeps long values
apart from their rows by itself.
"""

from sqlalchemy import Index

from backend.store.schema import runs
from backend.store.search_schema import metadata

__all__ = ["LISTING", "metadata"]

LISTING = (
    *("created", "id", "state", "strategy", "dataset", "fusion", "sweep", "step", "epoch", "total_steps"),
    *("started", "finished", "trained_s", "training_since", "test_accuracy", "best", "tags", "worker"),
    *("course", "name", "folded", "settings"),
)

Index("ix_runs_listing", *(runs.c[name] for name in LISTING)).ddl_if(dialect="sqlite")
Index("ix_runs_place", runs.c.created, runs.c.id).ddl_if(dialect="postgresql")
