"""A user's program as a group of processes: its end, its last words, and what it had started."""

import os
import sys
from pathlib import Path

import psutil
import pytest
from instrument import is_alive, wait_for

from rhoscope.errors import InvalidInput
from trainer.programs.child import LAST_BYTES, Child

DEAF = "trap '' TERM; sleep 1000 & echo $! > pid; wait; sleep 1000"


def child(folder: Path, *command: str) -> Child:
    return Child(command, folder, {"PATH": os.environ["PATH"]})


def ended(one: Child) -> int:
    wait_for(lambda: one.code() is not None, 30, "its end")
    one.clear()
    one.drain(lambda: None)
    return one.code() or 0


def test_the_last_lines_of_its_errors_are_kept_and_few(tmp_path: Path) -> None:
    loop = "for i in range(10000): sys.stderr.write(f'{i}\\r')"
    says = f"import sys\n{loop}\nprint('out')\nraise ValueError('end')"
    one = child(tmp_path, sys.executable, "-c", says)
    assert ended(one) == 1
    words = one.last_words()
    assert words.endswith("ValueError: end")
    assert "9999" in words
    assert len(words) < LAST_BYTES


def test_what_it_prints_is_there_as_lines_of_both_streams(tmp_path: Path) -> None:
    says = r"printf 'one\ntw'; printf 'a\r\033[31mb\377\n' >&2; printf 'o'"
    one = child(tmp_path, "/bin/sh", "-c", says)
    assert ended(one) == 0
    assert sorted(one.printed.lines()) == ["b\ufffd", "one"]
    assert one.printed.lines(whole=True) == ["two"]


def test_one_that_is_deaf_is_killed_with_what_it_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trainer.programs.child.TERM_S", 0.2)
    one = child(tmp_path, "/bin/sh", "-c", DEAF)
    pid = wait_for(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text().strip(), 30, "it")
    other = psutil.Process(int(pid))
    one.end()
    assert ended(one) == -9
    wait_for(lambda: not is_alive(other), 10, "the end of what it started")


def test_what_it_leaves_behind_ends_with_it(tmp_path: Path) -> None:
    one = child(tmp_path, "/bin/sh", "-c", "sleep 1000 & echo $! > pid")
    assert ended(one) == 0
    other = int((tmp_path / "pid").read_text())
    wait_for(lambda: not psutil.pid_exists(other) or not is_alive(psutil.Process(other)), 10, "its end")


def test_one_that_can_not_be_started_says_why(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="The program can't be started: "):
        child(tmp_path, str(tmp_path / "nothing"))
