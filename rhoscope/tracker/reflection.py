"""A copy of a run's journal for another tracker, made in a thread of its own: nothing waits for it."""

import json
import struct
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType

from rhoscope.guests import GuestSpec
from rhoscope.tracker import journal
from rhoscope.tracker.journal import Frame, frames
from rhoscope.tracker.mirrors import Mirror, open_mirror

PERIOD_S = 1.0


class Reflection:
    """Reads rows as they are written, and hands each step over, until it is closed or the mirror breaks."""

    def __init__(
        self, text: str, spec: GuestSpec, attempt: int, path: Path, warn: Callable[[str], None]
    ) -> None:
        """`text` names the mirror; `warn` gets a sentence when it breaks."""
        self._text, self._spec, self._attempt, self._path, self._warn = text, spec, attempt, path, warn
        self._place, self._state = 0, "completed"
        self._columns: dict[int, tuple[Sequence[str], struct.Struct]] = {}
        self._step: tuple[int, float] | None = None
        self._values: dict[str, float] = {}
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._reflect, name=f"rhoscope-{text[:20]}", daemon=True)
        self._thread.start()

    def close(self, state: str) -> None:
        """The run has ended; what is left is handed over without anybody's waiting."""
        self._state = state
        self._closing.set()

    def wait(self, seconds: float) -> None:
        """Until all is handed over, but no longer."""
        self._thread.join(seconds)
        if self._thread.is_alive():
            self._warn(f"the mirror '{self._text}' has not taken everything yet")

    def _reflect(self) -> None:
        with _Contained(self._text, self._warn):
            mirror = open_mirror(self._text, self._spec, self._attempt)
            while not self._closing.wait(PERIOD_S):
                self._read(mirror)
                mirror.flush()
            self._read(mirror)
            self._hand_over(mirror)
            mirror.close(self._state)

    def _read(self, mirror: Mirror) -> None:
        """Take what the journal holds now. The newest step stays here, since more of it may follow."""
        for frame in frames(self._path, self._place):
            self._place = frame.end
            if frame.kind == journal.NAMES:
                number, names = json.loads(frame.payload)
                self._columns[number] = (names, struct.Struct(f"<{len(names)}d"))
            elif frame.kind == journal.ROW:
                self._row(frame, mirror)

    def _row(self, frame: Frame, mirror: Mirror) -> None:
        number, step, when = journal.ROW_HEAD.unpack_from(frame.payload)
        names, packed = self._columns[number]
        if self._step is None or self._step[0] != step:
            self._hand_over(mirror)
            self._step = (step, when)
        values = packed.unpack_from(frame.payload, journal.ROW_HEAD.size)
        self._values.update(zip(names, values, strict=True))

    def _hand_over(self, mirror: Mirror) -> None:
        if self._step and self._values:
            mirror.write(*self._step, self._values)
        self._values = {}


class _Contained:
    """Whatever another library raises is one sentence here. No list of its errors could be complete."""

    def __init__(self, text: str, warn: Callable[[str], None]) -> None:
        self._text, self._warn = text, warn

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if not isinstance(error, Exception):
            return False
        reason = " ".join(str(error).split())[:300] or type(error).__name__
        self._warn(f"the mirror '{self._text}' takes nothing any more ({reason.rstrip('.')})")
        return True


def reflections(
    mirrors: str | Sequence[str],
    spec: GuestSpec,
    attempt: int,
    path: Path,
    warn: Callable[[str], None],
) -> list[Reflection]:
    """One for each mirror that is named."""
    each = [mirrors] if isinstance(mirrors, str) else mirrors
    return [Reflection(str(text), spec, attempt, path, warn) for text in each if text]


def ended(mirrors: Sequence[Reflection], seconds: float) -> None:
    """Wait for all of them together."""
    until = time.monotonic() + seconds
    for one in mirrors:
        one.wait(max(0.0, until - time.monotonic()))
