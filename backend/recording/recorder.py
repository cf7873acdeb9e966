"""Moves what workers publish from Redis into the store: the only reader of the streams."""

import logging
import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any

from redis import Redis, RedisError
from sqlalchemy.exc import DBAPIError, StatementError

from backend.metrics import Metrics
from backend.recording.alerts import Alerts
from backend.recording.fanout import Fanout
from backend.recording.pending import Item
from backend.store import AWAY, Store, runs, stream
from backend.store.events import TABLE
from backend.store.stream import Entry, Position, Stored
from rhoscope import keys
from rhoscope.errors import Corrupt
from rhoscope.records import Block, Event

BATCH_S = 0.015
"""Under load, what comes within this time goes into one transaction; the first entry never waits."""
BLOCK_MS = 200
COUNT = (8, 256)
"""Least and most entries of one stream in one transaction."""
TOGETHER = 2048
"""Entries of all streams in one transaction, where that many streams have the least."""
TRIM_S = 1.0
QUEUED_WATCHED = 64
KEEP_STREAM_S = 600.0
"""An ended run's stream stays this long, so that a zombie's ids are still refused."""
PAUSE_S = (0.1, 2.0)
log = logging.getLogger("rhoscope.recorder")


class Recorder(threading.Thread):
    """Reads, commits, trims, hands on. Redis or the store away: waits and goes on where it was."""

    def __init__(
        self, redis: Redis, store: Store, fanout: Fanout, metrics: Metrics, alerts: Alerts | None = None
    ) -> None:
        super().__init__(name="recorder", daemon=True)
        self._redis = redis
        self._store = store
        self._fanout = fanout
        self._metrics = metrics
        self._alerts = alerts or Alerts()
        self._ending = threading.Event()
        self._unsure: frozenset[str] = frozenset()
        self._trim: dict[str, Position] = {}
        self._trimmed = time.monotonic()
        self._caught_up = time.monotonic()
        self.trouble = ""

    @property
    def lag_s(self) -> float:
        """Seconds since everything published was in the store."""
        return time.monotonic() - self._caught_up

    def run(self) -> None:
        """Until `stop`."""
        pause = PAUSE_S[0]
        while not self._ending.is_set():
            began = time.monotonic()
            try:
                self.step(BLOCK_MS)
                self.trouble, pause = "", PAUSE_S[0]
                self._ending.wait(max(0.0, began + BATCH_S - time.monotonic()))
            except (RedisError, *AWAY) as error:
                if not self.trouble:
                    log.warning("Recording waits: %s", error)
                self._alerts.doubt()
                self.trouble = f"{_place(error)} does not answer: {error}"[:300]
                self._ending.wait(pause)
                pause = min(2 * pause, PAUSE_S[1])

    def stop(self) -> None:
        """End after the present transaction."""
        self._ending.set()
        if self.is_alive():
            self.join(10)

    def step(self, block_ms: int) -> int:
        """Record what is there, waiting `block_ms` for something; how many entries came.

        Raises:
            RedisError, OperationalError: when Redis or the store is away; nothing is lost, call again.
        """
        with self._store.reading() as db:
            positions = runs.watched(db, QUEUED_WATCHED)
        answer = self._read(positions, block_ms)
        entries = {run: [stream.decode(run, *entry) for entry in items] for run, items in answer.items()}
        for run, stored in self._commit(entries).items():
            self._hand_on(run, stored)
        if all(len(items) < _count(len(positions)) for items in entries.values()):
            self._caught_up = time.monotonic()
        self._trim |= {run: items[-1].position for run, items in entries.items()}
        if time.monotonic() - self._trimmed > TRIM_S:
            self._alerts.keep(positions)
            for number, event in self._alerts.stalled(self._store, time.monotonic()):
                self._fanout.publish(event.run, [Item((0, 0), event.encode(), None, number)])
            self._clean()
        return sum(map(len, entries.values()))

    def _read(
        self, positions: Mapping[str, Position], block_ms: int
    ) -> dict[str, list[tuple[Position, dict[bytes, bytes]]]]:
        if not positions:
            self._ending.wait(block_ms / 1000)
            return {}
        names = {keys.records(run).encode(): run for run in positions}
        after = {keys.records(run): f"{attempt}-{seq}" for run, (attempt, seq) in positions.items()}
        answer: Any = self._redis.xread(after, count=_count(len(after)), block=block_ms)  # type: ignore[arg-type]
        return {
            names[name]: [(_position(key), fields) for key, fields in items] for name, items in answer or []
        }

    def _commit(self, entries: Mapping[str, Sequence[Entry]]) -> dict[str, list[Stored]]:
        if not entries:
            return {}
        try:
            return self._write(entries)
        except AWAY:
            raise
        except (DBAPIError, StatementError) as error:
            log.warning("A batch was refused and goes in one by one: %s", error)
            return {run: self._one_by_one(run, items) for run, items in entries.items()}

    def _write(self, entries: Mapping[str, Sequence[Entry]]) -> dict[str, list[Stored]]:
        """In one transaction; where it fails, what the alerts saw in it is no longer known."""
        self._alerts.forget(self._unsure)
        self._unsure = frozenset(entries)
        look = self._alerts.look
        with self._store.writing() as db:
            done = {run: stream.commit(db, run, items, look) for run, items in entries.items()}
        self._unsure = frozenset()
        return done

    def _one_by_one(self, run: str, entries: Sequence[Entry]) -> list[Stored]:
        stored: list[Stored] = []
        for entry in entries:
            try:
                stored += self._write({run: [entry]})[run]
            except AWAY:
                raise
            except (DBAPIError, StatementError) as error:
                reason = Corrupt(f"The store refuses it: {error.orig}")
                stored += self._write({run: [Entry(entry.position, b"", reason)]})[run]
        return stored

    def _hand_on(self, run: str, stored: Sequence[Stored]) -> None:
        items = []
        for entry in stored:
            content = entry.entry.content
            block = content if isinstance(content, Block) else None
            table = isinstance(content, Event) and content.kind == TABLE
            items.append(Item(entry.entry.position, entry.entry.data, block, entry.event, table))
            if block:
                self._metrics.blocks.inc()
                self._metrics.rows.inc(block.header.n)
        if items:
            self._fanout.publish(run, items)

    def _clean(self) -> None:
        """Trim what is committed; drop the streams of runs that ended long ago."""
        pipe = self._redis.pipeline(transaction=False)
        for run, (attempt, seq) in self._trim.items():
            pipe.xtrim(keys.records(run), minid=f"{attempt}-{seq + 1}", approximate=False)
        with self._store.reading() as db:
            ended = runs.closable(db, time.time() - KEEP_STREAM_S)
        for run in ended:
            pipe.delete(keys.records(run), keys.commands(run), keys.spec(run), keys.control(run))
        pipe.execute()
        if ended:
            with self._store.writing() as db:
                for run in ended:
                    runs.close(db, run)
        self._trim.clear()
        self._trimmed = time.monotonic()


def _count(streams: int) -> int:
    """Entries to read from each of `streams` streams, so that memory stays bounded whatever their number."""
    least, most = COUNT
    return max(least, min(most, TOGETHER // max(1, streams)))


def _position(key: bytes) -> Position:
    attempt, _, seq = key.decode().partition("-")
    return int(attempt), int(seq)


def _place(error: Exception) -> str:
    return "Redis" if isinstance(error, RedisError) else "The store"
