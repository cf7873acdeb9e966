"""The seam between wanting an attempt and a machine that starts it.

An engine only carries tickets. Whether an attempt runs is said by its lease, what came of it by its stream:
so an engine may lose a ticket, carry it twice or late, and nothing worse happens than time lost.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

from rhoscope.errors import RhoscopeError
from rhoscope.runs import Run

MOST_PROCESSES = 4096


class EngineAway(RhoscopeError):
    """The engine does not answer; worth another try later."""


@dataclass(frozen=True)
class Ticket:
    """One attempt to be started once."""

    run: str
    attempt: int
    processes: int = 1
    program: str = ""

    @property
    def name(self) -> str:
        """Unique, and the same for the same attempt; lower case, digits and hyphens."""
        return f"{self.run}-{self.attempt}"


class Engine(ABC):
    """Starts `python -m trainer.job RUN ATTEMPT`, or the same by other means, for each ticket."""

    patience_s: float
    """A ticket that left the queue this long ago without its lease being taken is made anew."""

    by_program = False
    """Whether tickets of each program wait in a line of their own: no other's worker takes them."""

    @abstractmethod
    def places(self, workers: int) -> int:
        """How many tickets may wait in it at once, so that the rest can still change their order."""

    @abstractmethod
    def waiting(self) -> Sequence[str]:
        """Names of tickets that no machine has taken yet, in the order they will be. Raises: EngineAway."""

    @abstractmethod
    def submit(self, ticket: Ticket) -> None:
        """Queue a ticket; nothing more when it is there already. Raises: EngineAway."""

    @abstractmethod
    def withdraw(self, name: str) -> None:
        """Take a ticket back that nobody has taken; nothing when it is gone. Raises: EngineAway."""


def processes(run: Run) -> int:
    """As many as its settings say; one where a worker's event made something else of the number."""
    count = run.settings.get("processes", 1)
    return count if isinstance(count, int) and 1 <= count <= MOST_PROCESSES else 1
