"""Rows and events into the run's Redis stream, exactly once and in order."""

import logging
import queue
import threading
import time
from collections import deque
from typing import TYPE_CHECKING

from redis import Redis, RedisError, ResponseError
from redis.backoff import NoBackoff
from redis.retry import Retry
from typing_extensions import override

from rhoscope import keys
from rhoscope.records import Event
from trainer.telemetry.sink import Sink

if TYPE_CHECKING:
    from rhoscope.torch.ring import Rows

log = logging.getLogger("rhoscope.publisher")

BUFFER_BYTES = 128 * 2**20
"""Unsent bytes kept before training has to wait; about a million rows."""

STREAM_BYTES = 16 * 2**20
"""What a run's stream may take in Redis while nobody moves it into the store; a hundred of them still fit."""

LOOK_EVERY = 32
"""Entries between two looks at the stream's size."""

KEEP_S = 10.0
"""Acknowledged entries are kept this long: a server that lost its last second gets them again."""

BACK_OFF_S = (0.05, 2.0)
"""First and longest pause after a failed attempt to send."""

TIMEOUT_S = 5.0
"""How long the server may take to answer."""


class StreamFull(RedisError):
    """The stream holds all it may: the store does not keep up."""


class Publisher(Sink):
    """A thread that adds blocks and events to the run's stream under explicit ids `{attempt}-{sequence}`.

    The server refuses an id that is not larger than its last, so an entry may be sent again blindly: "equal
    or smaller" means it is there. While Redis is away, or the store so slow that the stream is full, entries
    wait in order, up to `BUFFER_BYTES`, and then training waits; after a reconnection everything past the
    server's own last id is sent again.
    """

    def __init__(self, url: str, run: str, attempt: int) -> None:
        super().__init__(run, attempt)
        self._url = url
        self._redis: Redis | None = None
        self._stream = keys.records(run)
        self._queue: queue.Queue[Rows | Event | tuple[str, bytes] | None] = queue.Queue()
        self._unsent: deque[tuple[int, str, bytes]] = deque()
        self._sent: deque[tuple[float, tuple[int, str, bytes]]] = deque()
        self._bytes = 0
        self._sequence = 0
        self._asked_to_close = False
        self._closing = False
        self._thread = threading.Thread(target=self._work, name="publisher", daemon=True)
        self._thread.start()

    @property
    def full(self) -> bool:
        """Whether as much waits as may."""
        return self._bytes > BUFFER_BYTES

    def record(self, kind: str, data: bytes) -> None:
        """Take a record that was encoded elsewhere: a block (`b`) or an event (`e`)."""
        self._check()
        self._queue.put((kind, data))

    def rows(self, rows: "Rows") -> None:
        while self.full and self.running:
            time.sleep(0.01)
        self._check()
        self._queue.put(rows)

    def put(self, event: Event) -> None:
        self._queue.put(event)

    def settle(self) -> None:
        while self._queue.unfinished_tasks and self.running:
            time.sleep(0.001)

    @property
    @override
    def delivered(self) -> bool:
        """Whether Redis has acknowledged everything. Raises: RuntimeError, when it never will."""
        self._check()
        return not self._queue.unfinished_tasks and not self._unsent

    def close(self, timeout_s: float | None = None) -> bool:
        """Wait until everything is delivered, forever or for this many seconds; returns whether it is."""
        if not self._asked_to_close:
            self._asked_to_close = True
            self._queue.put(None)
        self._thread.join(timeout_s)
        return not self.running and not self._unsent and not self._queue.unfinished_tasks

    def _check(self) -> None:
        if not self.running and not self.fenced:
            raise RuntimeError("The publishing thread ended; its log line says why.")

    @property
    def running(self) -> bool:
        """Whether the thread is at work; it ends when closed, fenced or broken."""
        return self._thread.is_alive()

    def _work(self) -> None:
        try:
            self._deliver()
        except Exception:
            log.exception("Publishing ended; the run can't continue without it.")

    def _deliver(self) -> None:
        first, longest = BACK_OFF_S
        pause, failed = 0.0, 0.0
        while not self.fenced and (self._unsent or not self._closing):
            self._take(wait_s=max(0.0, failed + pause - time.monotonic()) if self._unsent else None)
            if not self._unsent or time.monotonic() < failed + pause:
                continue
            try:
                self._send()
                pause = 0.0
            except RedisError as error:
                if pause == 0.0:
                    log.warning(
                        "Redis does not accept records (%s); training continues, and they wait.", error
                    )
                pause = min(longest, max(first, 2 * pause))
                failed = time.monotonic()
                self._disconnect()
        self._disconnect()

    def _take(self, wait_s: float | None) -> None:
        """Encode what was given; waits up to `wait_s` for the first of it."""
        try:
            item = self._queue.get(timeout=wait_s) if wait_s != 0.0 else self._queue.get_nowait()
            while True:
                self._encode(item)
                self._queue.task_done()
                item = self._queue.get_nowait()
        except queue.Empty:
            return

    def _encode(self, item: "Rows | Event | tuple[str, bytes] | None") -> None:
        if item is None:
            self._closing = True
            return
        entry = (self._sequence, *self._encoded(item))
        self._sequence += 1
        self._bytes += len(entry[2])
        self._unsent.append(entry)

    def _encoded(self, item: "Rows | Event | tuple[str, bytes]") -> tuple[str, bytes]:
        if isinstance(item, tuple):
            return item
        return ("e", item.encode()) if isinstance(item, Event) else ("b", self.block_of(item).encode())

    def _send(self) -> None:
        """Deliver all that waits. Raises: RedisError, when the server can't be reached or refuses."""
        redis = self._redis or self._connect()
        while self._unsent and not self.fenced:
            sequence, kind, data = self._unsent[0]
            if sequence % LOOK_EVERY == 0:
                self._look(redis)
            try:
                redis.xadd(self._stream, {kind: data}, id=f"{self.attempt}-{sequence}")
            except ResponseError as error:
                if "equal or smaller" not in str(error):
                    raise
                self._rewind(redis)
                continue
            self._acknowledge()

    def _look(self, redis: Redis) -> None:
        """Raises: StreamFull."""
        taken = redis.memory_usage(self._stream) or 0
        if taken > STREAM_BYTES:
            raise StreamFull(f"the stream holds {taken // 2**20} MiB that the store has not taken yet")

    def _connect(self) -> Redis:
        """One connection: a pool would replace a broken one without a word, and no rewinding be done."""
        once = Retry(NoBackoff(), 0)
        self._redis = Redis.from_url(
            self._url,
            socket_timeout=TIMEOUT_S,
            socket_connect_timeout=TIMEOUT_S,
            retry=once,
            single_connection_client=True,
        )
        self._rewind(self._redis)
        return self._redis

    def _disconnect(self) -> None:
        if self._redis:
            self._redis.close()
        self._redis = None

    def _acknowledge(self) -> None:
        entry = self._unsent.popleft()
        self._bytes -= len(entry[2])
        now = time.monotonic()
        self._sent.append((now, entry))
        while self._sent[0][0] < now - KEEP_S:
            self._sent.popleft()

    def _rewind(self, redis: Redis) -> None:
        """Let `_unsent` hold exactly what the server lacks; notice a later attempt."""
        last_attempt, last_sequence = self._last_id(redis)
        if last_attempt > self.attempt:
            self.fenced = True
            return
        last = last_sequence if last_attempt == self.attempt else -1
        kept = [entry for _, entry in self._sent] + list(self._unsent)
        self._sent.clear()
        self._unsent = deque(entry for entry in kept if entry[0] > last)
        self._bytes = sum(len(entry[2]) for entry in self._unsent)

    def _last_id(self, redis: Redis) -> tuple[int, int]:
        try:
            newest = redis.xinfo_stream(self._stream)["last-generated-id"]
        except ResponseError as error:
            if "no such key" not in str(error):
                raise
            return (0, 0)
        attempt, _, sequence = (newest.decode() if isinstance(newest, bytes) else str(newest)).partition("-")
        return int(attempt), int(sequence)
