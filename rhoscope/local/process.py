"""Child processes that never outlive their parent."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import psutil

from rhoscope.errors import Unavailable

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None
_PARENT = "RHOSCOPE_PARENT"
"""Where a child reads who its parent is, and the signal for when that dies: `PID:SIGNAL`."""
LOOK_S = 0.2


SECRETS = ("RHOSCOPE_API_TOKEN", "RHOSCOPE_DATABASE_URL")
"""Variables that only the API needs. What trains runs plug-ins of others, whose environment holds none."""


def keep_private() -> None:
    """Let nobody but this user read the files that this program, and those it starts, will write."""
    os.umask(0o077)


def without_secrets() -> dict[str, str]:
    """This program's environment, as programs get it that need no secrets of the API."""
    return {name: value for name, value in os.environ.items() if name not in SECRETS}


def die_with_parent(sig: signal.Signals = signal.SIGTERM, parent: int | None = None) -> None:
    """Get `sig` when our parent dies: from the kernel on Linux, elsewhere from a thread that looks.

    `parent` is the process we expect as parent: when it is gone already, we end at once.
    """
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, int(sig))
    if parent is not None and os.getppid() != parent:
        os._exit(1)
    if _LIBC is None:
        threading.Thread(target=_watch, args=(os.getppid(), sig), name="parent", daemon=True).start()


def watch_parent() -> None:
    """Do what `spawn` asks of the kernel where the kernel can't; call it first in a program so started."""
    parent, _, sig = os.environ.pop(_PARENT, "").partition(":")
    if _LIBC is None and parent:
        die_with_parent(signal.Signals(int(sig)), int(parent))


def _watch(parent: int, sig: signal.Signals) -> None:
    while os.getppid() == parent:
        time.sleep(LOOK_S)
    os.kill(os.getpid(), sig)


def spawn(
    command: Sequence[str],
    *,
    log: Path | None = None,
    env: Mapping[str, str] | None = None,
    pass_fds: Sequence[int] = (),
    orphaned: signal.Signals = signal.SIGTERM,
    cwd: Path | None = None,
    piped: bool = False,
) -> subprocess.Popen[bytes]:
    """Start a program in its own session that gets `orphaned` when we die; call from the main thread.

    Its output is appended to `log`, or goes where ours goes, or with `piped` into two pipes.
    """
    parent = os.getpid()
    with contextlib.ExitStack() as files:
        out = files.enter_context(log.open("ab")) if log else None
        return subprocess.Popen(
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if piped else out,
            stderr=subprocess.PIPE if piped else subprocess.STDOUT if out else None,
            cwd=cwd,
            env={**(os.environ if env is None else env), _PARENT: f"{parent}:{int(orphaned)}"},
            pass_fds=tuple(pass_fds),
            start_new_session=True,
            preexec_fn=partial(_enter, orphaned, parent),  # noqa: PLW1509 -- no thread runs yet
        )


def _enter(sig: signal.Signals, parent: int) -> None:
    if _LIBC is not None:  # a thread would not outlive the program's start; `watch_parent` makes one then
        die_with_parent(sig, parent)


def carrying(name: str, value: str, **more: str) -> list[psutil.Process]:
    """Processes in whose environment `name` has this value, whoever their parent is now; not this one.

    With `more`, only those that carry these variables, too.
    """
    carriers, wanted = [], {name: value, **more}.items()
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if process.pid != os.getpid() and wanted <= process.environ().items():
                carriers.append(process)
    return carriers


def end_all(processes: Sequence[psutil.Process], grace_s: float) -> None:
    """SIGTERM to all, up to `grace_s` seconds, then SIGKILL for those that are left."""
    for sig in (signal.SIGTERM, signal.SIGKILL):
        for process in processes:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(sig)
        _, processes = psutil.wait_procs(processes, grace_s)


class Program(Protocol):
    """A child as its parent sees it: `subprocess.Popen`, or `rhoscope.local.fork.Fork`."""

    pid: int
    returncode: int | Any  # as Popen declares it: None while it runs

    def poll(self) -> int | None: ...
    def wait(self, timeout: float | None = None) -> int: ...
    def send_signal(self, number: int, /) -> None: ...
    def terminate(self) -> None: ...
    def kill(self) -> None: ...


def end(process: Program, grace_s: float = 10.0) -> None:
    """SIGTERM, up to `grace_s` seconds, then SIGKILL for it and whatever it left behind."""
    family = _descendants(process.pid)
    process.terminate()
    try:
        process.wait(grace_s)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for child in family:
        with contextlib.suppress(psutil.NoSuchProcess):
            child.kill()


def _descendants(pid: int) -> list[psutil.Process]:
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def wait_until(ready: Callable[[], bool], alive: Callable[[], bool], what: str, timeout_s: float) -> None:
    """Poll `ready` every 50 ms.

    Raises:
        Unavailable: when `alive` turns false or `timeout_s` seconds pass first.
    """
    deadline = time.monotonic() + timeout_s
    while not ready():
        if not alive():
            raise Unavailable(f"{what} ended while starting.")
        if time.monotonic() > deadline:
            raise Unavailable(f"{what} was not ready within {timeout_s:.0f} seconds.")
        time.sleep(0.05)


def tail(path: Path, lines: int = 12) -> str:
    """The last lines of a log file, or nothing when there is none."""
    try:
        return "\n".join(path.read_text(errors="replace").splitlines()[-lines:])
    except FileNotFoundError:
        return ""
