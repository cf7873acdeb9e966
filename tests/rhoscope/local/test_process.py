"""Children end when they are told to, when their parent dies, and when they do not listen."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from rhoscope.errors import Unavailable
from rhoscope.local.process import end, spawn, tail, wait_until

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


def test_waiting_for_a_program_that_died_says_so(tmp_path: Path) -> None:
    process = spawn([sys.executable, "-c", "raise SystemExit(3)"], log=tmp_path / "log")
    with pytest.raises(Unavailable, match="ended while starting"):
        wait_until(lambda: False, lambda: process.poll() is None, "The program", 20)
