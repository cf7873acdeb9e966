"""Lines that a program prints, beside the terminal or notebook it prints to: complete ones, bounded.

Nothing is locked while something is printed: a forked child may print at any time.
"""

import re
import sys
import time
from collections import deque
from contextlib import suppress
from typing import Any

BURST, SUSTAINED = 256 * 1024, 16 * 1024
"""Characters that are kept at once, and in each second from then on."""
LAST_LINES = 20
"""The end of a flood is kept: what a program says last is why it ended."""
LONGEST_LINE = 2000
MOST_AT_ONCE = 64 * 1024
"""Characters of one event."""
_CODES = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b\][^\x07]*\x07|[\x00-\x08\x0b-\x1f\x7f]")


class _Tee:
    """A stream whose texts are also kept; all else is the stream's own."""

    def __init__(self, stream: Any, taken: "deque[str]") -> None:
        self.whole, self._taken = stream, taken

    def write(self, text: str) -> Any:
        self._taken.append(text)
        return self.whole.write(text)

    def writelines(self, lines: Any) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.whole, name)

    def __iter__(self) -> Any:
        return iter(self.whole)


class Printed:
    """Texts of two streams as lines. One thread adds to a stream, another reads the lines."""

    def __init__(self) -> None:
        self._taken = {name: deque[str](maxlen=10_000) for name in ("stdout", "stderr")}
        self._rest = dict.fromkeys(self._taken, "")
        self._budget, self._at = float(BURST), time.monotonic()
        self._left_out = 0
        self._last = deque[str](maxlen=LAST_LINES)  # of those left out

    def add(self, stream: str, text: str) -> None:
        """A part of what went to `stdout` or `stderr`."""
        self._taken[stream].append(text)

    def full(self, stream: str) -> bool:
        """Whether the next part would push out one that nobody has read."""
        return len(self._taken[stream]) == self._taken[stream].maxlen

    def lines(self, *, whole: bool = False) -> list[str]:
        """Lines that were completed since the last time, with `whole` also what has no end yet."""
        printouts: list[str] = []
        errors, output = (self._drained(self._taken[name]) for name in ("stderr", "stdout"))
        for name, texts in (
            ("stdout", output),
            ("stderr", errors),
        ):  # output that came before errors is there
            text = self._rest[name] + "".join(texts)
            *complete, rest = text.split("\n")
            self._rest[name] = "" if whole else rest[-2 * LONGEST_LINE :]
            printouts += [shown(line) for line in (*complete, *([rest] if whole and rest else []))]
        return self._within(printouts) + (self._end() if whole else [])

    @staticmethod
    def _drained(taken: "deque[str]") -> list[str]:
        texts: list[str] = []
        with suppress(IndexError):
            while len(texts) < 100_000:
                texts.append(str(taken.popleft()))
        return texts

    def _within(self, lines: list[str]) -> list[str]:
        """As many of them as may be kept now; what is left out is said once it is over."""
        now = time.monotonic()
        self._budget = min(float(BURST), self._budget + SUSTAINED * (now - self._at))
        self._at = now
        kept: list[str] = []
        for line in lines:
            if self._budget < len(line) + 1:
                self._left_out += 1
                self._last.append(line)
                continue
            kept += self._missing(self._left_out)
            self._budget -= len(line) + 1
            kept.append(line)
        return kept

    def _end(self) -> list[str]:
        """The last of the lines that were left out, behind the number of the others."""
        last = list(self._last)
        return self._missing(self._left_out - len(last)) + last

    def _missing(self, lines: int) -> list[str]:
        self._left_out = 0
        self._last.clear()
        return [f"… {lines} lines were left out here."] if lines else []


class Console(Printed):
    """Takes what goes to `sys.stdout` and `sys.stderr` until `close`."""

    def __init__(self) -> None:
        super().__init__()
        streams = {name: stream for name in self._taken if (stream := getattr(sys, name)) is not None}
        self._tees = {name: _Tee(stream, self._taken[name]) for name, stream in streams.items()}
        for name, tee in self._tees.items():
            setattr(sys, name, tee)

    def close(self) -> None:
        """Give the streams back, unless somebody else has replaced them since."""
        for name, tee in self._tees.items():
            if getattr(sys, name) is tee:
                setattr(sys, name, tee.whole)


def shown(line: str) -> str:
    r"""A line as a terminal shows it in the end: what a progress bar wrote last, without colors.

    >>> shown("  0%|\r 50%|\r100%|\x1b[32mdone\x1b[0m")
    '100%|done'
    """
    parts = [part for part in line.rstrip("\r").split("\r") if part]
    return _CODES.sub("", parts[-1] if parts else "")[:LONGEST_LINE]


def portions(lines: list[str]) -> list[list[str]]:
    """The lines in portions of which each fits one event."""
    groups: list[list[str]] = [[]]
    size = 0
    for line in lines:
        if size + len(line) > MOST_AT_ONCE and groups[-1]:
            groups.append([])
            size = 0
        groups[-1].append(line)
        size += len(line) + 1
    return groups if lines else []
