"""What a program prints goes where it went, and is kept beside it: by lines, bounded, of no forked child."""

import os
import sys
from pathlib import Path

import pytest

import rhoscope
from rhoscope.records import Event
from rhoscope.tracker import console, journal
from rhoscope.tracker.console import Console, Printed, portions


def say(text: str, end: str = "\n") -> None:
    sys.stdout.write(text + end)
    sys.stdout.flush()


def printed(path: Path) -> list[str]:
    events = [Event.decode(f.payload) for f in journal.frames(path) if f.kind == journal.EVENT]
    return [line for event in events if event.kind == "console" for line in event.data["lines"]]


def test_complete_lines_are_kept_and_the_terminal_sees_all_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    before = sys.stdout
    taken = Console()
    say("one\ntwo", "")
    sys.stderr.write("\x1b[31mred\x1b[0m\n")
    assert taken.lines() == ["one", "red"]
    say("\r  0%|\r 99%|", "")
    assert taken.lines() == []
    say("\r100%|")
    assert taken.lines() == ["100%|"]
    say("no end", "")
    assert taken.lines(whole=True) == ["no end"]
    taken.close()
    assert sys.stdout is before
    assert capsys.readouterr().out == "one\ntwo\r  0%|\r 99%|\r100%|\nno end"


def test_a_stream_that_was_replaced_since_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", sys.stdout)
    taken = Console()
    other = sys.__stdout__
    sys.stdout = other  # type: ignore[assignment]
    taken.close()
    assert sys.stdout is other


def test_a_flood_is_cut_and_says_how_much_is_missing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(console, "BURST", 1000)
    monkeypatch.setattr(console, "SUSTAINED", 0)
    taken = Console()
    for number in range(200):
        say(f"line {number:4}")
    kept = taken.lines()
    assert kept == [f"line {number:4}" for number in range(100)]
    taken._budget = 1000.0
    say("again")
    assert taken.lines() == ["… 100 lines were left out here.", "again"]
    taken.close()
    assert capsys.readouterr().out.count("\n") == 201


def test_the_end_of_a_flood_is_kept_behind_the_number_of_lines_that_are_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(console, "BURST", 24)
    monkeypatch.setattr(console, "SUSTAINED", 0)
    printed = Printed()
    for number in range(100):
        printed.add("stdout", f"line {number:6}\n")
    assert printed.lines() == ["line      0", "line      1"]
    printed.add("stderr", "ValueError: end")
    rest = printed.lines(whole=True)
    assert rest == [
        "… 79 lines were left out here.",
        *(f"line {n:6}" for n in range(81, 100)),
        "ValueError: end",
    ]
    assert printed.lines(whole=True) == []


def test_lines_travel_in_events_of_bounded_size() -> None:
    groups = portions(["x" * 2000] * 100)
    assert sum(map(len, groups)) == 100
    assert all(sum(map(len, group)) <= console.MOST_AT_ONCE for group in groups)
    assert portions([]) == []


def test_a_run_keeps_what_is_printed_but_not_what_a_forked_child_prints(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    run = rhoscope.init("av", dir=tmp_path, mode="offline")
    say("parent")
    child = os.fork()
    if child == 0:
        say("child")
        os._exit(0)
    os.waitpid(child, 0)
    say("the end")
    run.finish()
    assert printed(tmp_path / run.id / "attempt-1.rj") == ["parent", "the end"]
    assert "child" in capfd.readouterr().out
    off = rhoscope.init("av", dir=tmp_path, mode="offline", console=False, system=False)
    say("unseen")
    off.finish()
    assert printed(tmp_path / off.id / "attempt-1.rj") == []


def test_it_is_full_before_anything_unread_is_pushed_out() -> None:
    flood = Printed()
    parts = 0
    while not flood.full("stdout"):
        flood.add("stdout", "x\n")
        parts += 1
    assert not flood.full("stderr")
    lines = flood.lines(whole=True)
    assert not flood.full("stdout")
    kept = [line for line in lines if line == "x"]
    left_out = sum(int(line.split()[1]) for line in lines if line.startswith("…"))
    assert len(kept) + left_out == parts
