"""A device has one run: who comes next waits for what a dead worker, or a dead agent, left behind."""

import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from instrument import wait_for

from rhoscope.environment import Environment
from rhoscope.local.process import end, spawn
from trainer import occupancy
from trainer.occupancy import Occupancy

Holder = Callable[[str, str], "subprocess.Popen[bytes]"]
HOLD = "import time; print('up', flush=True); time.sleep(60)"


@pytest.fixture
def holder(environment: Environment, tmp_path: Path) -> Iterator[Holder]:
    """Lets a program hold a device as a training process does, whose agent and worker are dead."""
    started: list[subprocess.Popen[bytes]] = []

    def hold(worker: str, device: str) -> "subprocess.Popen[bytes]":
        dead = Occupancy(environment, worker, device)
        with dead.training(lambda: False) as lock:
            process = spawn(
                [sys.executable, "-c", HOLD, "trainer.run"], log=tmp_path / "log", pass_fds=[lock]
            )
            dead.note(lock, process.pid)
        started.append(process)
        return process

    yield hold
    for process in started:
        end(process, 1)


def desk(environment: Environment, worker: str = "new", device: str = "cpu") -> Occupancy:
    own = Occupancy(environment, worker, device)
    own.claim()
    return own


def test_a_device_is_vacant_once_what_a_dead_worker_left_has_ended(
    environment: Environment, holder: Holder
) -> None:
    left = holder("dead", "cpu")
    own = desk(environment)
    assert not own.vacant()
    end(left)
    assert own.vacant()


@pytest.mark.parametrize(
    ("left", "mine", "vacant"), [("0", "1", True), ("0,1", "1", False), ("1", "1", False)]
)
def test_it_is_the_device_that_counts(
    environment: Environment, holder: Holder, left: str, mine: str, vacant: bool
) -> None:
    holder("dead", left)
    assert desk(environment, device=mine).vacant() is vacant


def test_what_a_living_worker_trains_is_its_own_affair(environment: Environment, holder: Holder) -> None:
    living = desk(environment, "living")
    holder("living", "cpu")
    assert desk(environment).vacant()
    assert not living.vacant()  # its agent died, and it is to start no other yet
    living.close()
    assert not desk(environment, "third").vacant()


def test_what_does_not_end_is_killed(
    environment: Environment, holder: Holder, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = holder("dead", "cpu")
    monkeypatch.setattr(occupancy, "PATIENCE_S", 0.0)
    own = desk(environment)
    wait_for(own.vacant, 10, "the device")
    assert left.wait(5) == -9


def test_the_next_agent_waits_for_the_training_of_one_that_died(
    environment: Environment, holder: Holder
) -> None:
    left = holder("mine", "cpu")
    own = desk(environment, "mine")
    with own.training(lambda: True) as lock:
        assert lock == -1
    end(left)
    with own.training(lambda: False) as lock:
        assert lock >= 0


def test_nothing_of_a_dead_worker_is_kept(environment: Environment, holder: Holder) -> None:
    end(holder("dead", "cpu"))
    Occupancy(environment, "dead", "cpu").deadline.touch()
    (environment.data_dir / "devices" / "dead.worker").write_text(socket.gethostname())
    own = desk(environment)
    assert [path.name for path in (environment.data_dir / "devices").iterdir()] == ["new.worker"]
    own.close()
    assert list((environment.data_dir / "devices").iterdir()) == []
