"""How often somebody may be wrong before they have to wait."""

import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable

from rhoscope.errors import TooMany

WINDOW_S = 60.0
OF_ALL = 200
"""Wrong ones of everybody together within the window; no more are remembered."""


class Guesses:
    """Counts wrong passwords and tokens by whose they would be, or where they come from.

    >>> guesses = Guesses(2, clock=lambda: 0.0)
    >>> guesses.wrong("ann")
    >>> guesses.check("ann")
    """

    def __init__(self, limit: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit = limit
        self._clock = clock
        self._wrong: dict[str, deque[float]] = defaultdict(deque)
        self._all: deque[tuple[float, str]] = deque()
        self._lock = threading.Lock()

    def check(self, whose: str) -> None:
        """Raises: TooMany, when there were too many wrong ones within the last minute."""
        with self._lock:
            self._forget()
            wrong = len(self._wrong.get(whose, ()))
            if wrong >= self._limit or len(self._all) >= OF_ALL:
                raise TooMany(
                    f"Too many wrong passwords or tokens; wait {WINDOW_S:.0f} seconds and try again."
                )

    def wrong(self, whose: str) -> None:
        """Note a wrong one."""
        with self._lock:
            self._forget()
            if len(self._all) < OF_ALL:
                self._wrong[whose].append(self._clock())
                self._all.append((self._clock(), whose))

    def _forget(self) -> None:
        before = self._clock() - WINDOW_S
        while self._all and self._all[0][0] < before:
            _, whose = self._all.popleft()
            self._wrong[whose].popleft()
            if not self._wrong[whose]:
                del self._wrong[whose]
