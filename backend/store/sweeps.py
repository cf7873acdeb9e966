"""Sweeps, and the memory of requests that were answered before."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, RowMapping, Text, insert, select, type_coerce, update

from backend.store import runs, trials
from backend.store.schema import idempotency, sweeps
from rhoscope.errors import Conflict, NotFound
from rhoscope.runs import Sweep, SweepSpec
from rhoscope.spec import RunSpec

MOST_RACES = 20


def create(db: Connection, spec: SweepSpec, points: Sequence[tuple[RunSpec, dict[str, Any]]]) -> str:
    """Queue all runs of a sweep, each a specification with its settings in force; the sweep's id."""
    sweep = runs.new_id()
    row = {"id": sweep, "name": spec.name or spec.base.strategy, "spec": spec.model_dump(mode="json")}
    db.execute(insert(sweeps).values(**row, created=time.time()))
    if spec.search:
        trials.begin(db, sweep)
    for run, settings in points:
        runs.create(db, run, settings, sweep)
    return sweep


def get(db: Connection, sweep: str) -> Sweep:
    """Raises: NotFound."""
    row = db.execute(select(sweeps).where(sweeps.c.id == sweep)).mappings().first()
    if row is None:
        raise NotFound(f"There is no sweep '{sweep}'.")
    return _sweep(db, row)


def spec(db: Connection, sweep: str) -> SweepSpec:
    """The specification from which the sweep was made. Raises: NotFound."""
    stored = db.scalar(select(sweeps.c.spec).where(sweeps.c.id == sweep))
    if stored is None:
        raise NotFound(f"There is no sweep '{sweep}'.")
    return SweepSpec.model_validate(stored)


def races_of(db: Connection, run: str) -> list[str]:
    """Ids of the newest sweeps that try what would help this run, newest first."""
    race = f'"race":{{"run":"{run}"'
    query = select(sweeps.c.id).where(type_coerce(sweeps.c.spec, Text).contains(race, autoescape=True))
    return list(db.execute(query.order_by(sweeps.c.created.desc()).limit(MOST_RACES)).scalars())


def edit(db: Connection, sweep: str, changes: Mapping[str, Any]) -> None:
    """Change fields of the specification, of which the name is one. Raises: NotFound."""
    changed = spec(db, sweep).model_copy(update=dict(changes)).model_dump(mode="json")
    row = {"spec": changed} | {name: value for name, value in changes.items() if name == "name"}
    db.execute(update(sweeps).where(sweeps.c.id == sweep).values(**row))


def newest(db: Connection, limit: int) -> list[Sweep]:
    """The newest sweeps with their runs, newest first."""
    query = select(sweeps).order_by(sweeps.c.created.desc(), sweeps.c.id).limit(limit)
    return [_sweep(db, row) for row in db.execute(query).mappings().all()]


def _sweep(db: Connection, row: RowMapping) -> Sweep:
    made = Sweep.model_validate({**row, "runs": runs.of_sweep(db, row["id"])})
    return made.model_copy(update={"search": trials.status(db, made.id, made.spec.search)})


def answered(db: Connection, key: str, body: str) -> str | None:
    """The id that the request with this Idempotency-Key created, or None; `body` is a digest of the request.

    Raises:
        Conflict: when the key came with another body.
    """
    if not key:
        return None
    stored = db.execute(select(idempotency).where(idempotency.c.key == key)).mappings().first()
    if stored is None:
        return None
    if stored["body"] != body:
        raise Conflict(
            f"Idempotency-Key '{key}' was used with another body; it created '{stored['answer']}'."
        )
    return str(stored["answer"])


def remember(db: Connection, key: str, body: str, answer: str) -> None:
    """Note what a request made, when it has a key."""
    if key:
        db.execute(insert(idempotency).values(key=key, body=body, answer=answer, created=time.time()))
