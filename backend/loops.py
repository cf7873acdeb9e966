"""Loops that go on for as long as the back end serves: launcher, recorder, live progress, alerts.

A loop never ends by an error. Redis, the store, or an engine away is foreseen: the loop waits and goes on.
What nobody foresaw is logged once, what it came from (a run, a worker, an entry) is set aside and tried again
ever more seldom, and all the others go on. `/readyz`, `/metrics`, and the page say so.
"""

import logging
import math
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from redis import RedisError
from redis.exceptions import OutOfMemoryError, ReadOnlyError, ResponseError

from backend.store import AWAY

FIRST_S, LONGEST_S = 10.0, 600.0
"""How long what failed is left alone at first, and at most; each failure doubles it."""
STUCK_S = 60.0
"""A loop whose last turn began this long ago, and has not ended, is stuck."""
MOST_ASIDE = 10_000
_WHOLE_SERVER = ("LOADING", "MISCONF", "NOAUTH", "NOPERM", "MASTERDOWN", "CLUSTERDOWN", "NOREPLICAS", "OOM")
log = logging.getLogger("rhoscope.loops")


@dataclass(frozen=True)
class Aside:
    """Something left alone: why, how often it failed, and the monotonic second of the next try."""

    reason: str
    failures: int
    again: float


class Loop:
    """How one loop fares, and what it has set aside. Written by its own thread, read by any."""

    def __init__(self, name: str, *foreseen: type[Exception]) -> None:
        """`foreseen` are errors besides those of Redis and the store that say a part is away."""
        self.name = name
        self.trouble = ""
        self.unforeseen = 0
        self.alive: Callable[[], bool] = lambda: True
        self._began: float | None = None
        self._foreseen = (*AWAY, OSError, *foreseen)
        self._aside: dict[str, Aside] = {}

    def is_away(self, error: Exception) -> bool:
        """Whether this error says that a part is away, which concerns everybody and passes by itself."""
        if isinstance(error, ResponseError):
            return isinstance(error, (OutOfMemoryError, ReadOnlyError)) or str(error).startswith(
                _WHOLE_SERVER
            )
        return isinstance(error, (RedisError, *self._foreseen))

    def may(self, what: str) -> bool:
        """Whether this is not set aside at present."""
        aside = self._aside.get(what)
        return aside is None or time.monotonic() >= aside.again

    @property
    def aside(self) -> dict[str, str]:
        """Everything that is set aside, each with the reason."""
        return {what: aside.reason for what, aside in list(self._aside.items())}

    @contextmanager
    def apart(self, what: str) -> Iterator[None]:
        """Let what the block meets concern `what` alone. Raises: what says that a part is away."""
        try:
            yield
        except Exception as error:
            if self.is_away(error):
                raise
            self.set_aside(what, error)
        else:
            self._aside.pop(what, None)

    def set_aside(self, what: str, error: Exception) -> None:
        """Leave this alone for a while; said in the log when it is new."""
        before = self._aside.get(what)
        reason = _words(error)
        if before is None or before.reason != reason:
            self.unforeseen += 1
            log.error("%s: %s is set aside. %s", self.name, what, reason, exc_info=error)
        failures = 1 if before is None else before.failures + 1
        pause = min(LONGEST_S, FIRST_S * 2.0 ** min(failures - 1, 10))
        if len(self._aside) >= MOST_ASIDE:
            self._aside.pop(next(iter(self._aside)))
        self._aside[what] = Aside(reason, failures, time.monotonic() + pause)

    def keep(self, whats: Callable[[str], bool]) -> None:
        """Forget what was set aside and is gone."""
        for what in [one for one in self._aside if not whats(one)]:
            self._aside.pop(what, None)

    def begin(self) -> None:
        """Note that a turn begins."""
        self._began = time.monotonic()

    def well(self) -> None:
        """Note that a turn ended well."""
        self.trouble, self._began = "", None

    def failed(self, error: Exception, words: str) -> bool:
        """Note that a turn ended badly; whether that is something new that nobody foresaw."""
        self._began = None
        before, self.trouble = self.trouble, words[:300]
        if not self.is_away(error):
            self.unforeseen += before != self.trouble
            return before != self.trouble
        if not before:
            log.warning("The %s waits: %s", self.name, error)
        return False

    def complaint(self) -> str:
        """Why it is not well; empty when it is."""
        if not self.alive():
            return f"The {self.name} is not running."
        if self.trouble:
            return self.trouble
        still = time.monotonic() - (self._began or math.inf)
        return f"The {self.name} has been in one turn for {still:.0f} s." if still > STUCK_S else ""


class Supervised(threading.Thread, ABC):
    """A thread that takes one turn after the other until `stop`, whatever a turn meets."""

    def __init_subclass__(cls) -> None:
        """Raises: TypeError, where a method has the name of one of a thread's own, which would call it."""
        if hidden := {name for name in vars(cls).keys() & vars(threading.Thread) if name[:2] != "__"}:
            raise TypeError(f"{cls.__name__} hides {', '.join(sorted(hidden))} of its thread.")

    def __init__(self, name: str, *foreseen: type[Exception]) -> None:
        super().__init__(name=name, daemon=True)
        self.loop = Loop(name, *foreseen)
        self.loop.alive = self.is_alive
        self._ending = threading.Event()

    @abstractmethod
    def turn(self) -> None:
        """One pass; may raise whatever it meets."""

    @abstractmethod
    def rest(self, began: float, *, well: bool) -> None:
        """Wait before the next turn; this one began at that monotonic second."""

    def words(self, error: Exception) -> str:
        """A sentence about an error that ended a turn."""
        return str(error) if self.loop.is_away(error) else f"Unforeseen: {_words(error)}"

    @property
    def trouble(self) -> str:
        """Why the last turn ended badly; empty when it did not."""
        return self.loop.trouble

    def run(self) -> None:
        """Until `stop`."""
        while not self._ending.is_set():
            began = time.monotonic()
            well = self._turned()
            self.rest(began, well=well)

    def _turned(self) -> bool:
        self.loop.begin()
        try:
            self.turn()
        except Exception as error:
            if self.loop.failed(error, self.words(error)):
                log.exception("The %s met something unforeseen and goes on.", self.name)
            return False
        self.loop.well()
        return True

    def stop(self) -> None:
        """End after the present turn."""
        self._ending.set()
        if self.is_alive():
            self.join(10)


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:300]
