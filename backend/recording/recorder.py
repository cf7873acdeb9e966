"""Moves what workers publish from Redis into the store: the only reader of the streams."""

import logging
import time
from collections.abc import Mapping, Sequence
from typing import Any

from redis import Redis, RedisError, ResponseError
from sqlalchemy import Connection
from sqlalchemy.exc import (
    DataError,
    DBAPIError,
    IntegrityError,
    InterfaceError,
    ProgrammingError,
    StatementError,
)
from typing_extensions import override

from backend.loops import Loop, Supervised
from backend.metrics import Metrics
from backend.recording.alerts import Alerts
from backend.recording.collecting import CALM_S, collecting
from backend.recording.fanout import Fanout
from backend.recording.pending import Item, items_of
from backend.store import Store, growth, runs, stream
from backend.store.stream import Entry, Position, Stored
from rhoscope import keys
from rhoscope.errors import Corrupt
from rhoscope.records import Block, Event

BLOCK_MS = 200
COUNT = (8, 256)
"""Least and most entries of one stream in one transaction."""
TOGETHER = 2048
"""Entries of all streams in one transaction, where that many streams have the least."""
TRIM_S = 1.0
FOLDED = 32
"""Long rows that are written in that time of runs that grew beside them."""
QUEUED_WATCHED = 64
KEEP_STREAM_S = 600.0
"""An ended run's stream stays this long, so that a zombie's ids are still refused."""
PAUSE_S = (0.1, 2.0)
CLOSE_S = 10.0
"""How often runs are looked for whose streams can go."""
WATCHED_S = 1.0
"""How often the store is asked whose streams may grow when it has not changed."""
TRIMMING, STALLED = "trimming", "the rules on stalled runs"
Answer = dict[str, list[tuple[Position, dict[bytes, bytes]]]]
_OF_VALUES = (DataError, IntegrityError, InterfaceError, ProgrammingError)
"""What a value that does not fit raises. Any other error of a database is one of the database."""
log = logging.getLogger("rhoscope.recorder")


