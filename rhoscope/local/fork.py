"""Programs that begin as a copy of this one, and so with everything that is loaded here.

What `rhoscope.local.process.spawn` starts loads its libraries anew, which takes seconds with torch. A copy is
there at once, and is otherwise the same: a session of its own, no files of ours, no signal handlers of ours,
and it does not outlive us. Linux only: elsewhere system libraries do not survive a fork.
"""

import contextlib
import os
import runpy
import select
import signal
import subprocess
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import NoReturn

from rhoscope.local import guise
from rhoscope.local.process import SECRETS, Program, die_with_parent, spawn

Main = Callable[[], int]
"""What a fork does; its exit code."""
AVAILABLE = sys.platform == "linux"
ROOM = " " * 400
"""An argument for programs that will be forked: room for a fork's command line where `guise` needs it."""
AT_START = (
    "PYTHON",
    "LD_",
    "MALLOC_",
    "GLIBC_",
    "OMP_",
    "MKL_",
    "OPENBLAS_",
    "CUDA_",
    "LANG",
    "LC_",
    "TZ",
    "TMP",
)
"""Beginnings of variables that the interpreter or a library reads once, when it is loaded or first used."""


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
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """SIGKILL, unless it has ended."""
        self.send_signal(signal.SIGKILL)

    def send_signal(self, number: int) -> None:
        """A signal, unless it has ended."""
        if self.poll() is None:
            signal.pidfd_send_signal(self._handle, number)


def fork(
    main: Main,
    command: Sequence[str],
    *,
    env: Mapping[str, str],
    log: Path | None = None,
    pass_fds: Sequence[int] = (),
    orphaned: signal.Signals = signal.SIGTERM,
) -> Fork:
    """Run `main` in a copy of this program that looks like `command`, which it could have been started with.

    It ends with the number that `main` returns, its output is appended to `log` or goes where ours goes, and
    it gets `orphaned` when we die. Call it from the main thread.
    """
    parent = os.getpid()
    sys.stdout.flush()
    sys.stderr.flush()

    def whole() -> int:
        _enter(command, log, env, pass_fds)
        die_with_parent(orphaned, parent)
        return main()

    if (pid := os.fork()) == 0:
        perform(whole)
    return Fork(pid)


def begin(
    module: str,
    *arguments: str,
    env: Mapping[str, str],
    log: Path | None = None,
    pass_fds: Sequence[int] = (),
    orphaned: signal.Signals = signal.SIGTERM,
) -> Program:
    """Run `python -m module` with these arguments: as a copy of this program where that makes no difference.

    A copy that others would not find by its command line and its variables is none, nor one that would have
    what it is not to have. Call it from the main thread.
    """
    command = [sys.executable, "-m", module, *arguments]
    if not (AVAILABLE and guise.WHOLE and may_copy(os.environ, env)):
        return spawn(command, log=log, env=env, pass_fds=pass_fds, orphaned=orphaned)
    main = partial(run_module, module)
    return fork(main, command, log=log, env=env, pass_fds=pass_fds, orphaned=orphaned)


def may_copy(ours: Mapping[str, str], env: Mapping[str, str]) -> bool:
    """Whether a program with variables `env` is the same if it begins with what was loaded under `ours`."""
    differ = {name for name in {*env, *ours} if (env.get(name) or "") != (ours.get(name) or "")}
    withheld = {name for name in SECRETS if ours.get(name)}
    return not (differ & withheld or any(name.startswith(AT_START) for name in differ))


def run_module(module: str) -> int:
    """Do as `python -m module`."""
    if not sys.flags.safe_path:
        sys.path[0] = str(Path.cwd())
    sys.modules.pop(module, None)  # else it would not be run anew
    runpy.run_module(module, run_name="__main__", alter_sys=True)
    return 0


def perform(main: Main) -> NoReturn:
    """Do it, and end this process as an interpreter would, though nothing of our parent's is tidied up."""
    code = 1
    try:
        code = main()
    except SystemExit as leaving:
        code = _code(leaving.code)
    except KeyboardInterrupt:
        traceback.print_exc()
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGINT)
    except BaseException:  # noqa: BLE001 -- the same as an interpreter does with it
        traceback.print_exc()
    finally:
        with contextlib.suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def _code(given: str | int | None) -> int:
    """The exit code of an interpreter that is left with this."""
    if given is None or isinstance(given, int):
        return given or 0
    sys.stderr.write(f"{given}\n")
    return 1


def _enter(command: Sequence[str], log: Path | None, env: Mapping[str, str], pass_fds: Sequence[int]) -> None:
    os.setsid()
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    if log:
        with log.open("ab") as output:
            os.dup2(output.fileno(), 1)
            os.dup2(output.fileno(), 2)
    become(command, env, pass_fds)


def become(command: Sequence[str], env: Mapping[str, str], pass_fds: Sequence[int] = ()) -> None:
    """Be what the start of a program would be: nothing of our parent's but what it handed on.

    Standard input, output and errors are what lies behind the descriptors 0, 1 and 2.
    """
    for number in signal.valid_signals():
        if callable(signal.getsignal(number)):
            ours = signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL
            signal.signal(number, ours)
    os.environ.clear()
    os.environ.update(env)
    _let_go({0, 1, 2, *pass_fds})
    sys.stdin = os.fdopen(0, closefd=False)
    sys.stdout = os.fdopen(1, "w", buffering=1, closefd=False)
    sys.stderr = os.fdopen(2, "w", buffering=1, closefd=False, errors="backslashreplace")
    sys.argv = list(command[command.index("-m") + 1 :] if "-m" in command[:2] else command[1:])
    with contextlib.suppress(OSError, ValueError):
        guise.take(command, env)


def _let_go(keep: set[int]) -> None:
    """Replace our parent's files, not close them: objects that still hold their numbers may close those."""
    null = os.open(os.devnull, os.O_RDWR)
    for number in [int(path.name) for path in Path("/proc/self/fd").iterdir()]:
        if number not in keep and number != null:
            with contextlib.suppress(OSError):
                os.fstat(number)  # the folder's own descriptor is gone by now
                os.dup2(null, number, inheritable=False)
    for number in keep:
        os.set_inheritable(number, True)
