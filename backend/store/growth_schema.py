"""The table of the growth of runs that their own rows do not say yet."""

import math
from typing import Any

import orjson
from sqlalchemy import (
    Column,
    Dialect,
    Float,
    ForeignKey,
    Index,
    String,
    Table,
    Text,
    TypeDecorator,
)
from typing_extensions import override

from backend.store.json_text import read_json, write_json
from backend.store.level_schema import metadata
from backend.store.schema import Big, reached

__all__ = ["growth", "metadata"]


class Numbers(TypeDecorator[dict[str, float]]):
    """Numbers by name as JSON text, quickly where all are finite, as they nearly always are."""

    impl = Text
    cache_ok = True

    @override
    def process_bind_param(self, value: dict[str, float] | None, dialect: Dialect) -> str:
        numbers = value or {}
        if math.isfinite(sum(numbers.values())):
            try:
                return orjson.dumps(numbers).decode()
            except TypeError:
                pass  # a name that is no Unicode
        return write_json(numbers)

    @override
    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        if value and "\\u" not in value:
            try:
                return orjson.loads(value)
            except ValueError:
                pass  # NaN and infinities, which are no JSON
        return read_json(value)


growth = Table(
    "growth",
    metadata,
    Column("run", String(32), ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
    Column("since", Float(53), nullable=False),  # Unix seconds of the first block that the run's row lacks
    Column("step", Big, nullable=False),
    Column("steps_per_s", Float(53)),
    Column("last", Numbers, nullable=False),
    *reached(),
    Index("ix_growth_since", "since"),
)
