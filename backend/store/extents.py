"""How far runs reach."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from backend.store.growth import WITH_GROWTH, grown
from backend.store.schema import runs


@dataclass(frozen=True)
class Extent:
    """How far a run's own rows reach: its place in the stream, and the attempt that wrote the last ones."""

    id: str
    step: int
    total_steps: int | None
    modalities: Sequence[str]
    attempt: int
    position: tuple[int, int]


def extents(db: Connection, ids: Collection[str]) -> dict[str, Extent]:
    """How far each of these runs that exist reaches, by id."""
    reach = map(grown, ("step", "rows_attempt", "cursor_attempt", "cursor_seq"))
    query = select(runs.c.id, runs.c.total_steps, runs.c.modalities, *reach).select_from(WITH_GROWTH)
    return {
        row.id: Extent(
            id=row.id,
            step=row.step,
            total_steps=row.total_steps,
            modalities=row.modalities,
            attempt=row.rows_attempt,
            position=(row.cursor_attempt, row.cursor_seq),
        )
        for row in db.execute(query.where(runs.c.id.in_(ids)))
    }
