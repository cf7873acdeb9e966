"""Programs that begin as a copy of this one, and so with everything that is loaded here.

What `rhoscope.local.process.spawn` starts loads its libraries anew, which takes seconds with torch. A copy is
there at once, and is otherwise the same: a session of its own, no files of ours, no signal handlers of ours,
and it does not outlive us. Linux only: elsewhere system libraries do not survive a fork.
"""

import contextlib
import ctypes
import os
import select
import signal
import subprocess
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from rhoscope.local.process import die_with_parent

Main = Callable[[], int]
"""What a fork does; its exit code."""
AVAILABLE = sys.platform == "linux"
ROOM = " " * 400
"""An argument for programs that will be forked: room for the command line of a fork."""
_ARG_START = 45
"""Place of the address of the first argument in proc_pid_stat(5), after the name."""


class Fork:
    """A copy of this program, with the part of `subprocess.Popen` that its parent needs."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._handle = os.pidfd_open(pid)

    def poll(self) -> int | None:
        """Its exit code, negative for a signal's number; None while it runs."""
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.returncode = os.waitstatus_to_exitcode(status)
                os.close(self._handle)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Its exit code once it has ended. Raises: subprocess.TimeoutExpired, after `timeout` seconds."""
        if self.poll() is None:
            select.select([self._handle], [], [], timeout)
        if (code := self.poll()) is None:
            raise subprocess.TimeoutExpired(str(self.pid), timeout or 0.0)
        return code

    def terminate(self) -> None:
        """SIGTERM, unless it has ended."""
        self._send(signal.SIGTERM)

    def kill(self) -> None:
        """SIGKILL, unless it has ended."""
        self._send(signal.SIGKILL)

    def _send(self, number: signal.Signals) -> None:
        if self.poll() is None:
            signal.pidfd_send_signal(self._handle, number)


def fork(
    main: Main,
    command: Sequence[str],
    *,
    log: Path,
    env: Mapping[str, str],
    pass_fds: Sequence[int] = (),
    orphaned: signal.Signals = signal.SIGTERM,
) -> Fork:
    """Run `main` in a copy of this program that looks like `command`, which it could have been started with.

    It ends with the number that `main` returns, its output is appended to `log`, and it gets `orphaned` when
    we die. Call it from the main thread.
    """
    parent = os.getpid()
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid:
        return Fork(pid)
    code = 1
    try:
        _enter(command, log, env, pass_fds)
        die_with_parent(orphaned, parent)
        code = main()
    except SystemExit as leaving:
        code = leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)
    except BaseException:  # noqa: BLE001 -- the same as an interpreter does with it
        traceback.print_exc()
    finally:
        with contextlib.suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def _enter(command: Sequence[str], log: Path, env: Mapping[str, str], pass_fds: Sequence[int]) -> None:
    """Become what the start of a program would be: nothing of our parent's but what it handed on."""
    os.setsid()
    for number in signal.valid_signals():
        if callable(signal.getsignal(number)) and number != signal.SIGINT:
            signal.signal(number, signal.SIG_DFL)
    os.environ.clear()
    os.environ.update(env)
    with log.open("ab") as output:
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)
    sys.stdout, sys.stderr = (os.fdopen(number, "w", buffering=1, closefd=False) for number in (1, 2))
    _let_go({0, 1, 2, *pass_fds})
    sys.argv = list(command[command.index("-m") + 1 :])
    with contextlib.suppress(OSError, ValueError):
        _look_like(command)


def _look_like(command: Sequence[str]) -> None:
    """Show this command line in lists of processes, as far as the one we were started with leaves room.

    Libraries for this take the room of the environment, too, by which a data directory's programs are found.
    """
    fields = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
    start, end = (int(fields[place]) for place in (_ARG_START, _ARG_START + 1))
    text = b"\0".join(word.encode() for word in command)
    ctypes.memmove(start, text[: end - start - 1].ljust(end - start, b"\0"), end - start)


def _let_go(keep: set[int]) -> None:
    """Replace our parent's files, not close them: objects that still hold their numbers may close those."""
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    for number in [int(path.name) for path in Path("/proc/self/fd").iterdir()]:
        if number not in keep and number != null:
            with contextlib.suppress(OSError):
                os.fstat(number)  # the folder's own descriptor is gone by now
                os.dup2(null, number, inheritable=False)
    for number in keep:
        os.set_inheritable(number, True)
