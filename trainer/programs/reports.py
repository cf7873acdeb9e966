"""Records out of the journals that a program's processes write, in order and each once."""

from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import ValidationError

from rhoscope.errors import Corrupt
from rhoscope.media import Item, enclosed
from rhoscope.records import MAGIC, Event
from rhoscope.tracker.composition import Composition
from rhoscope.tracker.journal import frames
from rhoscope.tracker.launched import Launched


@dataclass(frozen=True)
class Said:
    """How a program says that it ended."""

    state: str
    reason: str


class Reports:
    """One attempt's journals: of its first process, then of the next that reports.

    How the program says that it ended is kept in `said` and is no record: its exit code counts more.
    """

    def __init__(self, launched: Launched, worker: str) -> None:
        self._launched, self._worker = launched, worker
        self.said: Said | None = None
        self._sent: set[str] = set()  # digests of media
        self.step = 0
        self._number = 1
        self._begin()

    def _begin(self) -> None:
        self._path = self._launched.journal(self._number)
        self._place = 0
        self._composition = Composition(self._launched.run, self._launched.attempt)

    @property
    def there(self) -> bool:
        """Whether the program reports at all."""
        return self._number > 1 or self._path.exists()

    def read(self, *, whole: bool = False) -> Iterator[tuple[str, bytes]]:
        """Records that are complete now; with `whole` also rows that no cut follows. Raises: OSError."""
        while self._path.exists():
            later = self._launched.journal(self._number + 1).exists()
            for frame in frames(self._path, self._place):
                self._place = frame.end
                yield from self._records(self._composition.feed(frame))
            if not later:
                break
            yield from self._records(self._composition.cut())
            self._number += 1
            self._begin()
        if whole:
            yield from self._records(self._composition.cut())

    def _records(self, records: Iterator[bytes]) -> Iterator[tuple[str, bytes]]:
        for record in records:
            self.step = max(self.step, self._composition.last_step + 1)
            if record[:4] == MAGIC:
                yield "b", record
            elif (event := self._event(record)) is not None:
                yield "e", event

    def _event(self, record: bytes) -> bytes | None:
        try:
            event = Event.decode(record)
        except Corrupt:
            return record  # the recorder notes that it does not read back
        if event.kind == "finished":
            self.said = Said(str(event.data.get("state", "")), str(event.data.get("reason", "")))
            return None
        if event.kind == "started":
            return event.model_copy(update={"data": {**event.data, "worker": self._worker}}).encode()
        return self._with_content(event).encode() if event.kind == "media" else record

    def _with_content(self, event: Event) -> Event:
        """An item's event with the bytes in it, the first time: the store may be on another machine."""
        try:
            item = Item.model_validate(event.data)
            if item.digest in self._sent:
                return event
            data = (self._launched.media / item.digest).read_bytes()
        except ValidationError:
            return event  # the recorder notes what is wrong with it
        except OSError as error:
            line = f"'{item.name}' is not shown: its file can't be read ({error.strerror})."
            return event.model_copy(update={"kind": "log", "data": {"line": line}})
        self._sent.add(item.digest)
        return event.model_copy(update={"data": {**event.data, "content": enclosed(data)}})
