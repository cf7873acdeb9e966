"""A guest run in its program: nothing raises, nothing is lost, orders are carried out between two steps."""

import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from guest_files import GuestFile
from instrument import wait_for

import rhoscope
from rhoscope.commands import Command
from rhoscope.guests import Numbered
from rhoscope.tracker.run import Run

BEGIN = "import rhoscope, os, sys, time\nrun = rhoscope.init('av', {'lr': 0.1}, dir=sys.argv[1], id='one')\n"


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return rhoscope.init("av", {"lr": 0.1}, dir=tmp_path, mode="offline")


def order(run: Run, number: int, verb: Any, **fields: Any) -> None:
    assert run.link
    command = Command(id=f"c{number}", verb=verb, time=0.0, who="me", **fields)
    run.link.orders.append(Numbered(number=number, command=command))


def program(folder: Path, text: str, **options: Any) -> "subprocess.Popen[str]":
    heeds = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # as at a terminal
    command = [sys.executable, "-c", heeds + BEGIN + text, str(folder)]
    return subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, **options)


def test_nothing_that_is_logged_raises_and_what_is_no_number_is_said_once(
    run: Run, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    odd: list[Any] = [{"a": "x"}, {"a": None}, {3: 1.0}, {"": 1.0}, {"a": object()}, {"a": [1, 2]}]
    for values in odd:
        run.log(values)
    for step in (-1, 2**53, "x", None, float("nan")):
        run.log({"b": 1.0}, step=step)  # type: ignore[arg-type]
    run.log({"b": float("nan"), "c": True, "d": 2**80}, step=7)
    run.finish()
    assert sum("left out" in line for line in caplog.messages) == 1
    assert GuestFile(tmp_path, run=run.id).series("d") == {7: 2.0**80}


def test_after_the_end_and_when_disabled_nothing_happens(run: Run, tmp_path: Path) -> None:
    run.finish("stopped", "Enough.")
    run.finish()
    run.log({"a": 1.0})
    assert [e.data["state"] for e in GuestFile(tmp_path, run=run.id).of("finished")] == ["stopped"]
    off = rhoscope.init("av", mode="disabled", dir=tmp_path / "none")
    off.log({"a": 1.0})
    assert (off.knob("lr", 0.1)(), off.should_stop, off.id) == (0.1, False, "")
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("rank", ["RANK", "LOCAL_RANK", "NODE_RANK"])  # Lightning sets the last two only
def test_only_the_first_of_several_processes_reports(
    rank: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(rank, "1")
    assert rhoscope.init("av", dir=tmp_path).id == ""


def test_a_knob_is_turned_between_two_steps_and_its_event_acknowledges_the_order(
    run: Run, tmp_path: Path
) -> None:
    lr = run.knob("lr", 1e-3, ge=0, le=1)
    run.log({"loss": 1.0})
    order(run, 5, "set", settings={"lr": 0.5, "unknown": 1})
    order(run, 6, "set", settings={"lr": 7})
    run.log({"loss": 1.0})
    assert lr() == 0.5
    run.finish()
    (changed,) = GuestFile(tmp_path, run=run.id).of("setting")
    assert (changed.data["old"], changed.data["new"], changed.data["cursor"]) == (1e-3, 0.5, "5")
    (refused,) = GuestFile(tmp_path, run=run.id).of("log")
    assert "lr was not changed" in refused.data["line"]
    assert refused.data["cursor"] == "6"


def test_a_pause_makes_the_loop_wait_at_its_next_step_until_it_goes_on(run: Run, tmp_path: Path) -> None:
    run.knob("lr", 1e-3, ge=0)
    order(run, 1, "pause")
    loop = threading.Thread(target=run.log, args=({"loss": 1.0},))
    loop.start()
    wait_for(lambda: run.link and not run.link.orders, 10, "the pause")
    order(run, 2, "set", settings={"lr": 0.5})
    wait_for(lambda: run.link and not run.link.orders, 10, "the setting")
    assert loop.is_alive()
    order(run, 3, "resume")
    loop.join(10)
    order(run, 4, "stop")
    assert run.should_stop
    run.finish("stopped")
    recorded = GuestFile(tmp_path, run=run.id)
    assert [e.data.get("state") for e in recorded.of("finished")] == ["paused", "stopped"]
    assert [e.data.get("cursor") for e in recorded.of("started")][-1] == "3"


def test_a_resumed_run_begins_with_its_first_step(tmp_path: Path) -> None:
    first = rhoscope.init("av", dir=tmp_path, mode="offline")
    for step in range(5):
        first.log({"loss": float(step)}, step)
    first.finish()
    again = rhoscope.init("av", dir=tmp_path, mode="offline", id=first.id)
    again.log({"loss": 30.0}, step=3)
    again.finish()
    begun = GuestFile(tmp_path, 2, first.id).of("started")
    assert begun[0].data["start_step"] == 3
    assert begun[0].data["facts"]["python"]


def test_an_error_and_a_killed_program_lose_nothing_that_was_logged(tmp_path: Path) -> None:
    log = "for i in range(1000): run.log({'loss': i / 7}, i)\n"
    killed = program(tmp_path / "killed", log + "print('all', flush=True)\ntime.sleep(60)")
    failed = program(tmp_path / "failed", log + "raise ValueError('exploded')")
    broken = program(tmp_path / "broken", log + "print('all', flush=True)\ntime.sleep(60)")
    for one in (killed, broken):
        assert one.stdout
        assert one.stdout.readline() == "all\n"
    killed.kill()
    broken.send_signal(signal.SIGINT)
    assert "exploded" in failed.communicate(timeout=60)[1]
    for one in (killed, broken):
        one.communicate(timeout=60)
    everything = {step: step / 7 for step in range(1000)}
    for name in ("killed", "failed", "broken"):
        assert GuestFile(tmp_path / name, run="one").series("loss") == everything
    ends = {
        n: [e.data for e in GuestFile(tmp_path / n, run="one").of("finished")]
        for n in ("killed", "failed", "broken")
    }
    assert ends["killed"] == []
    assert ends["failed"][0] == {"state": "failed", "reason": "ValueError: exploded"}
    assert ends["broken"][0]["state"] == "stopped"


def test_a_forked_child_is_silent_and_a_second_process_gets_an_id_of_its_own(tmp_path: Path) -> None:
    text = (
        "run.log({'loss': 1.0})\nchild = os.fork()\n"
        "if child == 0:\n  run.log({'loss': 2.0}); run.finish('failed'); os._exit(0)\n"
        "os.waitpid(child, 0)\nrun.log({'loss': 3.0})\nprint('there', flush=True)\nsys.stdin.read()\n"
    )
    first = program(tmp_path, text, stdin=subprocess.PIPE)
    assert first.stdout
    assert first.stdout.readline() == "there\n"
    said = program(tmp_path, "run.log({'loss': 9.0})").communicate(timeout=60)[1]
    first.communicate("", timeout=60)
    assert said.count("rhoscope: ") == 1
    assert "another process reports as run 'one' now" in said
    assert GuestFile(tmp_path, run="one").series("loss") == {0: 1.0, 1: 3.0}
    assert [e.data["state"] for e in GuestFile(tmp_path, run="one").of("finished")] == ["completed"]
    (other,) = (path.name for path in tmp_path.iterdir() if path.name != "one")
    assert GuestFile(tmp_path, run=other).series("loss") == {0: 9.0}


def test_a_folder_that_can_not_be_written_to_is_said_and_another_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path / "temporary"))
    run = rhoscope.init("av", dir=tmp_path / "file", mode="offline")
    assert run.folder.startswith(str(tmp_path / "temporary"))
    run.finish()
    assert sum("can't be written to" in line for line in caplog.messages) == 1
