"""Child processes that never outlive their parent."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import psutil

from rhoscope.errors import Unavailable

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


SECRETS = ("RHOSCOPE_API_TOKEN", "RHOSCOPE_DATABASE_URL")
"""Variables that only the API needs. What trains runs plug-ins of others, whose environment holds none."""


def keep_private() -> None:
    """Let nobody but this user read the files that this program, and those it starts, will write."""
    os.umask(0o077)


def without_secrets() -> dict[str, str]:
    """This program's environment, as programs get it that need no secrets of the API."""
    return {name: value for name, value in os.environ.items() if name not in SECRETS}


def die_with_parent(sig: signal.Signals = signal.SIGTERM, parent: int | None = None) -> None:
    """Let the kernel send us `sig` when our parent dies (Linux; elsewhere the parent's clean-up must do).

    `parent` is the process we expect as parent: when it is gone already, we end at once.
    """
    if _LIBC is None:
        return
    _LIBC.prctl(_PR_SET_PDEATHSIG, int(sig))
    if parent is not None and os.getppid() != parent:
        os._exit(1)


def spawn(
    command: Sequence[str],
    *,
    log: Path | None = None,
    env: Mapping[str, str] | None = None,
    pass_fds: Sequence[int] = (),
) -> subprocess.Popen[bytes]:
    """Start a program in its own session that gets SIGTERM when we die; call from the main thread.

    Its output is appended to `log`, or goes where ours goes.
    """
    parent = os.getpid()
    with contextlib.ExitStack() as files:
        out = files.enter_context(log.open("ab")) if log else None
        return subprocess.Popen(
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT if out else None,
            env=None if env is None else dict(env),
            pass_fds=tuple(pass_fds),
            start_new_session=True,
            preexec_fn=lambda: die_with_parent(parent=parent),  # noqa: PLW1509 -- no thread runs yet
        )


def end(process: subprocess.Popen[bytes], grace_s: float = 10.0) -> None:
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
