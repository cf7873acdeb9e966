"""The receiver of an attempt's rows and events."""

import time
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

import numpy as np
from typing_extensions import override

from rhoscope.records import Block, Event
from rhoscope.system import Sampler

if TYPE_CHECKING:  # a program's records need no torch
    from rhoscope.torch.ring import Rows


class Sink(ABC):
    """Takes rows and events of one attempt, in order.

    `diverged` is set to the step at which a loss was not finite as soon as its row came by; `fenced` when a
    later attempt has written, so that this one must end. With a `sampler`, what the machine does and facts of
    the process are recorded as well.
    """

    def __init__(self, run: str, attempt: int) -> None:
        self.run = run
        self.attempt = attempt
        self.diverged: int | None = None
        self.fenced = False
        self.sampler: Sampler | None = None

    @abstractmethod
    def rows(self, rows: "Rows") -> None:
        """Take consecutive rows."""

    @abstractmethod
    def settle(self) -> None:
        """Wait until `diverged` speaks for all rows given so far."""

    @property
    def delivered(self) -> bool:
        """Whether all that was given outlives this process."""
        return True

    @abstractmethod
    def put(self, event: Event) -> None:
        """Take an event."""

    def event(self, kind: Any, step: int, **data: Any) -> None:
        """Make an event of now and take it."""
        event = Event(run=self.run, attempt=self.attempt, kind=kind, step=step, time=time.time(), data=data)
        self.put(event)

    def block_of(self, rows: "Rows") -> Block:
        values = rows.values()
        loss = values[rows.names.index("loss")]
        if self.diverged is None and not np.isfinite(loss).all():
            self.diverged = int(rows.steps[np.flatnonzero(~np.isfinite(loss))[0]])
        return Block.make(self.run, self.attempt, list(rows.names), rows.steps, values, rows.times)


class Silent(Sink):
    """Records nothing, but notices a non-finite loss: for all processes of a run but its first."""

    @override
    def rows(self, rows: "Rows") -> None:
        self.block_of(rows)

    @override
    def settle(self) -> None:
        """Rows are looked at as they come."""

    @override
    def put(self, event: Event) -> None:
        """Records nothing."""
