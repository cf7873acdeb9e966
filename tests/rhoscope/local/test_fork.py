"""A copy of a program that has its libraries loaded is, to everybody else, a program of its own."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path

import psutil
import pytest

from rhoscope.local import fork, guise
from rhoscope.local.process import Program, end, tail, wait_until

pytestmark = pytest.mark.skipif(not fork.AVAILABLE, reason="programs are started, not forked, on this system")
PARENT = """
import os, signal, socket, sys, time
from pathlib import Path
from rhoscope.local import guise
from rhoscope.local.fork import fork
guise.WHOLE &= {whole}
signal.signal(signal.SIGTERM, lambda *_: None)
kept, other = socket.socket(), socket.socket()
folder = Path(sys.argv[1])

def main():
{main}

command = [sys.executable, "-m", "a.module", "--run", "r1"]
env = {{"PATH": os.environ["PATH"], "ITS": "own"}}
child = fork(main, command, log=folder / "log", env=env, pass_fds=[kept.fileno()])
print(child.pid, kept.fileno(), other.fileno(), flush=True)
sys.exit(child.wait() + 1000 if len(sys.argv) < 4 else time.sleep(60))
"""
SLEEP = "print('up', flush=True); time.sleep(60)"


class Parent:
    """A program with a fork that does `main`."""

    def __init__(self, folder: Path, main: str, *more: str, whole: bool = True) -> None:
        self.log = folder / "log"
        text = PARENT.format(main=textwrap.indent(main, "    "), whole=whole)
        command = [sys.executable, "-c", text, str(folder), fork.ROOM, *more]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.pid, self.kept, self.other = map(int, self.process.stdout.readline().split())

    @cached_property
    def child(self) -> psutil.Process:
        """The fork, which must not have ended before it is first looked at."""
        return psutil.Process(self.pid)

    def until(self, word: str) -> None:
        wait_until(lambda: word in tail(self.log), self.child.is_running, "the fork", 20)

    def close(self) -> None:
        self.process.kill()
        self.process.communicate()


@pytest.fixture(params=[True, False], ids=["shown whole", "shown in its parent's place"])
def sleeping(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Parent]:
    parent = Parent(tmp_path, SLEEP, "wait", whole=request.param)
    parent.until("up")
    yield parent
    parent.close()


def ends(process: psutil.Process) -> bool:
    """Whether it ends within a while; its parent may not have noticed."""
    until = time.monotonic() + 10
    while time.monotonic() < until:
        if not process.is_running() or process.status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.02)
    return False


def output(folder: Path, main: str) -> tuple[str, str]:
    """What a fork that does this writes, and what its parent says as it ends."""
    parent = Parent(folder, main)
    _, errors = parent.process.communicate(timeout=30)
    return parent.log.read_text(), errors


def test_it_looks_like_the_program_it_stands_for(sleeping: Parent) -> None:
    command = [word for word in sleeping.child.cmdline() if word]
    assert command == [sys.executable, "-m", "a.module", "--run", "r1"]
    assert os.getsid(sleeping.child.pid) == sleeping.child.pid


def test_it_has_the_files_that_were_handed_on_and_no_others(sleeping: Parent) -> None:
    files = Path(f"/proc/{sleeping.child.pid}/fd")
    assert "socket:" in str((files / str(sleeping.kept)).readlink())
    assert str((files / str(sleeping.other)).readlink()) == os.devnull
    assert str((files / "0").readlink()) == os.devnull
    assert (files / "1").readlink() == (files / "2").readlink() == sleeping.log


def test_its_signals_are_its_own(sleeping: Parent) -> None:
    sleeping.child.send_signal(signal.SIGTERM)  # its parent does nothing on one
    assert ends(sleeping.child)


def test_a_killed_parent_takes_it_along(sleeping: Parent) -> None:
    sleeping.close()
    assert ends(sleeping.child)


def test_it_has_the_environment_and_arguments_it_was_given(tmp_path: Path) -> None:
    text, _ = output(tmp_path, "print(sorted(os.environ), sys.argv)\nreturn 0")
    assert text.strip() == "['ITS', 'PATH'] ['a.module', '--run', 'r1']"


@pytest.mark.parametrize(
    ("main", "code", "text"),
    [
        ("return 0", 0, ""),
        ("return 75", 75, ""),
        ("sys.exit(2)", 2, ""),
        ("sys.exit()", 0, ""),
        ("sys.exit('no')", 1, "no"),
        ("raise ValueError('in vain')", 1, "ValueError: in vain"),
        ("raise KeyboardInterrupt", -signal.SIGINT, "KeyboardInterrupt"),
        ("os.kill(os.getpid(), signal.SIGKILL)", -signal.SIGKILL, ""),
    ],
)
def test_its_exit_code_is_what_an_interpreter_makes_of_it(
    tmp_path: Path, main: str, code: int, text: str
) -> None:
    written = tmp_path / "log"
    child = fork.fork(_body(main), [sys.executable, "-m", "x"], log=written, env=os.environ)
    assert child.wait(20) == code
    assert child.poll() == child.returncode == code
    assert text in written.read_text()


def test_it_ends_on_request_and_waiting_has_an_end(tmp_path: Path) -> None:
    child = fork.fork(_body("time.sleep(60)"), [sys.executable, "-m", "x"], log=tmp_path / "log", env={})
    with pytest.raises(subprocess.TimeoutExpired):
        child.wait(0.01)
    end(child, grace_s=10)
    assert child.returncode == -signal.SIGTERM
    child.kill()  # nothing is left to kill


Begin = Callable[..., tuple[psutil.Process, str]]
SHOW = """
import os, sys, time
print(os.getcwd(), sys.argv[1:], "ours" in sys.modules, flush=True)
time.sleep(60)
"""


@pytest.fixture
def shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., tuple[psutil.Process, str]]]:
    """A program begun with these variables besides ours, and what it says: whether it is a copy of us."""
    (tmp_path / "show.py").write_text(SHOW)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, "ours", fork)
    begun: list[Program] = []

    def begin(*arguments: str, **variables: str) -> tuple[psutil.Process, str]:
        log = tmp_path / "said"
        begun.append(fork.begin("show", *arguments, env={**os.environ, **variables}, log=log))
        wait_until(lambda: log.exists() and log.read_text().endswith("\n"), lambda: True, "what it says", 20)
        return psutil.Process(begun[-1].pid), tail(log)

    yield begin
    for one in begun:
        end(one)


def test_a_module_begins_as_a_copy_that_others_find_as_if_it_were_started(
    shows: Begin, tmp_path: Path
) -> None:
    process, said = shows("x" * 3000, RHOSCOPE_HOUSE="here")
    assert said == f"{tmp_path} {['x' * 3000]} True"
    assert process.cmdline() == [sys.executable, "-m", "show", "x" * 3000]
    assert process.environ() == {**os.environ, "RHOSCOPE_HOUSE": "here"}
    assert process.name() == Path(sys.executable).name


@pytest.mark.parametrize(
    ("ours", "given"),
    [
        ({}, {"OMP_NUM_THREADS": "7"}),
        ({}, {"PYTHONHASHSEED": "7"}),
        ({"RHOSCOPE_API_TOKEN": "secret"}, {"RHOSCOPE_API_TOKEN": ""}),
    ],
    ids=["a library reads it at its start", "the interpreter does", "we have a secret that is not for it"],
)
def test_it_is_started_where_a_copy_would_be_another(
    shows: Begin, monkeypatch: pytest.MonkeyPatch, ours: dict[str, str], given: dict[str, str]
) -> None:
    for name, value in ours.items():
        monkeypatch.setenv(name, value)
    _, said = shows(**given)
    assert said.endswith("[] False")


def test_it_is_started_where_the_system_would_not_show_it(
    shows: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guise, "WHOLE", False)
    _, said = shows()
    assert said.endswith("[] False")


def _body(code: str) -> fork.Main:
    names: dict[str, object] = {"os": os, "sys": sys, "signal": signal, "time": time}
    exec(f"def main():\n{textwrap.indent(code, '    ')}", names)
    return names["main"]  # type: ignore[return-value]
