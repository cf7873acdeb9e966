"""Sends what happened to the channels that want it, after it was stored: at least once, in order.

A channel's place among the events is kept in the store and moves once its service took the message. So a
restart loses nothing, and what a service does not take is sent again, ever more seldom, as one message.
"""

import time
from typing import Any

from typing_extensions import override

from backend.channels import services, wording
from backend.loops import Supervised
from backend.store import Store, channels
from backend.store.channels import Kept
from rhoscope.errors import RhoscopeError

PASS_S = 1.0


class Postman(Supervised):
    """A look at new events every second, if the store has changed since."""

    def __init__(self, store: Store) -> None:
        super().__init__("messages")
        self._store = store
        self._version = -1
        self._settled = 0
        self._due = True

    @override
    def turn(self) -> None:
        """One pass. Raises: OperationalError, when the store is away."""
        version = self._store.version
        if version == self._version and not self._due:
            return
        with self._store.reading() as db:
            kept = [one for one in channels.kept(db) if one.enabled]
            newest = channels.newest_event(db)
        self.loop.keep(lambda what: any(one.id == what for one in kept))
        for one in kept:
            if self.loop.may(one.id):
                with self.loop.apart(one.id):
                    self._serve(one)
        # An event may be committed after one with a higher number: only what is a pass old is settled
        self._due = self._settled < newest or bool(self.loop.aside)
        self._settled, self._version = newest, version

    @override
    def rest(self, began: float, *, well: bool) -> None:
        self._ending.wait(PASS_S)

    def _serve(self, one: Kept) -> None:
        """Raises: RhoscopeError, when its service does not take the message."""
        with self._store.reading() as db:
            happenings = channels.happenings(db, one, self._settled)
        if happenings:
            send(self._store, one, wording.title(happenings), wording.body(happenings))
        if self._settled > one.cursor:
            with self._store.writing() as db:
                channels.move(db, one.id, self._settled)


def send(store: Store, one: Kept, title: str, body: str) -> None:
    """Send a message and note what came of it.

    Raises:
        InvalidInput, Unavailable: when it was not taken.
    """
    outcome: dict[str, Any] = {"sent": time.time(), "problem": ""}
    try:
        services.send(services.service_of(one.address), title, body)
    except RhoscopeError as error:
        outcome = {"problem": error.detail[:500]}
        raise
    finally:
        with store.writing() as db:
            channels.note(db, one.id, outcome)
