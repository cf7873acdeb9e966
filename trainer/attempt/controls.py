"""Interruptions of training between two steps: commands, a passed deadline, a signal."""

import logging
import math
import signal
import struct
import threading
import time
from collections import deque
from collections.abc import Callable
from mmap import ACCESS_READ, mmap
from pathlib import Path
from types import FrameType
from typing import Any

from pydantic import ValidationError
from redis import Redis, RedisError

from rhoscope import keys
from rhoscope.commands import Command

log = logging.getLogger("rhoscope.controls")

BLOCK_MS = 1000
RETRY_S = 0.5


class Controls:
    """Looked at before every step; `attention` is false for as long as there is nothing to do.

    `deadline_file` holds the CLOCK_MONOTONIC second (8 bytes, little-endian double) past which no step may be
    taken; it moves on as the lease is renewed.
    """

    def __init__(self, deadline_file: Path | None = None) -> None:
        self.terminated = False
        self.cursor = "0"
        self._waiting: deque[tuple[str, Command]] = deque()
        self._deadline = _Deadline(deadline_file) if deadline_file else None

    @property
    def attention(self) -> bool:
        """Whether something wants to be seen to before the next step."""
        return bool(self._waiting) or self.terminated or self.overdue

    @property
    def overdue(self) -> bool:
        """Whether the deadline has passed."""
        return self._deadline is not None and time.monotonic() > self._deadline.read()

    def add(self, command: Command, entry: str = "") -> None:
        """Queue a command; `entry` is its id in the stream."""
        self._waiting.append((entry, command))

    def waiting(self) -> list[tuple[str, Command]]:
        """The commands that wait, each with its id in the stream, in order."""
        return list(self._waiting)

    def settle(self, entry: str) -> None:
        """The next command's effect is in the run's state; a checkpoint from now on holds both or neither."""
        if self._waiting:
            self._waiting.popleft()
        self.cursor = entry or self.cursor

    def on_signals(self, interrupted: Callable[[], None] | None = None) -> None:
        """SIGTERM ends the attempt at the next step; SIGINT calls `interrupted`. Main thread only."""

        def terminate(_number: int, _frame: FrameType | None) -> None:
            self.terminated = True

        def interrupt(_number: int, _frame: FrameType | None) -> None:
            if interrupted:
                interrupted()

        signal.signal(signal.SIGTERM, terminate)
        signal.signal(signal.SIGINT, interrupt)

    def listen(self, redis: Redis, run: str) -> None:
        """Queue the run's commands from `cursor` on: those that wait already now, later ones as they come.

        So what an attempt that died had been ordered is in force before the first step of this one.
        """
        cursor = None
        while cursor is None and not self.terminated:
            cursor = self._read(redis, run, self.cursor, None)
        self.follow(redis, run, cursor or self.cursor)

    def follow(self, redis: Redis, run: str, cursor: str) -> None:
        """Queue the run's commands behind `cursor` as they come; returns at once."""
        threading.Thread(target=self._follow, args=(redis, run, cursor), name="controls", daemon=True).start()

    def _follow(self, redis: Redis, run: str, cursor: str) -> None:
        while True:
            cursor = self._read(redis, run, cursor, BLOCK_MS) or cursor

    def _read(self, redis: Redis, run: str, cursor: str, block_ms: int | None) -> str | None:
        """Queue the commands behind `cursor`; the new cursor, or None after a while when Redis is away."""
        try:
            answer: Any = redis.xread({keys.commands(run): cursor}, block=block_ms)
        except RedisError as error:
            log.debug("Commands can't be read (%s); trying again.", error)
            time.sleep(RETRY_S)
            return None
        for _, entries in answer or []:
            for entry, fields in entries:
                cursor = entry.decode()
                self._parse(cursor, fields)
        return cursor

    def _parse(self, entry: str, fields: dict[bytes, bytes]) -> None:
        try:
            self.add(Command.model_validate_json(fields.get(b"c", b"")), entry)
        except ValidationError as error:
            log.warning("Command %s is not one: %s", entry, error.errors()[0]["msg"])


class _Deadline:
    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            self._map = mmap(file.fileno(), 8, access=ACCESS_READ)

    def read(self) -> float:
        value: float = struct.unpack_from("<d", self._map)[0]
        return value if math.isfinite(value) else 0.0
