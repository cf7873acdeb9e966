"""A device has one run, whoever dies: what trains on it holds a lock that ends with the process.

A worker has three files in a folder that all workers of a data directory share. `NAME.worker` is locked
while it lives, `NAME.training` while an agent of it or the training process does, and `NAME.deadline` is the
training process' deadline, which that or its agent removes, whichever ends last.
"""

import fcntl
import json
import logging
import os
import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from rhoscope.environment import Environment
from rhoscope.errors import Unavailable

PATIENCE_S = 20.0
"""Seconds that training whose worker or agent died has to end by itself, as it does after a checkpoint."""
LOOK_S = 0.1
PROGRAMS = "trainer.programs.host"
"""The module that runs a user's program in place of `trainer.run`."""
log = logging.getLogger("rhoscope.occupancy")


class Occupancy:
    """The holders of one device of this machine. `device` is `cpu` or comma-separated GPU numbers."""

    def __init__(self, environment: Environment, worker: str, device: str) -> None:
        self._folder = _folder(environment)
        self._worker, self._device = worker, device
        self._since: dict[Path, float] = {}
        self._claim: int | None = None
        self.deadline = self._folder / f"{worker}.deadline"

    def claim(self) -> None:
        """This worker lives from now on, until it is closed or dies; clears away what dead ones left."""
        for path in self._folder.glob("*.worker"):
            if _text(path) == socket.gethostname() and not _locked(path):
                self._forget(path)
        self._claim = os.open(self._own("worker"), os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(self._claim, fcntl.LOCK_EX)
        os.write(self._claim, socket.gethostname().encode())

    def close(self) -> None:
        """The worker has ended; what still trains for it bars the device until it has ended too."""
        if self._claim is not None:
            self._forget(self._own("worker"))
            os.close(self._claim)
            self._claim = None

    def vacant(self) -> bool:
        """Whether nothing that a dead worker, or an agent of this one, left behind trains on the device.

        What is still there after PATIENCE_S is killed.
        """
        left = [path for path in self._folder.glob("*.training") if self._is_left_behind(path)]
        self._since = {path: self._since.get(path, time.monotonic()) for path in left}
        for path, since in self._since.items():
            if time.monotonic() - since > PATIENCE_S:
                _kill(path)
        return not left

    @contextmanager
    def training(self, ending: Callable[[], bool]) -> Iterator[int]:
        """Hold the device, once nothing else of this worker does: a descriptor for the training process.

        A descriptor of -1 when `ending` is true before that.
        """
        path = self._own("training")
        lock = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            yield lock if self._take(lock, path, ending) else -1
        finally:
            os.close(lock)

    def note(self, lock: int, pid: int = 0) -> None:
        """Write down who holds the device."""
        record = {"host": socket.gethostname(), "device": self._device, "pid": pid}
        os.ftruncate(lock, 0)
        os.pwrite(lock, json.dumps(record).encode(), 0)

    def _take(self, lock: int, path: Path, ending: Callable[[], bool]) -> bool:
        since = time.monotonic()
        while not _try(lock):
            if ending():
                return False
            if time.monotonic() - since > PATIENCE_S:
                _kill(path)
            time.sleep(LOOK_S)
        self.note(lock)
        return True

    def _own(self, kind: str) -> Path:
        return self._folder / f"{self._worker}.{kind}"

    def _is_left_behind(self, path: Path) -> bool:
        if not _locked(path):
            return False
        if path != self._own("training") and _locked(path.with_suffix(".worker")):
            return False
        record = _record(path)
        here = record.get("host", socket.gethostname()) == socket.gethostname()
        device = str(record.get("device", self._device))
        return here and not set(device.split(",")).isdisjoint(self._device.split(","))

    def _forget(self, path: Path) -> None:
        if not _locked(path.with_suffix(".training")):
            for kind in (".training", ".deadline"):
                path.with_suffix(kind).unlink(missing_ok=True)
        path.unlink(missing_ok=True)


def _folder(environment: Environment) -> Path:
    """In the data directory, or where all of this user's programs can write when that is read-only."""
    for folder in (environment.data_dir, Path(tempfile.gettempdir()) / f"rhoscope-{os.getuid()}"):
        with suppress(OSError):
            (folder / "devices").mkdir(parents=True, exist_ok=True)
            if os.access(folder / "devices", os.W_OK):
                return folder / "devices"
    raise Unavailable(f"Neither {environment.data_dir} nor the temporary directory is writable.")


def _try(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _locked(path: Path) -> bool:
    try:
        probe = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        return not _try(probe)
    finally:
        os.close(probe)


def _text(path: Path) -> str:
    """Empty where there is no such file any more."""
    try:
        return path.read_text()
    except FileNotFoundError:
        return ""


def _record(path: Path) -> dict[str, object]:
    try:
        record = json.loads(_text(path))
    except ValueError:
        return {}
    return record if isinstance(record, dict) else {}


def _kill(path: Path) -> None:
    """SIGKILL for a training process that does not end, and for those it started."""
    pid = _record(path).get("pid")
    if not isinstance(pid, int) or not pid:
        return
    with suppress(psutil.Error):
        process = psutil.Process(pid)
        if {"trainer.run", PROGRAMS} & set(process.cmdline()):
            log.warning("Killing the training process %s, whose worker is gone.", pid)
            for one in [*process.children(recursive=True), process]:
                with suppress(psutil.NoSuchProcess):
                    one.kill()
