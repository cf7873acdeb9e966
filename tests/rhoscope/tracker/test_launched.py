"""`rhoscope.init` in a program that a worker launched: files to and from the worker, and nothing else."""

import hashlib
from pathlib import Path
from typing import Any

import pytest
from instrument import wait_for

import rhoscope
from rhoscope.commands import Command
from rhoscope.guests import Numbered
from rhoscope.media import opened
from rhoscope.records import MAGIC, Block, Event
from rhoscope.tracker import start
from rhoscope.tracker.checkpoints import Saved, inherit
from rhoscope.tracker.launched import Launched, append
from trainer.programs.reports import Reports


@pytest.fixture
def launched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Launched:
    one = Launched("0f3a2b", 2, tmp_path / "programs" / "0f3a2b")
    for name, value in one.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(start, "_present", [])
    return one


def records(reports: Reports) -> list[Block | Event]:
    return [
        Block.decode(data) if data[:4] == MAGIC else Event.decode(data)
        for _, data in reports.read(whole=True)
    ]


def order(number: int, verb: str, **fields: Any) -> Numbered:
    return Numbered(
        number=number,
        command=Command.model_validate({"id": f"c{number}", "verb": verb, "time": 0, **fields}),
    )


def test_what_it_logs_is_the_launched_runs_whatever_it_asks_for(launched: Launched, tmp_path: Path) -> None:
    run = rhoscope.init(url="http://127.0.0.1:9", id="mine", dir=tmp_path / "elsewhere")
    assert run.id == "0f3a2b"
    assert run.link is not None
    for step in range(3):
        run.log({"loss": 1.0 / (step + 1)}, step=step + 5)
    saved = tmp_path / "7.pt"
    saved.write_bytes(b"1234")
    run.checkpoint(saved)
    run.log({"loss": 0.1}, step=8)
    run.finish("failed", "out of data")
    assert not (tmp_path / "elsewhere").exists()
    reports = Reports(launched, "w1")
    started, first, kept, second = records(reports)
    assert isinstance(started, Event)
    assert isinstance(first, Block)
    assert isinstance(kept, Event)
    assert isinstance(second, Block)
    assert (started.kind, started.attempt, started.data["worker"]) == ("started", 2, "w1")
    assert started.data["start_step"] == 5
    assert (first.steps.tolist(), second.steps.tolist()) == ([5, 6, 7], [8])
    assert (kept.kind, kept.step, kept.data["path"], kept.data["bytes"]) == ("checkpoint", 8, str(saved), 4)
    assert kept.data["kept"] == [kept.data["name"]]
    assert reports.said is not None
    assert (reports.said.state, reports.step) == ("failed", 9)


def test_what_is_to_be_seen_travels_with_its_event_once(launched: Launched) -> None:
    run = rhoscope.init(system=False)
    for step in range(2):
        run.log({"loss": 1.0}, step=step)
        run.media("note", "hello", step=step)
    run.media("gone", "lost")
    run.finish()
    (launched.media / hashlib.sha256(b"lost").hexdigest()).unlink()
    shown = [one for one in records(Reports(launched, "w1")) if isinstance(one, Event)]
    items = [one.data for one in shown if one.kind == "media"]
    assert opened(items[0]["content"], items[0]["digest"], "text")[1] == b"hello"
    assert "content" not in items[1]
    assert items[1]["digest"] == items[0]["digest"]
    (line,) = [one.data["line"] for one in shown if one.kind == "log"]
    assert line.startswith("'gone' is not shown")
    launched.clear()
    assert not launched.media.exists()


def test_checkpoints_of_an_attempt_on_another_machine_stay_kept_while_they_are_there(tmp_path: Path) -> None:
    earlier = {name: tmp_path / name for name in ("10.pt", "20.pt", "gone.pt")}
    for name in ("10.pt", "20.pt", "30.pt"):
        (tmp_path / name).touch()
    inherit(tmp_path, {f"program-{name}": str(path) for name, path in earlier.items()})
    about = Saved(tmp_path).note(str(tmp_path / "30.pt"), 30)
    assert about["kept"] == ["program-10.pt", "program-20.pt", about["name"]]
    inherit(tmp_path, {})
    assert len(Saved(tmp_path).note(str(tmp_path / "20.pt"), 20)["kept"]) == 3


def test_a_checkpoint_that_was_overwritten_or_removed_is_no_longer_kept(
    launched: Launched, tmp_path: Path
) -> None:
    run = rhoscope.init()
    paths = [tmp_path / name for name in ("last.pt", "a.pt", "b.pt")]
    for step, path in enumerate([*paths, paths[0]]):
        path.write_bytes(b"")
        if step == 3:
            paths[1].unlink()
        run.checkpoint(path, step)
    run.checkpoint(tmp_path / "nothing.pt", 9)
    run.finish()
    events = [one for one in records(Reports(launched, "w1")) if isinstance(one, Event)]
    made = [one for one in events if one.kind == "checkpoint"]
    names = [one.data["name"] for one in made]
    assert [one.step for one in made] == [0, 1, 2, 3]
    assert made[-1].data["kept"] == [names[2], names[3]]


def test_orders_come_by_file_and_a_pause_lets_it_leave_its_loop(launched: Launched) -> None:
    run = rhoscope.init()
    lr = run.knob("lr", 0.1, ge=0)
    append(launched.orders, order(7, "set", settings={"lr": 0.2}, who="ann"))
    append(launched.orders, order(8, "set", settings={"depth": 3}))
    append(launched.orders, order(9, "pause"))
    wait_for(lambda: run.should_stop, 10, "the orders")
    assert lr() == 0.2
    run.finish()
    events = [one for one in records(Reports(launched, "w1")) if isinstance(one, Event)]
    (turned,) = [one.data for one in events if one.kind == "setting"]
    assert (turned["new"], turned["who"], turned["cursor"]) == (0.2, "ann", "7")
    assert any("depth was not changed" in one.data.get("line", "") for one in events)


def test_a_second_process_reports_after_the_first_and_none_beside_it(
    launched: Launched, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = rhoscope.init()
    first.log({"loss": 1.0}, step=0)
    monkeypatch.setattr("rhoscope.tracker.lock.Lock.take", lambda _: False)
    assert rhoscope.init().id == ""
    monkeypatch.undo()
    for name, value in launched.environment().items():
        monkeypatch.setenv(name, value)
    later = rhoscope.init()
    later.log({"loss": 0.5}, step=1)
    later.finish()
    result = records(Reports(launched, "w1"))
    assert [one.steps.tolist() for one in result if isinstance(one, Block)] == [[0], [1]]


@pytest.mark.parametrize(
    "given", [{}, {"RHOSCOPE_RUN": "../x"}, {"RHOSCOPE_ATTEMPT": "0"}, {"RHOSCOPE_DIR": ""}]
)
def test_half_an_address_is_no_launched_run(given: dict[str, str]) -> None:
    whole = Launched("a", 1, Path("/x/a")).environment()
    assert Launched.present(whole) is not None
    assert Launched.present({**whole, **given} if given else {}) is None
