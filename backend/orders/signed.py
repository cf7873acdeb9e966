"""Orders of people we know are events of their runs, stored with the change and sent to whoever looks on."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from backend.application import Application
from backend.recording.pending import Item
from backend.store import events
from rhoscope.records import Event

Sign = Callable[[str, str], None]
"""Called with a run's id and what was ordered, in a few words."""


@contextmanager
def signed(here: Application, who: str) -> Iterator[tuple[Connection, Sign]]:
    """A transaction, and a function that notes what `who` orders in it; nothing for an empty name."""
    noted: list[tuple[int, Event]] = []
    with here.store.writing() as db:

        def sign(run: str, order: str) -> None:
            if who:
                noted.append(events.order(db, run, order, who))

        yield db, sign
    for number, event in noted:
        here.fanout.publish({event.run: [Item((0, 0), event.encode(), event=number)]})
