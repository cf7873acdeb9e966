"""Children end when they are told to, when their parent dies, and when they do not listen."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from rhoscope.errors import Unavailable
from rhoscope.local.process import carrying, end, end_all, spawn, tail, wait_until

SLEEP = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(60)"]
DEAF_PROGRAM = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print('up', flush=True)
time.sleep(60)
"""
DEAF = [sys.executable, "-c", DEAF_PROGRAM]
PARENT = """
import sys, time
from pathlib import Path
from rhoscope.local.process import spawn
print(spawn([sys.executable, "-c", "import time; time.sleep(60)"]).pid, flush=True)
time.sleep(60)
"""


def started(command: list[str], log: Path) -> subprocess.Popen[bytes]:
    process = spawn(command, log=log)
    wait_until(lambda: "up" in tail(log), lambda: process.poll() is None, "the child", 20)
    return process


def test_a_child_ends_on_request(tmp_path: Path) -> None:
    process = started(SLEEP, tmp_path / "log")
    end(process)
    assert process.returncode == -signal.SIGTERM


def test_a_child_that_does_not_listen_is_killed_after_its_grace(tmp_path: Path) -> None:
    process = started(DEAF, tmp_path / "log")
    end(process, grace_s=0.2)
    assert process.returncode == -signal.SIGKILL


def test_a_killed_parent_takes_its_children_along() -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = psutil.Process(int(parent.stdout.readline()))
        parent.kill()
    until = time.monotonic() + 5
    while child.is_running() and child.status() != psutil.STATUS_ZOMBIE and time.monotonic() < until:
        time.sleep(0.02)
    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE


OTHER_SYSTEM = """
import sys, time
from rhoscope.local import process
process._LIBC = None
if len(sys.argv) > 1:
    process.watch_parent()
    print('up', flush=True)
else:
    print(process.spawn([sys.executable, __file__, "child"]).pid, flush=True)
time.sleep(60)
"""


def test_where_the_kernel_can_not_a_killed_parent_takes_its_children_along_too(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(OTHER_SYSTEM)
    with subprocess.Popen([sys.executable, str(program)], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = psutil.Process(int(parent.stdout.readline()))
        assert parent.stdout.readline() == "up\n"
        parent.kill()
    psutil.wait_procs([child], timeout=10)
    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE


def test_whoever_carries_a_mark_is_found_and_ended_whoever_its_parent_is(tmp_path: Path) -> None:
    environment = {"MARK": str(tmp_path), "PATH": ""}
    shells = [spawn(command, env=environment, log=tmp_path / "log") for command in (SLEEP, DEAF)]
    wait_until(lambda: tail(tmp_path / "log").count("up") == 2, lambda: True, "both", 20)
    marked = carrying("MARK", str(tmp_path))
    assert {process.pid for process in marked} == {shell.pid for shell in shells}
    assert carrying("MARK", str(tmp_path), PATH="") == marked
    assert carrying("MARK", str(tmp_path), PATH="other") == []
    end_all(marked, grace_s=0.5)
    assert carrying("MARK", str(tmp_path)) == []
    assert [shell.wait(5) is None for shell in shells] == [False, False]


def test_waiting_for_a_program_that_died_says_so(tmp_path: Path) -> None:
    process = spawn([sys.executable, "-c", "raise SystemExit(3)"], log=tmp_path / "log")
    with pytest.raises(Unavailable, match="ended while starting"):
        wait_until(lambda: False, lambda: process.poll() is None, "The program", 20)
