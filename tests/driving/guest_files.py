"""Files of a guest run, as a server gets them."""

from pathlib import Path

from rhoscope.records import MAGIC, Block, Event
from rhoscope.tracker.composition import Composition
from rhoscope.tracker.journal import frames


class GuestFile:
    """One attempt of the only run in a folder, or of the one named."""

    def __init__(self, folder: Path, attempt: int = 1, run: str = "*") -> None:
        (path,) = folder.glob(f"{run}/attempt-{attempt}.rj")
        self.run = path.parent.name
        composition = Composition(self.run, attempt)
        records = [record for frame in frames(path) for record in composition.feed(frame)]
        records += composition.cut()
        self.blocks = [Block.decode(record) for record in records if record.startswith(MAGIC)]
        self.events = [Event.decode(record) for record in records if not record.startswith(MAGIC)]

    @property
    def names(self) -> set[str]:
        """All series."""
        return {name for block in self.blocks for name in block.header.names}

    def series(self, name: str) -> dict[int, float]:
        """Values by step."""
        return {
            int(step): float(value)
            for block in self.blocks
            if name in block.header.names
            for step, value in zip(block.steps, block.values[block.header.names.index(name)], strict=True)
        }

    def of(self, kind: str) -> list[Event]:
        """Events of one kind, in order."""
        return [event for event in self.events if event.kind == kind]
