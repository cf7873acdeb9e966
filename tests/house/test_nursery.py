"""Tests start programs as copies; nobody can tell them from programs that were started."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nursery
import psutil
import pytest
import spaces
import suite_nursery
from faults import small_disk
from nursery import RHOSCOPE, SHARED

from rhoscope.local import fork

pytestmark = pytest.mark.skipif(not fork.AVAILABLE, reason="programs are started, not forked, on this system")
WAITS = [sys.executable, "-m", "trainer.run", "--local", "-"]
"""It reads all of its standard input before it does anything."""
THREADS = 0b11 << 31
"""Signals 32 and 33: the C library takes them for itself once there was a second thread."""
Facts = dict[str, Any]


@pytest.fixture(scope="module", autouse=True)
def _shared() -> Iterator[None]:
    """Copies come from a nursery for several processes, as in the whole suite."""
    nursery.nursery.cache_clear()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(SHARED, "")
        suite_nursery.share()
        yield
    nursery.nursery.cache_clear()


@pytest.fixture
def begun() -> Iterator[Callable[..., subprocess.Popen[Any]]]:
    """Programs that are gone after the test."""
    processes: list[subprocess.Popen[Any]] = []

    def begin(start: Callable[..., subprocess.Popen[Any]], **options: Any) -> subprocess.Popen[Any]:
        processes.append(start(WAITS, stdin=subprocess.PIPE, **options))
        return processes[-1]

    yield begin
    for process in processes:
        with process:
            process.kill()


def facts(process: subprocess.Popen[Any]) -> Facts:
    """What the system says of a process that waits for its input."""
    one, status = psutil.Process(process.pid), Path(f"/proc/{process.pid}/status")
    until = time.monotonic() + 60
    while "pipe_read" not in Path(f"/proc/{process.pid}/wchan").read_text() and time.monotonic() < until:
        time.sleep(0.05)
    lines = dict(line.split(":\t", 1) for line in status.read_text().splitlines())
    said: Facts = {name: int(lines[name], 16) & ~THREADS for name in ("SigBlk", "SigIgn", "SigCgt")}
    said |= {"name": lines["Name"], "umask": lines["Umask"]}
    said |= {"command": one.cmdline(), "environment": one.environ(), "folder": one.cwd(), "file": one.exe()}
    ids = (os.getsid(process.pid), os.getpgid(process.pid))
    session = [{process.pid: "its own", os.getsid(0): "ours", os.getpgrp(): "ours"}.get(i, "?") for i in ids]
    files = [Path(f"/proc/{process.pid}/fd/{number}").readlink() for number in (0, 1, 2)]
    return said | {"session": session, "files": [str(files[0])[:5], *files[1:]]}


@pytest.mark.parametrize("session", [False, True])
def test_a_copy_is_to_the_system_what_a_started_program_is(begun: Any, tmp_path: Path, session: bool) -> None:
    options = {
        "env": {**os.environ, "RHOSCOPE_DATA_DIR": str(tmp_path), "RHOSCOPE_LONG": "x" * 3000},
        "cwd": tmp_path,
        "stdout": subprocess.DEVNULL,
        "start_new_session": session,
    }
    copied, started = begun(nursery.begin, **options), begun(subprocess.Popen, **options)
    assert isinstance(copied, nursery.Raised)
    assert facts(copied) == facts(started)


def test_a_copied_command_has_the_colors_of_its_own_variables() -> None:
    def said(**given: str) -> bytes:
        nowhere = {"RHOSCOPE_API_URL": "http://127.0.0.1:9"}
        return bytes(nursery.run([RHOSCOPE, "runs"], env={**os.environ, **nowhere, **given}).stderr)

    assert b"\x1b[" in said(FORCE_COLOR="1")
    assert b"\x1b[" not in said()


def test_processes_that_share_a_nursery_are_served_by_a_copy_each(begun: Any) -> None:
    parents = []
    for _ in range(2):
        nursery.nursery.cache_clear()
        parents.append(psutil.Process(begun(nursery.begin).pid).parent())
    first, second = parents
    assert first != second
    assert first.parent() == second.parent()
    assert first.parent().cmdline()[1] == suite_nursery.__file__


def test_it_ends_by_signals_is_waited_for_and_says_how_it_ended(begun: Any) -> None:
    process = begun(nursery.begin)
    assert process.poll() is None
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(0.01)
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == -signal.SIGTERM
    assert process.poll() == process.returncode
    process.kill()  # nothing is left to kill


def test_it_stays_a_zombie_until_somebody_asks(begun: Any) -> None:
    process = begun(nursery.begin)
    process.kill()
    until = time.monotonic() + 20
    while psutil.Process(process.pid).status() != psutil.STATUS_ZOMBIE and time.monotonic() < until:
        time.sleep(0.02)
    assert psutil.Process(process.pid).status() == psutil.STATUS_ZOMBIE
    assert process.wait() == -signal.SIGKILL
    assert not psutil.pid_exists(process.pid)


WORDS = ("launch --set alpha=-", "prepare --check nowhere", "dashboard --base-path a?b")
"""Commands that do all themselves, start a program, turn into one."""


@pytest.mark.parametrize("words", WORDS)
def test_a_command_reads_and_writes_what_it_would_from_a_shell(words: str) -> None:
    """Also one that starts a program, or turns into one: that is a copy of the copy."""
    command = [RHOSCOPE, *words.split()]
    options: Facts = {"text": True, "env": {**os.environ, "COLUMNS": "70"}}
    started = subprocess.run(command, capture_output=True, check=False, **options)
    answers = [nursery.run(command, **options), started]
    codes, outputs, errors = zip(*((a.returncode, a.stdout, a.stderr) for a in answers), strict=True)
    assert codes[0] == codes[1] != 0
    assert outputs[0] == outputs[1]
    assert errors[0] == errors[1] != ""


def test_a_program_reads_what_it_is_given() -> None:
    _, refused = (nursery.run(WAITS, input=text, text=True) for text in ("", '{"alpha": -1}'))
    assert (refused.returncode, refused.stdout[:17]) == (2, '{"kind": "refused')


@pytest.mark.parametrize("name", ["OMP_NUM_THREADS", "PYTHONPATH", "LD_PRELOAD"])
def test_a_program_that_a_copy_would_not_equal_is_started(begun: Any, name: str) -> None:
    assert not isinstance(begun(nursery.begin, env={**os.environ, name: "3"}), nursery.Raised)


def spaces_of(process: int) -> dict[str, str]:
    return {kind: str(Path(f"/proc/{process}/ns/{kind}").readlink()) for kind in spaces.KINDS}


def test_it_is_in_the_namespaces_that_were_asked_for(begun: Any, tmp_path: Path) -> None:
    outside, disk = spaces_of(os.getpid()), tmp_path / "disk"
    plain, apart = begun(nursery.begin), begun(nursery.begin, within=small_disk(disk, 1))
    assert isinstance(apart, nursery.Raised)
    for process in (plain, apart):
        facts(process)  # once it waits for its input
    assert spaces_of(plain.pid) == outside
    inside = spaces_of(apart.pid)
    assert inside["mnt"] != outside["mnt"]
    assert inside["net"] == outside["net"]
    mounts = Path(f"/proc/{apart.pid}/mounts").read_text()
    assert f"small {disk} tmpfs" in mounts
    assert str(disk) not in Path("/proc/self/mounts").read_text()
