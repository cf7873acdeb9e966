"""Where rows and events go: into the run's Redis stream exactly once and in order, or out as lines."""

import json
import logging
import math
import queue
import sys
import threading
import time
from abc import ABC, abstractmethod
from collections import deque
from typing import Any, TextIO

import numpy as np
from redis import Redis, RedisError, ResponseError

from rhoscope import keys
from rhoscope.records import Block, Event
from trainer.ring import Rows

log = logging.getLogger("rhoscope.publisher")

BUFFER_BYTES = 128 * 2**20
"""Unsent bytes kept before training has to wait; about a million rows."""

KEEP_S = 10.0
"""Acknowledged entries are kept this long: a server that lost its last second gets them again."""

BACK_OFF_S = (0.05, 2.0)
"""First and longest pause after a failed attempt to send."""

PROGRESS_S = 0.1


class Sink(ABC):
    """Takes rows and events of one attempt, in order.

    `diverged` is set to the step at which a loss was not finite as soon as its row came by; `fenced` when a
    later attempt has written, so that this one must end.
    """

    def __init__(self, run: str, attempt: int) -> None:
        self.run = run
        self.attempt = attempt
        self.diverged: int | None = None
        self.fenced = False

    @abstractmethod
    def rows(self, rows: Rows) -> None:
        """Take consecutive rows."""

    @abstractmethod
    def settle(self) -> None:
        """Wait until `diverged` speaks for all rows given so far."""

    @abstractmethod
    def put(self, event: Event) -> None:
        """Take an event."""

    def event(self, kind: Any, step: int, **data: Any) -> None:
        """Make an event of now and take it."""
        made = Event(run=self.run, attempt=self.attempt, kind=kind, step=step, time=time.time(), data=data)
        self.put(made)

    def _block(self, rows: Rows) -> Block:
        values = rows.values()
        loss = values[rows.names.index("loss")]
        if self.diverged is None and not np.isfinite(loss).all():
            self.diverged = int(rows.steps[np.flatnonzero(~np.isfinite(loss))[0]])
        return Block.make(self.run, self.attempt, list(rows.names), rows.steps, values, rows.times)


