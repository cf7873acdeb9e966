"""What a run costs besides its steps, counted: many programs are a hundred short runs in turn."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from taking import Taking

import rhoscope
from rhoscope.records import MAGIC, Event
from rhoscope.tracker import link
from rhoscope.tracker.lock import Lock

RUNS = 3


@pytest.fixture
def server() -> Iterator[Taking]:
    with Taking() as server:
        yield server


def open_files() -> int:
    return len([*Path("/dev/fd").iterdir()])


def short(folder: Path, **options: Any) -> Any:
    run = rhoscope.init("av", dir=folder, **options)
    for step in range(5):
        run.log({"loss": float(step)}, step)
    run.finish()
    return run


def test_a_short_run_asks_git_twice_and_makes_a_request_for_each_record_and_one(
    server: Taking, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[list[str]] = []
    begin = subprocess.Popen.__init__

    def count(process: Any, command: Any, *rest: Any, **options: Any) -> None:
        started.append(command)
        begin(process, command, *rest, **options)

    monkeypatch.setattr(link, "TICK_S", 60.0)  # it ends before anything is sent
    short(tmp_path, url=server.url)  # what a process asks the machine once it does not ask again
    monkeypatch.setattr(subprocess.Popen, "__init__", count)
    for n in range(1, RUNS + 1):
        server.records.clear()
        requests = server.requests
        short(tmp_path, url=server.url)
        assert [command[:2] for command in started] == n * [["git", "diff"], ["git", "rev-parse"]]
        kinds = [
            "block" if one.startswith(MAGIC) else Event.decode(one).kind for one in server.records.values()
        ]
        assert kinds == ["started", "started", "block", "finished"]
        assert server.requests - requests == 1 + len(kinds)


def test_a_process_of_many_runs_keeps_no_file_open_of_those_that_ended(
    server: Taking, tmp_path: Path
) -> None:
    for options in ({"mode": "offline"}, {"url": server.url}):
        server.records.clear()
        before = open_files()
        folders = [short(tmp_path, **options).folder for _ in range(RUNS)]
        assert not any(Lock(Path(folder)).taken() for folder in folders)
        assert open_files() <= before
