"""Kill -9 of each program in mid-run: every step is in the store exactly once, and the run goes on."""

import signal
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from instrument import Instrument, wait_for

from rhoscope.errors import RhoscopeError
from rhoscope.states import RunState

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(300)]

PROGRAMS = {
    "backend": "-m backend",
    "redis": "valkey-server",
    "training process": "trainer.run",
    "worker": "trainer.worker --device",
    "rq worker": "trainer.worker --listen",
    "dashboard": "-m dashboard",
}


@pytest.fixture(scope="module")
def instrument(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instrument]:
    house = Instrument(tmp_path_factory.mktemp("chaos"), RHOSCOPE_LEASE_S="3")
    house.start()
    yield house
    house.stop()


def kill(instrument: Instrument, mark: str) -> None:
    (victim, *_) = instrument.programs(mark)
    victim.send_signal(signal.SIGKILL)


@pytest.mark.parametrize("program", PROGRAMS)
def test_after_a_kill_every_step_is_there_exactly_once_and_the_run_completes(
    instrument: Instrument, program: str
) -> None:
    spec = {"epochs": 8, "step_delay_ms": 15, "strategy": "ogm", "seed": 3}
    run = instrument.client.launch(spec).id
    instrument.until_step(run, 40)
    kill(instrument, PROGRAMS[program])
    wait_for(lambda: reachable(instrument), 60, "the API after the kill")
    done = instrument.until(run, timeout_s=150)
    assert done.state is RunState.COMPLETED, done.reason
    assert instrument.steps(run) == list(range(done.total_steps or 0))


def test_a_frozen_worker_does_not_write_after_its_run_was_given_away(tmp_path: Path) -> None:
    """Two workers; the one that trains is frozen for longer than its lease, then thawed."""
    house = Instrument(tmp_path, RHOSCOPE_LEASE_S="2")
    house.start()
    run = house.client.launch({"epochs": 8, "step_delay_ms": 15, "strategy": "ogm"}).id
    house.until_step(run, 40)
    frozen = [p for mark in ("trainer.run", "trainer.worker --listen") for p in house.programs(mark)]
    for process in frozen:
        process.send_signal(signal.SIGSTOP)
    wait_for(lambda: house.client.run(run).attempt == 2, 60, "the second attempt")
    for process in frozen:
        process.send_signal(signal.SIGCONT)
    done = house.until(run, timeout_s=120)
    assert done.state is RunState.COMPLETED, done.reason
    assert house.steps(run) == list(range(done.total_steps or 0))
    assert house.stop() == 0
    psutil.wait_procs(frozen, timeout=10)
    assert house.left_behind() == []


def reachable(instrument: Instrument) -> bool:
    try:
        instrument.client.workers()
    except RhoscopeError:
        return False
    return True