class Publisher(Sink):
    """A thread that adds blocks and events to the run's stream under explicit ids `{attempt}-{sequence}`.

    The server refuses an id that is not larger than its last, so an entry may be sent again blindly: "equal
    or smaller" means it is there. While Redis is away entries wait in order, up to `BUFFER_BYTES`; after a
    reconnection everything past the server's own last id is sent again.
    """

    def __init__(self, redis: Redis, run: str, attempt: int) -> None:
        super().__init__(run, attempt)
        self._redis = redis
        self._stream = keys.records(run)
        self._given: queue.Queue[Rows | Event | None] = queue.Queue()
        self._unsent: deque[tuple[int, str, bytes]] = deque()
        self._sent: deque[tuple[float, tuple[int, str, bytes]]] = deque()
        self._bytes = 0
        self._sequence = 0
        self._asked_server = False
        self._asked_to_close = False
        self._closing = False
        self._thread = threading.Thread(target=self._work, name="publisher", daemon=True)
        self._thread.start()

    def rows(self, rows: Rows) -> None:
        while self._bytes > BUFFER_BYTES and self.running:
            time.sleep(0.01)
        if not self.running and not self.fenced:
            raise RuntimeError("The publishing thread ended; its log line says why.")
        self._given.put(rows)

    def put(self, event: Event) -> None:
        self._given.put(event)

    def settle(self) -> None:
        while self._given.unfinished_tasks and self.running:
            time.sleep(0.001)

    def close(self, timeout_s: float | None = None) -> bool:
        """Wait until everything is delivered, for ever or so many seconds; whether it is."""
        if not self._asked_to_close:
            self._asked_to_close = True
            self._given.put(None)
        self._thread.join(timeout_s)
        return not self.running and not self._unsent and not self._given.unfinished_tasks

    @property
    def running(self) -> bool:
        """Whether the thread is at work; it ends when closed, fenced or broken."""
        return self._thread.is_alive()

    def _work(self) -> None:
        try:
            self._deliver()
        except Exception:
            log.exception("Publishing ended; the run can't go on without it.")

    def _deliver(self) -> None:
        first, longest = BACK_OFF_S
        pause, failed = 0.0, 0.0
        while not self.fenced:
            self._take(wait_s=None if not self._unsent else max(0.0, failed + pause - time.monotonic()))
            if not self._unsent and self._closing:
                return
            if not self._unsent or time.monotonic() < failed + pause:
                continue
            try:
                self._send()
                pause = 0.0
            except RedisError as error:
                if pause == 0.0:
                    log.warning("Redis does not take records (%s); training goes on, they wait.", error)
                pause = min(longest, max(first, 2 * pause))
                failed = time.monotonic()
                self._asked_server = False

    def _take(self, wait_s: float | None) -> None:
        """Encode what was given; waits up to `wait_s` for the first of it."""
        try:
            given = self._given.get(timeout=wait_s) if wait_s != 0.0 else self._given.get_nowait()
            while True:
                self._encode(given)
                self._given.task_done()
                given = self._given.get_nowait()
        except queue.Empty:
            return

    def _encode(self, given: Rows | Event | None) -> None:
        if given is None:
            self._closing = True
            return
        kind, made = ("e", given) if isinstance(given, Event) else ("b", self._block(given))
        entry = (self._sequence, kind, made.encode())
        self._sequence += 1
        self._bytes += len(entry[2])
        self._unsent.append(entry)

    def _send(self) -> None:
        """Deliver all that waits. Raises: RedisError, when the server can't be reached or refuses."""
        if not self._asked_server:
            self._rewind()
        while self._unsent and not self.fenced:
            sequence, kind, data = self._unsent[0]
            try:
                self._redis.xadd(self._stream, {kind: data}, id=f"{self.attempt}-{sequence}")
            except ResponseError as error:
                if "equal or smaller" not in str(error):
                    raise
                self._rewind()
                continue
            self._acknowledge()

    def _acknowledge(self) -> None:
        entry = self._unsent.popleft()
        self._bytes -= len(entry[2])
        now = time.monotonic()
        self._sent.append((now, entry))
        while self._sent[0][0] < now - KEEP_S:
            self._sent.popleft()

    def _rewind(self) -> None:
        """Let `_unsent` hold exactly what the server lacks; notice a later attempt."""
        last_attempt, last_sequence = self._last_id()
        self._asked_server = True
        if last_attempt > self.attempt:
            self.fenced = True
            return
        last = last_sequence if last_attempt == self.attempt else -1
        kept = [entry for _, entry in self._sent] + list(self._unsent)
        self._sent.clear()
        self._unsent = deque(entry for entry in kept if entry[0] > last)
        self._bytes = sum(len(entry[2]) for entry in self._unsent)

    def _last_id(self) -> tuple[int, int]:
        try:
            found = self._redis.xinfo_stream(self._stream)["last-generated-id"]
        except ResponseError as error:
            if "no such key" not in str(error):
                raise
            return (0, 0)
        attempt, _, sequence = (found.decode() if isinstance(found, bytes) else str(found)).partition("-")
        return int(attempt), int(sequence)


class Lines(Sink):
    """Events as JSON lines on a stream, with progress lines at most ten times a second and a final table."""

    def __init__(self, run: str, out: TextIO = sys.stdout) -> None:
        super().__init__(run, 1)
        self._out = out
        self._shown = 0.0
        self._last: dict[str, float] = {}
        self._best: dict[str, float] = {}

    def rows(self, rows: Rows) -> None:
        block = self._block(rows)
        self._last |= dict(zip(rows.names, block.values[:, -1].tolist(), strict=True))
        if time.monotonic() - self._shown >= PROGRESS_S:
            self._shown = time.monotonic()
            self._write("progress", int(rows.steps[-1]) + 1, values=_plain(self._last))

    def put(self, event: Event) -> None:
        if event.kind == "values":
            self._note(event)
        if event.kind == "finished" and event.data["state"] == "completed":
            self._write("table", event.step, values=_plain(self._last), best=self._best)
        self._line(event.model_dump_json())

    def settle(self) -> None:
        """Rows are looked at as they come."""

    def _note(self, event: Event) -> None:
        values = event.values()
        self._last |= values
        accuracy = values.get("val.accuracy", -1.0)
        if accuracy > self._best.get("val.accuracy", -1.0):
            self._best = {"val.accuracy": accuracy, "step": event.step}

    def _write(self, kind: str, step: int, **data: Any) -> None:
        self._line(json.dumps({"kind": kind, "step": step, "time": time.time(), "data": data}))

    def _line(self, line: str) -> None:
        self._out.write(line + "\n")
        self._out.flush()


def _plain(values: dict[str, float]) -> dict[str, float | str]:
    """JSON has no NaN and no infinity: those as text, in the words events use."""
    words = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}
    return {name: v if math.isfinite(v) else words[str(v)] for name, v in values.items()}
