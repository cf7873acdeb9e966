"""Single examples of a run over its validations, and how they are shown."""

from collections.abc import Collection, Sequence

import numpy as np
from sqlalchemy import Connection, select

from backend.store import media, repeated
from backend.store.events import EXAMPLE, SAMPLES
from backend.store.media import Content
from backend.store.repeated import Line, Place
from backend.store.schema import events
from rhoscope.errors import Conflict, InvalidInput, NotFound
from rhoscope.records import Event
from rhoscope.samples import Example, ExampleAnswer, Gap, Part, Samples, SamplesAnswer

POINTS = 100
"""Validations that are read at most; thinned evenly."""
RANKS = (0.1, 0.5, 0.9)


def keep(db: Connection, event: Event) -> Event:
    """Keep the bytes of an example's parts, once a run; the event without them.

    A part is dropped for which the run has no room.
    """
    example, kept = Example.model_validate(event.data), list[Part]()
    for part in example.parts:
        if part.content:
            try:
                media.add(db, event.run, part.digest, Content(*part.opened()))
            except Conflict:
                continue
        kept.append(part.model_copy(update={"content": ""}))
    return event.model_copy(update={"data": example.model_copy(update={"parts": kept}).model_dump()})


def at(db: Connection, run: str, line: Line, step: int | None, between: Sequence[str] = ()) -> SamplesAnswer:
    """The validation at `step`, or the last one before it; the newest without a step.

    Raises:
        InvalidInput: when `between` names a modality that the run does not have.
    """
    places = repeated.over_time(db, line, SAMPLES)
    shown = [places[i] for i in repeated.spread(len(places), POINTS)]
    before = [place for place in places if step is None or place.step <= step] or places[:1]
    records = _read(db, {*shown, *before[-1:]})
    now = records[before[-1].id] if before else None
    pair = _pair(records[shown[-1].id] if shown else None, between)
    return SamplesAnswer(
        run=run,
        step=before[-1].step if before else None,
        steps=[place.step for place in shown],
        total=len(places),
        samples=now,
        between=list(pair),
        gaps=[gap for place in shown if pair and (gap := _gap(place.step, records[place.id], *pair))],
    )


def example(db: Connection, line: Line, name: str) -> ExampleAnswer:
    """One example over validations, and how it is shown. Raises: NotFound, when no validation names it."""
    places = repeated.over_time(db, line, SAMPLES)
    shown = [places[i] for i in repeated.spread(len(places), POINTS)]
    records = _read(db, shown)
    having = [(place.step, records[place.id]) for place in shown if name in records[place.id].names]
    if not having:
        raise NotFound(f"No validation of run '{line[-1][0]}' has an example called '{name}'.")
    rows = [record.names.index(name) for _, record in having]
    every = list(zip(rows, (record for _, record in having), strict=True))
    modalities = dict.fromkeys(m for _, record in every for m in record.alone)
    holder, parts = _shown(db, line, name)
    return ExampleAnswer(
        name=name,
        label=every[-1][1].labels[rows[-1]],
        holder=holder,
        parts=parts,
        steps=[step for step, _ in having],
        together=[record.together[row] for row, record in every],
        alone={m: [_entry(record, m, row) for row, record in every] for m in modalities},
    )


def _entry(record: Samples, modality: str, row: int) -> float | None:
    column = record.alone.get(modality)
    return column[row] if column else None


def _read(db: Connection, places: Collection[Place]) -> dict[int, Samples]:
    data = repeated.read(db, [place.id for place in places])
    return {id: Samples.model_validate(one) for id, one in data.items()}


def _shown(db: Connection, line: Line, name: str) -> tuple[str, list[Part]]:
    """The newest preview of an example, and the run that holds it; of a fork without one, an ancestor's."""
    for one, _ in reversed(line):
        query = select(events.c.data).where(
            events.c.run == one, events.c.kind == EXAMPLE, repeated.called(name)
        )
        data = db.scalar(query.order_by(events.c.id.desc()).limit(1))
        if data is not None:
            return one, Example.model_validate(data).parts
    return line[-1][0], []


def _pair(newest: Samples | None, between: Sequence[str]) -> tuple[str, ...]:
    known = list(newest.alone) if newest else []
    if not between:
        return tuple(known[:2]) if len(known) > 1 else ()
    if newest and (len(set(between)) != 2 or any(m not in known for m in between)):
        message = f"expected two of {', '.join(known)}, separated by a comma"
        raise InvalidInput.field("between", message, ",".join(between))
    return tuple(between) if newest else ()


def _gap(step: int, record: Samples, first: str, second: str) -> Gap | None:
    """None where no example has both."""
    pairs = zip(record.alone.get(first, ()), record.alone.get(second, ()), strict=False)
    gaps = [a - b for a, b in pairs if a is not None and b is not None]
    if not gaps:
        return None
    low, median, high = (round(float(value), 5) for value in np.quantile(gaps, RANKS))
    return Gap(step=step, low=low, median=median, high=high)
