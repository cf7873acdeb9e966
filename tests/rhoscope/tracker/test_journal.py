"""The file comes first: whatever happens to it, what it holds is read back, always as the same records."""

import errno
import math
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rhoscope.records import MAGIC, Block, Event
from rhoscope.tracker.composition import Composition
from rhoscope.tracker.journal import Frame, Journal, frames


def written(path: Path) -> Path:
    journal = Journal(path)
    journal.event(Event(run="r", attempt=1, kind="started", step=0, time=1.0).encode())
    for step in range(4):
        journal.row(("loss",), step, 1.0 + step, [step / 3])
        journal.row(("rho",), step, 1.0 + step, [math.nan])
    journal.cut(2)
    journal.row(("late",), 1, 9.0, [7.0])
    journal.cut(3)
    journal.close()
    return path


def records(read: list[Frame]) -> list[bytes]:
    composition = Composition("r", 1)
    return [record for frame in read for record in composition.feed(frame)]


def test_rows_of_a_step_are_one_and_a_late_value_is_an_event(tmp_path: Path) -> None:
    started, first, late, last = records(list(frames(written(tmp_path / "j"))))
    assert Event.decode(started).kind == "started"
    block = Block.decode(first)
    assert (block.header.names, block.steps.tolist()) == (["loss", "rho"], [0, 1, 2])
    assert block.values[0].tolist() == [0.0, 1 / 3, 2 / 3]
    assert Event.decode(late).values() == {"late": 7.0}
    assert Block.decode(last).steps.tolist() == [3]


def test_a_file_cut_anywhere_gives_what_was_whole_before(tmp_path: Path) -> None:
    path = written(tmp_path / "j")
    data, whole = path.read_bytes(), list(frames(path))
    for size in range(len(data) + 1):
        path.write_bytes(data[:size])
        assert list(frames(path)) == [frame for frame in whole if frame.end <= size]


def test_nothing_is_read_behind_a_byte_that_was_changed(tmp_path: Path) -> None:
    path = written(tmp_path / "j")
    data, whole = bytearray(path.read_bytes()), list(frames(path))
    data[whole[3].end - 1] ^= 1
    path.write_bytes(data)
    assert list(frames(path)) == whole[:3]


@given(st.lists(st.integers(0, 30), max_size=8))
def test_records_are_the_same_in_whatever_portions_a_file_is_read(places: list[int]) -> None:
    path = Path(os.environ.get("TMPDIR", "/tmp")) / f"journal-{os.getpid()}"
    path.unlink(missing_ok=True)
    whole = list(frames(written(path)))
    composition, result, place = Composition("r", 1), [], 0
    for stop in [*sorted({min(p, len(whole)) for p in places}), len(whole)]:
        for frame in frames(path, place):
            if frame.end > whole[stop - 1].end:
                break
            result += list(composition.feed(frame))
            place = frame.end
    assert result == records(whole)


def test_a_full_disk_loses_nothing_once_there_is_room_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = Journal(tmp_path / "j")
    write = os.write

    def full(file: int, data: bytes) -> int:
        write(file, data[:3])
        raise OSError(errno.ENOSPC, "No space left on device")

    journal.row(("loss",), 0, 1.0, [0.0])
    monkeypatch.setattr(os, "write", full)
    journal.row(("loss",), 1, 1.0, [1.0])
    journal.row(("loss",), 2, 1.0, [2.0])
    assert "No space left" in journal.trouble
    monkeypatch.setattr(os, "write", write)
    journal.row(("loss",), 3, 1.0, [3.0])
    journal.cut(3)
    assert journal.trouble == ""
    (block,) = records(list(frames(tmp_path / "j")))
    assert block.startswith(MAGIC)
    assert Block.decode(block).values[0].tolist() == [0.0, 1.0, 2.0, 3.0]
