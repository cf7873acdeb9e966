"""What programs take and what the store holds, looked at again and again while something else goes on."""

import sqlite3
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil
from numpy.typing import NDArray

from benchmarks.rig.programs import Programs, back_end, family

LOOP, RECORDER = "back end, event loop", "back end, recorder and launcher"
VALKEY, DASHBOARD = "Valkey", "dashboard"
_ENDS = """SELECT id, coalesce(growth.rows_end, runs.rows_end) FROM runs
    LEFT JOIN growth ON growth.run = runs.id"""


def parts(here: Programs) -> dict[str, psutil.Process]:
    """The programs that serve, by name. Raises: KeyError, when one is not among our children."""
    back = back_end(here)
    dashboard, server = here.dashboard.rpartition(":")[2], None
    programs_of = {LOOP: back, RECORDER: back}
    for process, line in family():
        if "dashboard" in line and dashboard in line:
            programs_of[DASHBOARD] = process
        if "valkey" in process.name() or any("valkey" in word for word in line[:1]):
            server = process
    return programs_of | ({VALKEY: server} if server else {})


def processor_s(name: str, process: psutil.Process) -> float:
    """Seconds of processor that a part took so far; of the back end its main thread, or all others."""
    times = process.cpu_times()
    if name not in (LOOP, RECORDER):
        return float(times.user + times.system + times.children_user + times.children_system)
    main = next(one for one in process.threads() if one.id == process.pid)
    loop = float(main.user_time + main.system_time)
    return loop if name == LOOP else float(times.user + times.system) - loop


@dataclass(frozen=True)
class Sample:
    """One look: Unix seconds, steps of each run in the store [run], what the parts took, bytes of memory."""

    time: float
    stored: NDArray[np.int64]
    processor_s: Mapping[str, float]
    memory: int


class Samples:
    """Looks `every` so many seconds while the block lasts."""

    def __init__(self, here: Programs, runs: Sequence[str], every: float) -> None:
        self.kept: list[Sample] = []
        self._parts = parts(here)
        self._file = here.environment.data_dir / "rhoscope.db"
        self._runs = runs
        self._every = every
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, name="sampling", daemon=True)

    def __enter__(self) -> "Samples":
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._over.set()
        self._thread.join()

    def wait_for(self, steps: int, patience_s: float) -> bool:
        """Whether the store has all of these steps of every run in time."""
        until = time.monotonic() + patience_s
        while not self.kept or int(self.kept[-1].stored.min()) < steps:
            if time.monotonic() > until or not self._thread.is_alive():
                return False
            time.sleep(self._every)
        return True

    def taken(self, name: str, start: float, end: float) -> float:
        """Seconds of processor that a part took between two Unix seconds."""
        times = [sample.time for sample in self.kept]
        values = [sample.processor_s[name] for sample in self.kept]
        before, after = np.interp([start, end], times, values)
        return float(after - before)

    def _look(self) -> None:
        with closing(sqlite3.connect(f"file:{self._file}?mode=ro", uri=True, timeout=30)) as db:
            while not self._over.wait(self._every):
                ends = dict(db.execute(_ENDS).fetchall())
                now = time.time()
                took = {name: processor_s(name, process) for name, process in self._parts.items()}
                stored = np.array([ends[run] + 1 for run in self._runs], np.int64)
                self.kept.append(Sample(now, stored, took, self._parts[LOOP].memory_info().rss))


def pages(file: Path) -> int:
    """Bytes of an SQLite file's pages that hold something, with what its log has not yet brought there."""
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=30)) as db:
        size, count, free = (
            int(db.execute(f"PRAGMA {name}").fetchone()[0])
            for name in ("page_size", "page_count", "freelist_count")
        )
    return size * (count - free)


def size_of(folder: Path) -> int:
    """Bytes of all files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
