"""Hands what was recorded to whoever looks on: live, bounded, a slow one alone gets thinned rows."""

import asyncio
import json
import logging
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from backend.loops import Loop
from backend.recording.pending import Item, Pending
from backend.store import AWAY
from rhoscope.runs import Run

TICK_S = 0.004
"""What arrives within this time leaves together; the recorder has gathered already."""
DUE_S = 0.02
"""How often runs whose progress is to be sent later are looked at."""
PROGRESS_S = 0.25
"""Minimum seconds between two messages on a run's progress."""
MOST_LISTED = 50
"""Runs of which a page of all runs hears in that time; where more go on, each one's turn comes later."""

Message = bytes | str
Read = Callable[[Iterable[str]], list[Run]]
log = logging.getLogger("rhoscope.loops")


@dataclass(eq=False)
class Subscriber:
    """One live connection: what it looks at and what it has yet to get."""

    everything: bool = False
    names: frozenset[str] | None = None
    pending: dict[str, Pending] = field(default_factory=dict)
    news: dict[str, str] = field(default_factory=dict)
    ready: asyncio.Event = field(default_factory=asyncio.Event)
    sent: float = 0.0

    def watch(self, run: str) -> Pending:
        """Gather this run's items from now on."""
        return self.pending.setdefault(run, Pending(self.names))

    async def wait(self, timeout_s: float) -> bool:
        """Whether something came within `timeout_s` seconds; at once, but not twice within a tick."""
        try:
            await asyncio.wait_for(self.ready.wait(), timeout_s)
        except TimeoutError:
            return False
        await asyncio.sleep(max(0.0, self.sent + TICK_S - time.monotonic()))
        self.sent = time.monotonic()
        self.ready.clear()
        return True

    def take(self) -> list[Message]:
        """Everything pending, each run's in order; the runs' progress last."""
        messages = [message for pending in self.pending.values() for message in pending.take()]
        messages += self.news.values()
        self.news.clear()
        return messages

    @property
    def lagging(self) -> bool:
        """Whether more events wait than are kept, so that only a new connection can catch up."""
        return any(pending.overflown for pending in self.pending.values())


class Fanout:
    """Between the recorder's thread and the event loop that serves the connections."""

    def __init__(self, read: Read, listed: Read | None = None) -> None:
        """`read` gives the present runs of some ids, `listed` without their series; called in a thread."""
        self.subscribers: set[Subscriber] = set()
        self._read = read
        self._listed = listed or read
        self._listed_at = 0.0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._dirty: dict[str, None] = {}
        self._sent: dict[str, float] = {}
        self._changed = asyncio.Event()
        self.loop = Loop("live progress")

    @contextmanager
    def subscribe(
        self, *, everything: bool = False, names: Iterable[str] | None = None
    ) -> Iterator[Subscriber]:
        """A subscriber that gets runs' items as long as the block lasts; None as `names` is all series."""
        subscriber = Subscriber(everything, None if names is None else frozenset(names))
        self.subscribers.add(subscriber)
        try:
            yield subscriber
        finally:
            self.subscribers.discard(subscriber)

    def publish(self, items: Mapping[str, list[Item]]) -> None:
        """Hand on what was recorded of some runs; from any thread, never waits."""
        loop = self._loop
        if items and loop is not None and self.subscribers and not loop.is_closed():
            loop.call_soon_threadsafe(self._deliver, items)

    def watched(self) -> set[str]:
        """Runs whose rows somebody gets; from any thread. Who begins to watch later reads the store first."""
        return {run for one in list(self.subscribers) for run in list(one.pending)}

    def touch(self, run: str) -> None:
        """Note that a run changed; from any thread."""
        self.publish({run: []})

    def _deliver(self, items: Mapping[str, list[Item]]) -> None:
        self._dirty |= dict.fromkeys(items)
        self._changed.set()
        light = {
            run: [one for one in each if one.block is None and not one.table] for run, each in items.items()
        }
        news = {run: events for run, events in light.items() if events}
        for subscriber in self.subscribers:
            if subscriber.everything:
                for run, events in news.items():
                    subscriber.watch(run).add(events)
                    subscriber.pending[run].begin((0, 0), 0)
                    subscriber.ready.set()
            else:
                for run in items.keys() & subscriber.pending.keys():
                    self._give(subscriber, run, items[run])

    def _give(self, subscriber: Subscriber, run: str, items: list[Item]) -> None:
        if items:
            subscriber.pending[run].add(items)
            subscriber.ready.set()

    async def send_progress(self) -> None:
        """Send changed runs to those who watch them, each at most four times a second; until canceled."""
        self._loop = asyncio.get_running_loop()
        while True:
            await self._changed.wait()
            self.loop.begin()
            try:
                await self._send_due()
            except Exception as error:
                if self.loop.failed(error, f"{type(error).__name__}: {error}"):
                    log.exception("Live progress met something unforeseen and goes on.")
                await asyncio.sleep(PROGRESS_S)
            else:
                self.loop.well()

    async def _send_due(self) -> None:
        """Raises: what reading runs raises, and then those that were due are due again."""
        watched, listed = self._due(time.monotonic())
        due = [*watched, *listed]
        if not due:
            await asyncio.sleep(DUE_S)
            return
        try:
            changed = await asyncio.to_thread(self._read, watched) if watched else []
            changed += await asyncio.to_thread(self._listed, listed) if listed else []
        except AWAY:
            self._dirty |= dict.fromkeys(due)
            self._changed.set()
            raise
        self._notify(due, {run.id: run for run in changed})

    def _due(self, now: float) -> tuple[list[str], list[str]]:
        """Runs whose turn it is, which are then not dirty any more: those watched, and those only listed."""
        audience = {run for one in self.subscribers if not one.everything for run in one.pending}
        if not any(one.everything for one in self.subscribers):
            self._dirty = {run: None for run in self._dirty if run in audience}
        due = [run for run in self._dirty if now - self._sent.get(run, 0.0) >= PROGRESS_S]
        watched = [run for run in due if run in audience]
        listed = [run for run in due if run not in audience][:MOST_LISTED]
        if now - self._listed_at < PROGRESS_S:
            listed = []
        elif listed:
            self._listed_at = now
        for run in (*watched, *listed):
            del self._dirty[run]
            self._sent[run] = now
        if not self._dirty:
            self._changed.clear()
        return watched, listed

    def _notify(self, due: list[str], present: dict[str, Run]) -> None:
        for run in due:
            full = run_message(present[run]) if run in present else gone_message(run)
            short = run_message(present[run], series=False) if run in present else full
            for subscriber in self.subscribers:
                if subscriber.everything or run in subscriber.pending:
                    subscriber.news[run] = short if subscriber.everything else full
                    subscriber.ready.set()
            if run not in present:
                self._sent.pop(run, None)


def run_message(run: Run, *, series: bool = True) -> str:
    """A run as a message; without its series declarations where many runs are listed."""
    return f'{{"type":"run","run":{run.model_dump_json(exclude=None if series else {"series"})}}}'


def gone_message(run: str) -> str:
    """The message for a run that was deleted."""
    return json.dumps({"type": "deleted", "run": run})
