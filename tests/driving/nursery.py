"""Programs of ours that begin as copies of one process, the nursery, which has loaded what they would load.

Tests start hundreds of programs, and each would spend seconds of a processor on the same imports. A copy is a
process of its own: with its own command line, environment, files, signals, namespaces, and exit code. Where a
copy would not be the same (other variables that are read once, a program of others), it is started.
"""

import atexit
import json
import os
import runpy
import select
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any

import spaces
from heirs import TORCHRUN, spread
from loaded import PATHS, RHOSCOPE, elsewhere, load, paths, ready

from rhoscope.local import fork, guise
from rhoscope.local.process import die_with_parent

PACKAGES = ("backend", "benchmarks", "dashboard", "ranks", "replica", "sphinx", "tensorboard", "trainer")
SHARED = "SHARED_NURSERY"
"""The variable that names the place of the one that all processes of a suite share (`suite_nursery.py`)."""
LARGEST, MOST_FILES = 2**20, 3 + len(spaces.KINDS)


class Nursery:
    """That process; it takes one request after the other, and is gone when we are."""

    def __init__(self) -> None:
        self._ours, self._theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._lock = threading.Lock()
        self.variables = {n: v for n, v in os.environ.items() if not n.startswith("RHOSCOPE_")}

    def start(self, *program: str, doors: Sequence[int] = ()) -> "Nursery":
        """In a process that is started; of a program that also serves others, at these doors."""
        numbers = [self._theirs.fileno(), *doors]
        process = subprocess.Popen(
            [sys.executable, *(program or [__file__]), *map(str, numbers)],
            env=self.variables,
            pass_fds=numbers,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
        self._theirs.close()
        atexit.register(self._close, process)
        return self

    def copy(self) -> "Nursery":
        """In a copy of this process, where this one has loaded what programs load."""
        if os.fork() == 0:
            self._ours.close()
            fork.perform(partial(serve, self._theirs))
        self._theirs.close()
        return self

    def join(self, place: str) -> "Nursery":
        """In a copy of the one that all processes of a suite share, at this place."""
        self._theirs.close()
        self._ours.close()
        self._ours = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._ours.connect(place)
        atexit.register(self._ours.close)
        return self

    def ask(self, files: Sequence[int] = (), **request: Any) -> int:
        with self._lock:
            socket.send_fds(self._ours, [json.dumps(request).encode()], files)
            return int(self._ours.recv(LARGEST))

    def _close(self, process: subprocess.Popen[bytes]) -> None:
        self._ours.close()
        process.wait()


@cache
def nursery() -> Nursery:
    """The one of this process, from its first use on; in a copy it is a copy."""
    if COPIED:
        return Nursery().copy()
    return Nursery().join(os.environ[SHARED]) if SHARED in os.environ else Nursery().start()


def learn(*modules: str) -> None:
    """Let copies to come begin with these loaded, too; nothing where programs are started."""
    if _is_at_home(os.environ):
        nursery().ask(load=modules)


class Copy(subprocess.Popen[Any]):
    """A program that begins as a copy of this one: what programs that are copies begin themselves."""

    def __init__(self, command: Sequence[str], within: str | int = spaces.THREAD, **options: Any) -> None:
        """`within` is a process whose namespaces it is in; those of our thread, otherwise."""
        self._within = within
        ties = {"session": "start_new_session", "dies": "preexec_fn"}
        self._ties = {name: bool(options.get(option)) for name, option in ties.items()}
        super().__init__(command, **options)

    def _execute_child(self, args: Any, *rest: Any) -> None:
        cwd, env, pipes = rest[4], rest[5], rest[9:15]
        files = [given if given >= 0 else place for place, given in enumerate((pipes[0], pipes[3], pipes[5]))]
        here = {
            "cwd": str(cwd or Path.cwd()),
            "umask": _umask(),
            "env": {**(os.environ if env is None else env)},
        }
        with spaces.of(self._within) as around:
            self.pid = self._begin({"command": list(args), **here, **self._ties}, [*files, *around])
        self._child_created = True
        self._close_pipe_fds(*pipes)

    def _begin(self, request: Mapping[str, Any], files: Sequence[int]) -> int:
        if (pid := os.fork()) == 0:
            fork.perform(partial(live, request, files, os.getppid()))
        return pid


class Raised(Copy):
    """A program that began as a copy: a child of the nursery, which tells what it ended with."""

    @property
    def home(self) -> Nursery:
        """Whose child it is."""
        return nursery()

    def _begin(self, request: Mapping[str, Any], files: Sequence[int]) -> int:
        self._nursery = self.home
        pid = self._nursery.ask(files, **request)
        self._handle = os.pidfd_open(pid)
        return pid

    def _try_wait(self, flags: int) -> tuple[int, int]:
        """Until we ask, it stays a zombie, as a child of ours would."""
        if not select.select([self._handle], [], [], 0 if flags else None)[0]:
            return 0, 0
        os.close(self._handle)
        return self.pid, self._nursery.ask(reap=self.pid)

    def _internal_poll(self, _deadstate: int | None = None, **_: Any) -> int | None:
        if self.returncode is None and self._waitpid_lock.acquire(blocking=False):  # else somebody waits
            try:
                if self.returncode is None and (ended := self._try_wait(os.WNOHANG))[0]:
                    self._handle_exitstatus(ended[1])
            finally:
                self._waitpid_lock.release()
        return self.returncode


def begin(
    command: Sequence[str], within: Sequence[str] = (), beside: int = 0, **options: Any
) -> subprocess.Popen[Any]:
    """As `subprocess.Popen`, which it is; only that a program of ours may begin as a copy.

    `within` is a command that runs the one after it in namespaces of its own, in the same process; `beside` a
    process with the namespaces that it is to be in, as a child where those have numbers of their own.
    """
    env = options.get("env")
    within = ["nsenter", "--all", f"--target={beside}"] if beside else within
    if not (_is_ours(command) and _is_at_home(os.environ if env is None else env)):
        return subprocess.Popen([*within, *command], **options)
    if beside or not within:
        return Raised(command, beside or spaces.THREAD, **options)
    pipe = subprocess.PIPE
    ready = [*within, "sh", "-c", "echo && exec cat"]
    with subprocess.Popen(ready, env=env, stdin=pipe, stdout=pipe) as first:
        _ = first.stdout and first.stdout.readline()
        return Raised(command, first.pid, **options)


def follow(command: Sequence[str], **options: Any) -> subprocess.Popen[Any]:
    """As `begin`, in a copy: what it starts begins as a copy of it."""
    env = os.environ if options.get("env") is None else options["env"]
    same = _is_ours(command) and fork.may_copy(elsewhere(os.environ), elsewhere(env))
    return (Copy if same else subprocess.Popen)(list(command), **options)


def run(command: Sequence[str], timeout_s: float = 240, **options: Any) -> subprocess.CompletedProcess[Any]:
    """What a program wrote and ended with, as `subprocess.run` has it."""
    given = options.pop("input", None)
    options |= {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    options |= {} if given is None else {"stdin": subprocess.PIPE}
    with begin(command, **options) as process:
        try:
            out, err = process.communicate(given, timeout_s)
        except BaseException:
            process.kill()
            raise
    return subprocess.CompletedProcess(command, process.returncode, out, err)


def spawn(command: Sequence[str], *, log: Path, env: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """As `rhoscope.local.process.spawn`."""
    dies = partial(die_with_parent, parent=os.getpid())
    files: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stderr": subprocess.STDOUT}
    with log.open("ab") as out:
        return begin(command, env=env, stdout=out, start_new_session=True, preexec_fn=dies, **files)


def _is_ours(command: Sequence[str]) -> bool:
    words = [*command, "", ""]
    return words[0] == RHOSCOPE or (
        words[:2] == [sys.executable, "-m"]
        and (words[2] == TORCHRUN or words[2].partition(".")[0] in PACKAGES)
    )


def _is_at_home(env: Mapping[str, str]) -> bool:
    """Whether a copy would be the same under these variables."""
    alone = os.environ.get("OMP_NUM_THREADS") == "1"  # else libraries may begin threads as they are loaded
    possible = alone and fork.AVAILABLE and guise.WHOLE
    return possible and fork.may_copy(elsewhere(nursery().variables), elsewhere(env))


def _umask() -> int:
    (line,) = (one for one in Path("/proc/self/status").read_text().splitlines() if one.startswith("Umask:"))
    return int(line.split()[1], 8)


def settle() -> None:
    """In a copy that is a benchmark: what it starts begins as a copy of it."""
    global COPIED  # noqa: PLW0603 -- of this process, which is another one than it was
    COPIED = True
    nursery()  # now, before there is any thread
    programs, tracker = (sys.modules[f"benchmarks.rig.{name}"] for name in ("programs", "trackers.tracker"))
    vars(programs).update(start=begin, spawn=spawn)
    vars(tracker).update(start=begin)
    browser, chromium = (sys.modules[name] for name in ("benchmarks.rig.browser", "chromium"))
    flags = chromium.FLAGS + chromium.BRIEF
    vars(browser).update(PROGRAMS=[str(chromium.EXECUTABLE)], FLAGS=flags, opens=chromium.beside)


def serve(door: socket.socket, be: Callable[..., int] | None = None) -> int:
    """Begin programs, or copies that are something else, and say what they ended with, for whoever asks."""
    while True:
        text, files, _, _ = socket.recv_fds(door, LARGEST, MOST_FILES)
        if not text:
            return 0
        request = json.loads(text)
        if "load" in request:
            answer = load(*request["load"])
        elif "reap" in request:
            answer = os.waitpid(request["reap"], 0)[1]
        elif (answer := os.fork()) == 0:
            fork.perform(partial(be or live, request, files, os.getppid()))
        for number in files:
            os.close(number)
        door.send(str(answer).encode())


def live(request: Mapping[str, Any], files: Sequence[int], parent: int) -> int:
    """Be the program of a request, in a process that has just begun."""
    if request["session"]:
        os.setsid()
    spaces.enter(files[3:])
    os.chdir(request["cwd"])
    os.umask(request["umask"])
    for place, number in enumerate(files[:3]):
        os.dup2(number, place)
    command: list[str] = request["command"]
    if command[0] != RHOSCOPE:
        fork.become(command, request["env"])
    else:
        fork.become([sys.executable, *command], request["env"])
    sys.path[1:1] = [path for path in paths(request["env"]) if path in PATHS]
    if request["dies"]:
        die_with_parent(parent=parent)
    spread(command, follow, _is_ours)
    if command[0] != RHOSCOPE:
        if command[2].startswith("benchmarks."):
            sys.modules["nursery"].settle()  # as `instrument` has loaded it
        return fork.run_module(command[2])
    runpy.run_path(RHOSCOPE, run_name="__main__")
    return 0


COPIED = False
"""Whether this is a copy itself, as benchmarks are."""

if __name__ == "__main__":
    ready()
    serve(socket.socket(fileno=int(sys.argv[1])))
