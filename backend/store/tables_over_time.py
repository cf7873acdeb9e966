"""A run's tables over time."""

from sqlalchemy import Connection

from backend.store import repeated
from backend.store.events import TABLE
from rhoscope.tables import Table, TablesAnswer


def over_time(
    db: Connection, run: str, line: repeated.Line, name: str, start: int, points: int
) -> TablesAnswer:
    """At most `points` of the tables called `name` from step `start` on, evenly spread, with the newest.

    A cell that the newest table has and an older one has not is None there.
    """
    places = repeated.over_time(db, line, TABLE, name, start)
    selection = [places[i] for i in repeated.spread(len(places), points)]
    data = repeated.read(db, [place.id for place in selection])
    tables = [Table.model_validate(data[place.id]) for place in selection]
    rows, columns = (tables[-1].rows, tables[-1].columns) if tables else ([], [])
    return TablesAnswer(
        run=run,
        name=name,
        rows=rows,
        columns=columns,
        steps=[place.step for place in selection],
        epochs=[table.epoch for table in tables],
        values=[table.aligned(rows, columns) for table in tables],
        total=len(places),
    )
