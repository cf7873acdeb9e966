"""A user's program as a group of processes: started, watched, ended with all that it started."""

import codecs
import os
import selectors
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import IO, cast

import psutil

from rhoscope.errors import InvalidInput
from rhoscope.local.process import carrying, end_all, spawn
from rhoscope.tracker.console import Printed
from rhoscope.tracker.launched import ATTEMPT, RUN

TERM_S = 8.0
"""Seconds between SIGTERM and SIGKILL."""
LEFT_S = 1.0
"""Seconds that processes which left its group have to end after it."""
WORDS_S = 1.0
"""Seconds until what it printed last has been read; whoever holds its output open does not hold us up."""
LAST_BYTES = 4096
LAST_LINES = 5
PART_BYTES = 4096
"""Of its output at once. Ten thousand of them wait at most, while Redis is away."""
PIPE_BYTES = 64 * 1024
"""Of its output, before its errors are read: what a pipe holds, so what it may have written before them."""
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
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

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
        """Once it has ended: end what it left behind.

        What made itself a session of its own is known by the variables that name its attempt.
        """
        self._signal(signal.SIGKILL)
        if run := self._carried.get(RUN):
            end_all(carrying(RUN, run, **self._carried), LEFT_S)

    def drain(self, take: Callable[[], None]) -> None:
        """Once it is cleared: read its last words, and let `take` make room for them."""
        until = time.monotonic() + WORDS_S
        while self._reader.is_alive() and time.monotonic() < until:
            if any(self.printed.full(name) for name in ("stdout", "stderr")):
                until = time.monotonic() + WORDS_S
            take()
            time.sleep(0.01)

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

    def _read(self) -> None:
        """Both streams, in the order of a program that writes to one after the other: its output first."""
        streams = {"stdout": self._process.stdout, "stderr": self._process.stderr}
        decoder = codecs.getincrementaldecoder("utf-8")
        texts = {name: decoder("replace") for name in streams}
        ahead = 0
        with selectors.DefaultSelector() as selector, ExitStack() as opened:
            for name, stream in streams.items():
                selector.register(opened.enter_context(cast("IO[bytes]", stream)), selectors.EVENT_READ, name)
            while selector.get_map():
                ready = {key.data: key.fd for key, _ in selector.select()}
                first = "stdout" in ready and (ahead < PIPE_BYTES or "stderr" not in ready)
                name = "stdout" if first else "stderr"
                part = os.read(ready[name], PART_BYTES)
                ahead = ahead + len(part) if len(ready) > 1 and name == "stdout" else 0
                self._take(name, part, texts[name].decode(part))
                if not part:
                    selector.unregister(ready[name])

    def _take(self, name: str, part: bytes, text: str) -> None:
        self._wait_for_room(name)
        self.printed.add(name, text)
        if name == "stderr":
            self._keep(part)
        with suppress(OSError):
            ours = getattr(sys, name).buffer
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
