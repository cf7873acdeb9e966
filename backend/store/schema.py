"""The store's tables, the same on SQLite and PostgreSQL.

A run's dense rows lie first as the worker's own blocks (`blocks`, the tail) and, 4096 at a time, as one chunk
per series (`chunks`) with its outline (`outlines`), which `level_schema` gathers further. Sparse values are
`points`. Everything hangs on its run and goes with it.
"""

import math
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
)
from sqlalchemy.engine import Dialect
from typing_extensions import override

from backend.store.json_text import read_json, write_json
from backend.store.sealed import Sealed

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Words(TypeDecorator[str]):
    """Text without NUL, which PostgreSQL can't hold."""

    impl = Text
    cache_ok = True

    @override
    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else value.replace("\0", "")


class Json(TypeDecorator[Any]):
    """Any JSON value as text; NaN and Infinity survive, which a database's own JSON type refuses."""

    impl = Text
    cache_ok = True

    @override
    def process_bind_param(self, value: Any, dialect: Dialect) -> str:
        return write_json(value)

    @override
    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return read_json(value)


class Real(TypeDecorator[float]):
    """A float64 that may be NaN: kept as NULL, as SQLite makes of it anyway. Missing ones have no row."""

    impl = Float(53)
    cache_ok = True

    @override
    def process_bind_param(self, value: float | None, dialect: Dialect) -> float | None:
        return None if value is None or math.isnan(value) else value

    @override
    def process_result_value(self, value: float | None, dialect: Dialect) -> float:
        return math.nan if value is None else value


def _run() -> Column[str]:
    return Column("run", String(32), ForeignKey("runs.id", ondelete="CASCADE"), nullable=False)


Big = BigInteger().with_variant(Integer, "sqlite")
"""Of 64 bits in every database."""


def reached() -> tuple[Column[Any], ...]:
    """Columns of how far a run is stored: its stream, its rows, its tail."""
    return (
        Column("cursor_attempt", Integer, nullable=False),
        Column("cursor_seq", BigInteger, nullable=False),
        Column("rows_end", Big, nullable=False),
        Column("rows_attempt", Integer, nullable=False),
        Column("rows_time", Float(53), nullable=False),
        Column("tail_rows", Integer, nullable=False),
    )


sweeps = Table(
    "sweeps",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("name", Words, nullable=False),
    Column("spec", Json, nullable=False),
    Column("created", Float(53), nullable=False, index=True),
)