class Recorder(Supervised):
    """Reads, commits, trims, hands on. Redis or the store away: waits and goes on where it was.

    A run whose stream or rows can't be handled is set aside, with nothing lost; all others go on.
    """

    def __init__(
        self, redis: Redis, store: Store, fanout: Fanout, metrics: Metrics, alerts: Alerts | None = None
    ) -> None:
        super().__init__("recorder")
        self._redis = redis
        self._store = store
        self._fanout = fanout
        self._metrics = metrics
        self._alerts = alerts or Alerts()
        self.rules = Loop("alerts")
        self.rules.alive = self.is_alive
        self._unsure: frozenset[str] = frozenset()
        self._watched: dict[str, Position] = {}
        self._arrival = "0-0"
        self._watched_at = (-1, 0.0)
        self._trim: dict[str, Position] = {}
        self._trimmed = self._caught_up = time.monotonic()
        self._closed, self._folded = -CLOSE_S, -1
        self._pause = PAUSE_S[0]
        self._collect_s = CALM_S

    @property
    def lag_s(self) -> float:
        """Seconds since everything published was in the store."""
        return time.monotonic() - self._caught_up

    @override
    def turn(self) -> None:
        self.step(BLOCK_MS)
        self.rules.well()

    @override
    def rest(self, began: float, *, well: bool) -> None:
        if well:
            self._pause = PAUSE_S[0]
            self._ending.wait(max(0.0, began + self._collect_s - time.monotonic()))
            return
        self._alerts.doubt()
        self._ending.wait(self._pause)
        self._pause = min(2 * self._pause, PAUSE_S[1])

    @override
    def words(self, error: Exception) -> str:
        words = super().words(error)
        return f"{_place(error)} does not answer: {error}" if self.loop.is_away(error) else words

    def step(self, block_ms: int) -> int:
        """Record what is there, waiting `block_ms` for something; how many entries came.

        Raises:
            RedisError, OperationalError: when Redis or the store is away; nothing is lost, call again.
        """
        positions = {run: at for run, at in self._positions().items() if self.loop.may(run)}
        answer = self._read(positions, block_ms)
        began = time.monotonic()
        entries = {run: kept for run, items in answer.items() if (kept := self._entries(run, items))}
        stored = self._commit(entries)
        self._hand_on(stored)
        if caught_up := all(len(items) < _count(len(positions)) for items in entries.values()):
            self._caught_up = time.monotonic()
        self._collect_s = collecting(time.monotonic() - began) if caught_up else CALM_S
        self._trim |= {run: items[-1].position for run, items in entries.items() if self.loop.may(run)}
        if time.monotonic() - self._trimmed > TRIM_S:
            self._tidy(positions)
        return sum(map(len, entries.values()))

    def _positions(self) -> dict[str, Position]:
        """The place from which to read each stream; asked of the store when it changed, or once a second."""
        version, now = self._store.version, time.monotonic()
        if version != self._watched_at[0] or now - self._watched_at[1] >= WATCHED_S:
            with self._store.reading() as db:
                self._watched = runs.watched(db, QUEUED_WATCHED)
            self._watched_at = (version, now)
        return self._watched

    def _follow(self, entries: Mapping[str, Sequence[Entry]], done: Mapping[str, Sequence[Stored]]) -> None:
        """Know the new places without asking, where nothing but these blocks was written since."""
        version, at = self._watched_at
        plain = all(isinstance(one.content, Block) for items in entries.values() for one in items)
        if not plain or self._store.version != version + 1:
            return
        if not all(done.get(run) and self._watched.get(run, (0, 0))[0] for run in entries):
            return
        self._watched |= {run: items[-1].entry.position for run, items in done.items()}
        self._watched_at = (version + 1, at)

    def _tidy(self, positions: Mapping[str, Position]) -> None:
        """Once a second: who stands still, and what Redis need not keep any more."""
        self.loop.keep(lambda what: what in self._watched or what == TRIMMING)
        self.rules.keep(lambda what: what in self._watched or what == STALLED)
        self._alerts.keep(positions)
        with self.rules.apart(STALLED):
            for number, event in self._alerts.stalled(self._store, time.monotonic()):
                self._fanout.publish({event.run: [Item((0, 0), event.encode(), None, number)]})
        self._trimmed = time.monotonic()
        with self.loop.apart(TRIMMING):
            self._clean()
        if (version := self._store.version) != self._folded:
            growth.catch_up(self._store, FOLDED)
            self._folded = version

    def _read(self, positions: Mapping[str, Position], block_ms: int) -> Answer:
        """Entries of these runs, waiting for some; returns at once where another run has come."""
        try:
            return self._read_streams(positions, block_ms)
        except ResponseError as error:
            if self.loop.is_away(error):
                raise
        answer: Answer = {}
        for run, position in positions.items():
            with self.loop.apart(run):
                answer |= self._read_streams({run: position}, None)
        return answer

    def _read_streams(self, positions: Mapping[str, Position], block_ms: int | None) -> Answer:
        names = {keys.records(run).encode(): run for run in positions}
        after = {keys.records(run): f"{attempt}-{seq}" for run, (attempt, seq) in positions.items()}
        after[keys.ARRIVALS] = self._arrival
        count = _count(len(positions))
        answer: Any = self._redis.xread(after, count=count, block=block_ms)  # type: ignore[arg-type]
        read = dict(answer or [])
        if arrivals := read.pop(keys.ARRIVALS.encode(), None):
            self._arrival = arrivals[-1][0].decode()
        return {
            names[name]: [(_position(key), fields) for key, fields in items] for name, items in read.items()
        }

    def _entries(self, run: str, items: Sequence[tuple[Position, dict[bytes, bytes]]]) -> list[Entry]:
        """Entries of a stream; a run is set aside whose stream's ids no store can count any more."""
        kept = [item for item in items if stream.countable(item[0])]
        if len(kept) < len(items):
            attempt, seq = next(position for position, _ in items if not stream.countable(position))
            self.loop.set_aside(run, Corrupt(f"Entry {attempt}-{seq} of its stream is beyond 63 bits."))
        return [stream.decode(run, *item) for item in kept]

    def _commit(self, entries: Mapping[str, Sequence[Entry]]) -> dict[str, list[Stored]]:
        """All in one transaction; where that fails, each run in its own, so that one fails alone."""
        if not entries:
            return {}
        try:
            return self._write(entries)
        except Exception as error:
            if self.loop.is_away(error):
                raise
            log.warning("A batch was refused; each run goes in by itself: %s", error)
        alone: dict[str, list[Stored]] = {run: [] for run in entries}
        for run, items in entries.items():
            with self.loop.apart(run):
                self._one_by_one(run, items, alone[run])
        return alone

    def _write(self, entries: Mapping[str, Sequence[Entry]]) -> dict[str, list[Stored]]:
        """In one transaction; where it fails, what the alerts saw in it is no longer known."""
        self._alerts.forget(self._unsure)
        self._unsure = frozenset(entries)
        with self._store.writing() as db:
            done = stream.commit_all(db, entries, self._look)
        self._unsure = frozenset()
        self._follow(entries, done)
        self._metrics.commits.inc()
        return done

    def _look(self, db: Connection, run: str, content: Block | Event) -> Sequence[Event]:
        """Alerts that fire for it; where they fail over a run, it is recorded without them."""
        fired: Sequence[Event] = ()
        if self.rules.may(run):
            with self.rules.apart(run):
                fired = self._alerts.look(db, run, content)
        return fired

    def _one_by_one(self, run: str, entries: Sequence[Entry], stored: list[Stored]) -> None:
        """Add each to `stored` once it is; in place of one whose values the store refuses, a note.

        Raises: whatever says that the store itself is broken.
        """
        for entry in entries:
            try:
                stored += self._write({run: [entry]})[run]
            except StatementError as error:
                if isinstance(error, DBAPIError) and not isinstance(error, _OF_VALUES):
                    raise
                reason = Corrupt(f"The store refuses it: {error.orig}")
                stored += self._write({run: [Entry(entry.position, b"", reason)]})[run]

    def _hand_on(self, stored: Mapping[str, Sequence[Stored]]) -> None:
        """Everything to those who watch its run; of all others that they changed, and events."""
        blocks = [
            one.entry.content
            for entries in stored.values()
            for one in entries
            if isinstance(one.entry.content, Block)
        ]
        self._metrics.blocks.inc(len(blocks))
        self._metrics.rows.inc(sum(block.header.n for block in blocks))
        watched = self._fanout.watched()
        self._fanout.publish(
            {run: items_of(entries, blocks=run in watched) for run, entries in stored.items() if entries}
        )

    def _clean(self) -> None:
        """Trim what is committed; drop the streams of runs that ended long ago."""
        pipe = self._redis.pipeline(transaction=False)
        for run, (attempt, seq) in self._trim.items():
            pipe.xtrim(keys.records(run), minid=f"{attempt}-{seq + 1}", approximate=False)
        ended = self._closable()
        for run in ended:
            pipe.delete(keys.records(run), keys.commands(run), keys.spec(run), keys.control(run))
            pipe.delete(keys.resumption(run))
        for failed in pipe.execute(raise_on_error=False):
            if isinstance(failed, Exception) and self.loop.is_away(failed):
                raise failed
        if ended:
            with self._store.writing() as db:
                for run in ended:
                    runs.close(db, run)
        self._trim.clear()

    def _closable(self) -> Sequence[str]:
        """Now and then, the runs that ended long ago."""
        if time.monotonic() - self._closed < CLOSE_S:
            return ()
        self._closed = time.monotonic()
        with self._store.reading() as db:
            return runs.closable(db, time.time() - KEEP_STREAM_S)


def _count(streams: int) -> int:
    """Entries to read from each of `streams` streams, so that memory stays bounded whatever their number."""
    least, most = COUNT
    return max(least, min(most, TOGETHER // max(1, streams)))


def _position(key: bytes) -> Position:
    attempt, _, seq = key.decode().partition("-")
    return int(attempt), int(seq)


def _place(error: Exception) -> str:
    return "Redis" if isinstance(error, RedisError) else "The store"
