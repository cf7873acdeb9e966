"""A run trained in this process, with everything it told."""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from rhoscope.commands import Command
from rhoscope.records import Block, Event
from rhoscope.spec import RunSpec
from rhoscope.torch.ring import Rows
from trainer.attempt.controls import Controls
from trainer.attempt.loop import train
from trainer.attempt.session import Outcome, Session
from trainer.checkpoints.checkpoint import Checkpoints
from trainer.checkpoints.storage import Folder
from trainer.run import start
from trainer.telemetry.sink import Sink


class Memory(Sink):
    """Keeps rows and events."""

    def __init__(self, attempt: int = 1) -> None:
        super().__init__("run", attempt)
        self.blocks: list[Block] = []
        self.events: list[Event] = []

    def rows(self, rows: Rows) -> None:
        self.blocks.append(self.block_of(rows))

    def put(self, event: Event) -> None:
        self.events.append(event)

    def settle(self) -> None:
        """Rows are looked at as they come."""

    def series(self, name: str) -> NDArray[np.float32]:
        """All values of a dense series, in order; of the steps that have one."""
        having = [b for b in self.blocks if name in b.header.names]
        return np.concatenate([b.values[b.header.names.index(name)] for b in having])

    def steps(self, name: str = "loss") -> list[int]:
        """Steps that have a value of a dense series."""
        return [int(step) for block in self.blocks if name in block.header.names for step in block.steps]

    def names(self) -> set[str]:
        """Dense series that came in every block."""
        every = [set(block.header.names) for block in self.blocks]
        return set.intersection(*every) if every else set()

    def sparse(self) -> dict[str, list[float]]:
        """Values of the sparse series by name, in order."""
        result: dict[str, list[float]] = {}
        for event in self.of("values"):
            for name, value in event.values().items():
                result.setdefault(name, []).append(value)
        return result

    def of(self, kind: str) -> list[Event]:
        return [event for event in self.events if event.kind == kind]


class Trained:
    """One attempt at a run, trained to its end or to a command's.

    Without pictures of its data, unless they are asked for: to draw them takes longer than such runs.
    """

    def __init__(
        self,
        spec: dict[str, Any],
        *,
        attempt: int = 1,
        folder: Path | None = None,
        controls: Controls | None = None,
        sink: Memory | None = None,
    ) -> None:
        self.sink = sink or Memory(attempt)
        checkpoints = Checkpoints(Folder(folder), attempt) if folder else None
        self.session: Session = start(
            RunSpec.model_validate({"previews": False, **spec}),
            self.sink,
            controls or Controls(),
            checkpoints,
            origins=Folder(folder.parent) if folder else None,
        )
        self.outcome: Outcome = train(self.session)

    def weights(self) -> dict[str, torch.Tensor]:
        """The network's and the strategy's state at the end."""
        parts = self.session.parts
        return {**parts.model.state_dict(), **parts.strategy.state_dict()}


class PauseAt(Controls):
    """Pauses when it was asked `at` times: between two steps, or in the middle of a rehearsal."""

    def __init__(self, at: int) -> None:
        super().__init__()
        self.left = at

    @property
    def attention(self) -> bool:
        self.left -= 1
        if self.left == -1:
            self.add(Command(id="p", verb="pause", time=0.0), "1-1")
        return bool(self._waiting)
