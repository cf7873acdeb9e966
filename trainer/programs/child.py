"""A user's program as a group of processes: started, watched, ended with all that it started."""

import codecs
import os
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

import psutil

from rhoscope.errors import InvalidInput
from rhoscope.local.process import carrying, end_all, spawn
from rhoscope.tracker.console import Printed
from rhoscope.tracker.launched import ATTEMPT, RUN

TERM_S = 8.0
"""Seconds between SIGTERM and SIGKILL."""
LEFT_S = 1.0
"""Seconds that processes which left its group have to end after it."""
LAST_BYTES = 4096
LAST_LINES = 5
PART_BYTES = 4096
"""Of its output at once. Ten thousand of them wait at most, while Redis is away."""
PATIENCE_S = 10.0
"""A program waits at most so long until what it has printed is read; then it goes on, and lines are lost."""
_SHELL = 128
"""A shell ends with this and the number of the signal that ended its command."""
ENDED = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class Child:
    """The program. Its output goes where ours goes, and to `printed`; the end of its errors is kept."""

    def __init__(self, command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> None:
        """Raises: InvalidInput, when it can't be started."""
        self.printed = Printed()
        self._patient = True
        self._last: deque[bytes] = deque()  # parts of its errors
        self._term_at = 0.0
        self._family: list[psutil.Process] = []
        self._carried = {name: environment[name] for name in (RUN, ATTEMPT) if name in environment}
        try:
            self._process = spawn(
                command,
                env=environment,
                cwd=folder,
                piped=True,
                orphaned=signal.SIGKILL,
            )
        except OSError as error:
            raise InvalidInput(f"The program can't be started: {error}.") from error
        streams = {"stdout": self._process.stdout, "stderr": self._process.stderr}
        self._readers = [
            threading.Thread(target=self._read, args=(name, stream), daemon=True)
            for name, stream in streams.items()
        ]
        for reader in self._readers:
            reader.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def terminated(self) -> bool:
        """Whether we ended it."""
        return self._term_at > 0

    def code(self) -> int | None:
        """The exit code once it has ended."""
        return self._process.poll()

    def turn(self) -> None:
        """SIGKILL, once SIGTERM was too long ago."""
        if self._term_at and time.monotonic() - self._term_at > TERM_S:
            self._signal(signal.SIGKILL)

    def terminate(self) -> None:
        """SIGTERM to the whole group; harmless to repeat."""
        if not self._term_at:
            self._term_at = time.monotonic()
            with suppress(psutil.NoSuchProcess):
                self._family = psutil.Process(self.pid).children(recursive=True)
            self._signal(signal.SIGTERM)

    def end(self) -> None:
        """SIGTERM, and after `TERM_S` seconds SIGKILL; returns once it has ended."""
        self.terminate()
        while self.code() is None:
            self.turn()
            time.sleep(0.02)

    def clear(self) -> None:
        """Once it has ended: end what it left behind, and read its last words.

        What made itself a session of its own is known by the variables that name its attempt.
        """
        self._signal(signal.SIGKILL)
        if run := self._carried.get(RUN):
            end_all(carrying(RUN, run, **self._carried), LEFT_S)
        for reader in self._readers:
            reader.join(1)

    def last_words(self) -> str:
        """The last lines that it wrote as errors."""
        text = b"".join(self._last)[-LAST_BYTES:].decode(errors="replace").replace("\r", "\n")
        lines = [line.rstrip() for line in text.splitlines() if line.strip()]
        return "\n".join(lines[-LAST_LINES:])

    def _signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, number)
        for process in self._family if number == signal.SIGKILL else ():
            with suppress(psutil.NoSuchProcess):
                process.kill()

    def _read(self, name: str, stream: IO[bytes] | None) -> None:
        if stream is None:
            return
        text, ours = codecs.getincrementaldecoder("utf-8")("replace"), getattr(sys, name).buffer
        with stream:
            while part := os.read(stream.fileno(), PART_BYTES):
                self._wait_for_room(name)
                self.printed.add(name, text.decode(part))
                if name == "stderr":
                    self._keep(part)
                with suppress(OSError):
                    ours.write(part)
                    ours.flush()

    def _wait_for_room(self, name: str) -> None:
        """On a busy machine a flood is read slower than it comes; the program waits then, not for ever."""
        until = time.monotonic() + PATIENCE_S
        while self._patient and self.printed.full(name):
            time.sleep(0.01)
            self._patient = time.monotonic() < until
        self._patient = not self.printed.full(name)

    def _keep(self, part: bytes) -> None:
        """Of its errors only the end."""
        self._last.append(part)
        while sum(map(len, self._last)) - len(self._last[0]) > LAST_BYTES:
            self._last.popleft()


def killer(code: int) -> str:
    """The name of the signal that ended a program with this exit code from outside; empty for other ends.

    >>> killer(-9), killer(137), killer(1), killer(-11)
    ('SIGKILL', 'SIGKILL', '', 'SIGSEGV')
    """
    if code < 0:
        return signal.Signals(-code).name
    return next((one.name for one in ENDED if code == _SHELL + one), "")
