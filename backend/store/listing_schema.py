"""Indices of what sorts, filters, and groups runs.

A run's row is long, and most of it says nothing about any of these. SQLite reads an index of what is short
instead, which has the order of the newest runs as well; settings it has one by one (`setting_schema.py`).
PostgreSQL keeps long values apart from their rows by itself.
"""

from sqlalchemy import Index

from backend.store.schema import runs
from backend.store.search_schema import metadata

__all__ = ["metadata"]

SHORT = (
    *("created", "id", "state", "strategy", "dataset", "fusion", "sweep", "step", "epoch", "total_steps"),
    *("started", "finished", "trained_s", "training_since", "test_accuracy", "best_accuracy", "doing"),
    *("parent", "parent_step", "worker", "tags", "name", "folded"),
)

Index("ix_runs_facts", *(runs.c[name] for name in SHORT)).ddl_if(dialect="sqlite")
Index("ix_runs_place", runs.c.created, runs.c.id).ddl_if(dialect="postgresql")