runs = Table(
    "runs",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("name", Words, nullable=False),
    Column("spec", Json, nullable=False),
    Column("settings", Json, nullable=False),
    Column("strategy", Words, nullable=False),
    Column("dataset", Words, nullable=False),
    Column("tags", Json, nullable=False),
    Column("notes", Words, nullable=False),
    Column("sweep", String(32), ForeignKey("sweeps.id"), index=True),
    Column("parent", String(32)),
    Column("parent_step", Big),
    Column("state", String(16), nullable=False, index=True),
    Column("reason", Words, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("losses", Integer, nullable=False),
    Column("created", Float(53), nullable=False, index=True),
    Column("changed", Float(53), nullable=False),
    Column("started", Float(53)),
    Column("finished", Float(53)),
    Column("worker", Words, nullable=False),
    Column("device", Words, nullable=False),
    Column("modalities", Json, nullable=False),
    Column("series", Json, nullable=False),
    Column("step", Big, nullable=False),
    Column("total_steps", Big),
    Column("epoch", Integer, nullable=False),
    Column("epochs", Integer),
    Column("steps_per_s", Float(53)),
    Column("last", Json, nullable=False),
    Column("best", Json, nullable=False),
    *reached(),
    Column("priority", Integer, nullable=False, server_default="0"),
    Column("open", Boolean, nullable=False, index=True),
    Column("folded", Words, nullable=False, server_default=""),
    Column("program", String(50), nullable=False, server_default=""),
    Column("course", Json, nullable=False, server_default="{}"),
    Column("trained_s", Float(53), nullable=False, server_default="0"),
    Column("training_since", Float(53)),
    Column("fusion", Words, nullable=False, server_default=""),
    Column("test_accuracy", Float(53)),
    Column("best_accuracy", Float(53)),
    Column("doing", String(32), nullable=False, server_default=""),
)

blocks = Table(
    "blocks",
    metadata,
    _run(),
    Column("attempt", Integer, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("first_step", Big, nullable=False),
    Column("last_step", Big, nullable=False),
    Column("data", LargeBinary, nullable=False),
    Index("ix_blocks_place", "run", "attempt", "seq", unique=True),
)

chunks = Table(
    "chunks",
    metadata,
    _run(),
    Column("series", Words, nullable=False),
    Column("first_step", Big, nullable=False),
    Column("last_step", Big, nullable=False),
    Column("n", Integer, nullable=False),
    Column("steps", Sealed),
    Column("data", Sealed, nullable=False),
    Index("ix_chunks_place", "run", "series", "first_step", unique=True),
)

outlines = Table(
    "outlines",
    metadata,
    _run(),
    Column("series", Words, nullable=False),
    Column("first_step", Big, nullable=False),
    Column("last_step", Big, nullable=False),
    Column("n", Integer, nullable=False),
    Column("data", Sealed, nullable=False),
    Index("ix_outlines_place", "run", "series", "first_step", unique=True),
)

points = Table(
    "points",
    metadata,
    _run(),
    Column("series", Words, nullable=False),
    Column("step", Big, nullable=False),
    Column("value", Real),
    Index("ix_points_place", "run", "series", "step", unique=True),
)

events = Table(
    "events",
    metadata,
    Column("id", Big, primary_key=True, autoincrement=True),
    _run(),
    Column("attempt", Integer, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("step", Big, nullable=False),
    Column("time", Float(53), nullable=False),
    Column("data", Json, nullable=False),
    Index("ix_events_run_id", "run", "id"),
)

catalogs = Table(
    "catalogs",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("body", Text, nullable=False),
    Column("seen", Float(53), nullable=False),
    Column("program", String(50), nullable=False, server_default=""),  # that it is of; empty: of ours
)

idempotency = Table(
    "idempotency",
    metadata,
    Column("key", Words, primary_key=True),
    Column("body", String(64), nullable=False),
    Column("answer", String(32), nullable=False),
    Column("created", Float(53), nullable=False),
)

orders = Table(
    "orders",
    metadata,
    _run(),
    Column("number", BigInteger, nullable=False),  # the first half of its id in the run's command stream
    Column("id", Words, nullable=False),
    Column("command", Json, nullable=False),
    Column("open", Boolean, nullable=False),  # no checkpoint holds what it did
    Index("ix_orders_place", "run", "number", unique=True),
)

answers = Table(
    "answers",
    metadata,
    Column("key", Words, primary_key=True),
    Column("request", String(64), nullable=False),
    Column("answer", Words, nullable=False),
    Column("created", Float(53), nullable=False, index=True),
)

alerts = Table(
    "alerts",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("series", Words, nullable=False),
    Column("condition", String(16), nullable=False),
    Column("threshold", Float(53)),
    Column("steps", Integer, nullable=False),
    Column("mean_of", Integer, nullable=False, server_default="1"),
    Column("seconds", Float(53), nullable=False),
    Column("run", String(32), ForeignKey("runs.id", ondelete="CASCADE"), index=True),
    Column("tag", Words, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("created", Float(53), nullable=False),
    Column("armed", Float(53), nullable=False),
)

fired = Table(
    "fired",
    metadata,
    Column("id", Big, primary_key=True, autoincrement=True),
    Column("alert", String(32), nullable=False),
    Column("words", Words, nullable=False),
    _run(),
    Column("attempt", Integer, nullable=False),
    Column("series", Words, nullable=False),
    Column("step", Big, nullable=False),
    Column("value", Real),
    Column("time", Float(53), nullable=False),
    Index("ix_fired_run", "run"),
)
