r"""The file that a guest run's numbers go to first: append-only, checksummed, one writer per attempt.

A journal is the line `RJ1\n` and then frames::

    u32 length of the payload | u32 CRC-32 of kind and payload | u8 kind | payload

    kind N   JSON [number, names]: columns that rows may refer to
    kind R   u32 columns | i64 step | f64 Unix seconds | f64 values[...]
    kind E   an event as JSON
    kind C   i64 horizon: all rows up to this step are complete

All little-endian. A frame that does not read back is the torn end of a program that was killed: it is cut.
"""

import json
import os
import struct
import threading
import zlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

MAGIC = b"RJ1\n"
NAMES, ROW, EVENT, CUT = b"N", b"R", b"E", b"C"
LARGEST_FRAME = 64 * 2**20
HELD_BYTES = 64 * 2**20
"""Bytes that are held in memory while the disk takes nothing."""
PORTION = 2**20
_HEAD = struct.Struct("<IIc")
_HORIZON = struct.Struct("<q")
ROW_HEAD = struct.Struct("<Iqd")


class Frame(NamedTuple):
    """One frame of a journal, and where the next one begins."""

    kind: bytes
    payload: bytes
    end: int


class Journal:
    """Appends to a new file; whatever is appended outlives this process, if not the machine.

    While the disk is full, frames wait in memory; beyond `HELD_BYTES` new ones are lost and counted, so that
    the file stays the beginning of what a server has.
    """

    def __init__(self, path: Path) -> None:
        """Raises: FileExistsError, when there is such a file; OSError, when none can be made."""
        self.path = path
        self.trouble = ""
        self.lost = 0
        self._file = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_CLOEXEC", 0), 0o666)
        self._end = 0
        self._held: list[bytes] = [MAGIC]
        self._held_bytes = 0
        self._lock = threading.Lock()
        self._columns: dict[tuple[str, ...], tuple[int, struct.Struct]] = {}
        with self._lock:
            self._write()

    def row(self, names: tuple[str, ...], step: int, when: float, values: Sequence[float]) -> None:
        """One row, or a part of one: rows of the same step are one."""
        with self._lock:
            known = self._columns.get(names)
            if known is None:
                known = self._columns[names] = (len(self._columns), struct.Struct(f"<Iqd{len(names)}d"))
                self._append(NAMES, json.dumps([known[0], names]).encode())
            self._append(ROW, known[1].pack(known[0], step, when, *values))

    def event(self, data: bytes) -> None:
        """One encoded event."""
        with self._lock:
            self._append(EVENT, data)

    def cut(self, horizon: int) -> None:
        """Note that all rows up to this step are complete."""
        with self._lock:
            self._append(CUT, _HORIZON.pack(horizon))

    def frames(self, start: int) -> Iterator[Frame]:
        """The frames from a place on: those in the file, and behind them those that the disk does not take.

        Raises:
            OSError: when the file can't be read.
        """
        with self._lock:
            end, held = self._end, list(self._held)
        for frame in frames(self.path, start):
            if frame.end > end:
                return
            yield frame
        for data in held:
            waiting = _frame(data, 0, end)
            if waiting is not None and waiting.end > start:
                yield waiting
            end += len(data)

    def renamed(self, path: Path) -> None:
        """Have another name. Raises: OSError."""
        with self._lock:
            self.path = self.path.rename(path)

    @property
    def lacks(self) -> int:
        """Frames that the file does not have."""
        return len(self._held) + self.lost

    def close(self) -> None:
        """Take nothing more."""
        with self._lock:
            self._write()
            os.close(self._file)
            self._file = -1

    def _append(self, kind: bytes, payload: bytes) -> None:
        if self._file < 0:
            return
        frame = _HEAD.pack(len(payload), zlib.crc32(payload, zlib.crc32(kind)), kind) + payload
        with suppress(OSError):
            if not self._held and os.write(self._file, frame) == len(frame):
                self._end += len(frame)
                return
        if self._held_bytes + len(frame) > HELD_BYTES:
            self.lost += 1
        else:
            self._held.append(frame)
            self._held_bytes += len(frame)
        self._write()

    def _write(self) -> None:
        """Write what is held. A frame that only went in by half is taken back."""
        written = 0
        try:
            for frame in self._held:
                os.lseek(self._file, self._end, os.SEEK_SET)
                if os.write(self._file, frame) < len(frame):
                    os.ftruncate(self._file, self._end)
                    raise OSError("the disk is full")
                self._end += len(frame)
                written += 1
            self.trouble = ""
        except OSError as error:
            self.trouble = str(error)
        self._held = self._held[written:]
        self._held_bytes = sum(map(len, self._held))


def frames(path: Path, start: int = 0) -> Iterator[Frame]:
    """The frames from a place on that read back, as far as the file goes at present.

    Raises:
        OSError: when the file can't be read.
    """
    with path.open("rb") as file:
        file.seek(max(start, len(MAGIC)))
        place, rest = max(start, len(MAGIC)), b""
        while portion := file.read(PORTION):
            rest += portion
            at = 0
            while (frame := _frame(rest, at, place)) is not None:
                at, place = at + frame.end - place, frame.end
                yield frame
            rest = rest[at:]
            if len(rest) > LARGEST_FRAME:
                return


def _frame(data: bytes, at: int, place: int) -> Frame | None:
    if len(data) < at + _HEAD.size:
        return None
    length, checksum, kind = _HEAD.unpack_from(data, at)
    payload = data[at + _HEAD.size : at + _HEAD.size + length]
    if len(payload) < length or zlib.crc32(payload, zlib.crc32(kind)) != checksum:
        return None
    return Frame(kind, payload, place + _HEAD.size + length)


def horizon(payload: bytes) -> int:
    """The step that a cut names."""
    step: int = _HORIZON.unpack(payload)[0]
    return step
