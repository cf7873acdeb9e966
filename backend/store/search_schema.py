"""The tables of searches: how far each is, and its trials."""

from sqlalchemy import Column, Float, ForeignKey, Integer, String, Table

from backend.store.channel_schema import metadata
from backend.store.schema import Json, Words

__all__ = ["metadata", "searches", "trials"]


def _sweep() -> Column[str]:
    return Column("sweep", String(32), ForeignKey("sweeps.id", ondelete="CASCADE"), primary_key=True)


searches = Table(
    "searches",
    metadata,
    _sweep(),
    Column("state", String(16), nullable=False, index=True),
    Column("reason", Words, nullable=False),
    Column("since", Integer, nullable=False),  # number of the trial from which failures are counted
)

trials = Table(
    "trials",
    metadata,
    _sweep(),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("values", Json, nullable=False),
    Column("runs", Json, nullable=False),
    Column("state", String(16), nullable=False),
    Column("value", Float(53)),
    Column("reason", Words, nullable=False),
    Column("course", Json, nullable=False),  # value of the objective by epoch, once it has ended
    Column("notes", Json, nullable=False),  # what the sampler and the pruner noted on it
    Column("created", Float(53), nullable=False),
    Column("ended", Float(53)),
)
