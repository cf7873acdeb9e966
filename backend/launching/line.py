"""The queue as the launcher sees it: read when the store changed, and never more of a run than its place.

Of many thousands that wait, few have a ticket: only these are looked at in each pass, all others seldom.
"""

import time
from collections.abc import Collection, Iterator, Mapping, Sequence

from redis import Redis

from backend.launching.engines.engine import Ticket
from backend.store import Store, queue
from backend.store.queue import Waiting
from rhoscope.lease import ever_wanted

READ_S = 5.0
"""The order is read this often, too, in case another program changed the store."""
LOOK_S = 10.0
"""How often every waiting run is looked at, in case one has a ticket that nobody remembers."""


class Line:
    """The queue as of the last reading."""

    def __init__(self, redis: Redis, store: Store) -> None:
        self._redis = redis
        self._store = store
        self._order: Sequence[Waiting] = ()
        self._names: dict[str, Waiting] = {}
        self._ids: frozenset[str] = frozenset()
        self._apart: dict[str, list[Waiting]] = {}
        self._version = -1
        self._read = -READ_S
        self._looked = -LOOK_S

    @property
    def fresh(self) -> bool:
        """Whether the last reading is recent, and the store has not changed since."""
        return self._version == self._store.version and time.monotonic() - self._read < READ_S

    def read(self) -> Sequence[Waiting]:
        """Every queued run, the next to start first. Raises: OperationalError, when the store is away."""
        version, now = self._store.version, time.monotonic()
        if not self.fresh:
            with self._store.reading() as db:
                self._order = queue.waiting(db)
            self._names = {Ticket(one.id, one.attempt).name: one for one in self._order}
            self._ids = frozenset(one.id for one in self._order)
            self._apart = {}
            for one in self._order:
                self._apart.setdefault(one.program, []).append(one)
            self._version, self._read = version, now
        return self._order

    def lines(self, *, apart: bool) -> Mapping[str, Sequence[Waiting]]:
        """All who wait, in order: in one line, or by their programs."""
        return self._apart if apart else {"": self._order}

    def holds(self, ticket: str) -> bool:
        """Whether a queued run has this ticket."""
        return ticket in self._names

    def has(self, run: str) -> bool:
        """Whether this run waits."""
        return run in self._ids

    def doubt(self) -> None:
        """Redis or the store was away: look at every waiting run in the next pass."""
        self._looked = -LOOK_S

    def to_look_at(self, first: Collection[str], tickets: Collection[str]) -> Iterator[Waiting]:
        """Those that may have a ticket, in order: the `first` to start, and owners of known `tickets`."""
        known = {one.id for ticket in list(tickets) if (one := self._names.get(ticket))}
        known |= set(first)
        if time.monotonic() - self._looked >= LOOK_S:
            known |= set(ever_wanted(self._redis, [one.id for one in self._order]))
            self._looked = time.monotonic()
        return (one for one in self._order if one.id in known) if known else iter(())
