"""Whatever happens to machine, disk, server, or process: training goes on, nothing that was logged is lost,
and each trouble is told in one line."""

import argparse
import errno
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from instrument import wait_for
from taking import Taking

import rhoscope
from rhoscope.records import MAGIC, Block, Event
from rhoscope.texts import faults
from rhoscope.tracker import journal, link
from rhoscope.tracker.composition import Composition
from rhoscope.tracker.lock import Lock


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten minutes of pauses in a second."""
    monkeypatch.setattr(link, "AGAIN_S", (0.01, 0.05))
    monkeypatch.setattr(link, "TICK_S", 0.02)
    monkeypatch.setattr("rhoscope.tracker.run.FAREWELL_S", 2.0)


@pytest.fixture
def server() -> Iterator[Taking]:
    with Taking() as server:
        yield server


def losses(records: list[bytes]) -> dict[int, float]:
    """The values of `loss`, which no record may hold twice."""
    result: dict[int, float] = {}
    for record in records:
        if record.startswith(MAGIC):
            block = Block.decode(record)
            if "loss" in block.header.names:
                values = block.values[block.header.names.index("loss")].tolist()
                fresh = dict(zip(block.steps.tolist(), values, strict=True))
                assert not fresh.keys() & result.keys()
                result |= fresh
    return result


def filed(path: Path) -> list[bytes]:
    composition = Composition("r", 1)
    result = [record for frame in journal.frames(path) for record in composition.feed(frame)]
    return [*result, *composition.cut()]


def warned(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [one.getMessage() for one in caplog.records if one.levelname == "WARNING"]


def said(server: Taking, run: Any, count: int) -> None:
    wait_for(lambda: len(losses([*server.records.values()])) >= count, 20, f"{count} rows of {run.id}")


def test_a_server_that_is_not_there_is_one_line_and_what_to_do_at_the_end_another(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    run = rhoscope.init("av", dir=tmp_path, url="http://127.0.0.1:9")
    wait_for(lambda: "does not answer" in caplog.text, 20, "the line")
    run.log({"loss": 1.0})
    run.finish()
    assert len(warned(caplog)) == 2
    assert f"rhoscope sync {run.folder}" in warned(caplog)[1]
    assert losses(filed(tmp_path / run.id / "attempt-1.rj")) == {0: 1.0}


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (401, "refuses the token"),
        (404, "too old to take runs of other programs"),
        (422, "perhaps since it is of an older version"),
        (503, "No"),
        (200, "no login in between"),
    ],
)
def test_a_server_that_fails_for_a_while_gets_everything_once_and_one_line_says_so(
    status: int, words: str, server: Taking, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    run = rhoscope.init("av", dir=tmp_path, url=server.url)
    for step in range(50):
        run.log({"loss": step / 3}, step)
    said(server, run, 49)
    server.status = status
    server.body = b"<html>Log in</html>" if status == 200 else b""
    request = server.requests
    for step in range(50, 200):
        run.log({"loss": step / 3}, step)
        if step % 10 == 0:
            time.sleep(0.03)
    wait_for(lambda: server.requests > request + 5, 20, "several tries")
    server.recover()
    for step in range(200, 220):
        run.log({"loss": step / 3}, step)
    run.finish()
    assert losses([*server.records.values()]) == {step: step / 3 for step in range(220)}
    assert Event.decode(server.records[server.last]).kind == "finished"
    (line,) = warned(caplog)
    assert words in line


def test_records_that_a_server_refuses_for_good_stay_in_the_file_and_stop_nothing(
    server: Taking, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    server.refused = set(range(2, 40))
    run = rhoscope.init("av", dir=tmp_path, url=server.url)
    for step in range(20):
        run.log({"loss": float(step)}, step)
        time.sleep(0.005)
    run.finish()
    assert Event.decode(server.records[server.last]).kind == "finished"
    assert losses(filed(tmp_path / run.id / "attempt-1.rj")) == {step: float(step) for step in range(20)}
    assert sum("refuses record" in line for line in warned(caplog)) == len(warned(caplog)) == 1


def _full(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_file: int, _data: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(journal.os, "write", full)


def test_what_a_full_disk_does_not_take_is_sent_all_the_same(
    server: Taking, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = rhoscope.init("av", dir=tmp_path, url=server.url)
    run.log({"loss": 0.0}, 0)
    with monkeypatch.context() as patch:
        _full(patch)
        for step in range(1, 60):
            run.log({"loss": float(step)}, step)
        said(server, run, 59)
    for step in range(60, 80):
        run.log({"loss": float(step)}, step)
    said(server, run, 79)
    _full(monkeypatch)
    run.log({"loss": 80.0}, 80)
    run.finish()
    monkeypatch.undo()
    everything = {step: float(step) for step in range(81)}
    assert losses([*server.records.values()]) == everything
    path = tmp_path / run.id / "attempt-1.rj"
    assert losses(filed(path)) == {step: float(step) for step in range(80)}
    disk = [line for line in warned(caplog) if "No space left" in line]
    assert 1 <= len(disk) == len(warned(caplog)) <= 2  # once for each time that it was full


def test_a_disk_that_stays_full_with_no_server_says_how_much_is_lost(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = rhoscope.init("av", dir=tmp_path, mode="offline")
    run.log({"loss": 0.0}, 0)
    with monkeypatch.context() as patch:
        _full(patch)
        patch.setattr(journal, "HELD_BYTES", 1000)
        for step in range(1, 100):
            run.log({"loss": float(step)}, step)
        run.finish()
    (line,) = [line for line in warned(caplog) if "are lost" in line]
    assert "10" in line  # 99 rows, and a few frames around them
    assert losses(filed(tmp_path / run.id / "attempt-1.rj")) == {0: 0.0}


def test_two_processes_with_one_id_in_two_folders_do_not_mix(
    server: Taking, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    other = (
        "import rhoscope, sys\nrun = rhoscope.init('av', dir=sys.argv[1], url=sys.argv[2], id='one')\n"
        "for i in range(30): run.log({'loss': 1000.0 + i}, i)\nrun.finish()\n"
    )
    run = rhoscope.init("av", dir=tmp_path / "a", url=server.url, id="one")
    for step in range(50):
        run.log({"loss": float(step)}, step)
    said(server, run, 49)
    ended = subprocess.run(
        [sys.executable, "-c", other, str(tmp_path / "b"), server.url],
        capture_output=True,
        text=True,
        check=True,
    )
    for step in range(50, 60):
        run.log({"loss": float(step)}, step)
    wait_for(lambda: "another process reports" in caplog.text, 20, "the line")
    run.finish()
    assert ended.stderr == ""
    second = [data for (attempt, _), data in server.records.items() if attempt == 2]
    assert losses(second) == {step: 1000.0 + step for step in range(30)}
    assert all(Event.decode(one).attempt == 2 for one in second if not one.startswith(MAGIC))
    assert losses(filed(tmp_path / "b" / "one" / "attempt-2.rj")) == losses(second)
    assert losses(filed(tmp_path / "a" / "one" / "attempt-1.rj")) == {step: float(step) for step in range(60)}
    assert len(warned(caplog)) == 1


def test_a_forked_child_does_not_keep_the_run_from_being_resumed(tmp_path: Path) -> None:
    run = rhoscope.init("av", dir=tmp_path, mode="offline")
    ready, write = os.pipe()
    go, done = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(write, bytes([Lock._held == {}]))
        os.read(go, 1)
        os._exit(0)
    assert os.read(ready, 1) == b"\1"
    run.finish()
    assert not Lock(Path(run.folder)).taken()
    os.write(done, b"x")
    os.waitpid(child, 0)


def test_a_clock_that_jumps_moves_no_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([1e9, 5e9, -3.0, 2e9, 0.0] * 40)
    run = rhoscope.init("av", dir=tmp_path, mode="offline")
    monkeypatch.setattr("rhoscope.tracker.attempt.time.time", lambda: next(clock))
    for step in range(50):
        run.log({"loss": float(step)}, step)
    run.finish()
    monkeypatch.undo()
    records = filed(tmp_path / run.id / "attempt-1.rj")
    assert losses(records) == {step: float(step) for step in range(50)}
    blocks = [Block.decode(one) for one in records if one.startswith(MAGIC)]
    assert all(block.header.times[0] <= block.header.times[1] for block in blocks)


def test_a_cell_run_again_begins_a_new_attempt_of_its_run(tmp_path: Path) -> None:
    for _ in range(3):
        run = rhoscope.init("av", dir=tmp_path, mode="offline", id="cell")
        for step in range(5):
            run.log({"loss": float(step)}, step)
    run.finish()
    for number in (1, 2, 3):
        assert len(losses(filed(tmp_path / "cell" / f"attempt-{number}.rj"))) == 5


class _Loop:
    """Refers to itself."""

    def __init__(self) -> None:
        self.me = {"me": self.__dict__}


@pytest.mark.parametrize(
    "given",
    [
        {"url": "http://[::1", "lines": 1},
        {"url": "http://127.0.0.1:9", "token": "a\nb", "lines": 1},
        {"config": [1, 2], "lines": 1},
        {"config": _Loop(), "lines": 1},
        {"tags": 5, "lines": 1},
        {"project": None, "lines": 1},
        {"name": 3.5, "lines": 1},
        {"id": "../../etc", "lines": 1},
        {"name": "caf\udce9", "config": {"path": "\udce9\0"}, "lines": 0},
        {"config": argparse.Namespace(lr=0.1, net={"depth": 3}), "lines": 0},
    ],
)
def test_whatever_init_is_given_it_does_not_raise(
    given: dict[str, Any],
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lines = given.pop("lines")
    monkeypatch.setenv("ODD", os.fsdecode(b"caf\xe9"))
    monkeypatch.setattr("rhoscope.facts._git", lambda *_: lambda: "\x0c" * 10**5)
    run = rhoscope.init(**{"project": "av", "dir": tmp_path, **given})
    run.log({"loss": 1.0})
    run.finish()
    given["lines"] = lines
    records = filed(tmp_path / run.id / "attempt-1.rj")
    assert losses(records) == {0: 1.0}
    for event in (Event.decode(one) for one in records if not one.startswith(MAGIC)):
        assert [*faults(event.model_dump())] == []
    first = [line for line in warned(caplog) if "rhoscope sync" not in line and "answer" not in line]
    assert len(first) == lines, warned(caplog)
