"""Kill -9 of each program in mid-run: every step is in the store exactly once, and the run goes on."""

from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from faults import PROGRAMS, frozen, kill
from instrument import CALM, Instrument, wait_for

from rhoscope.runs import Run
from rhoscope.states import RunState

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def instrument(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instrument]:
    house = Instrument(tmp_path_factory.mktemp("chaos"), RHOSCOPE_LEASE_S="3")
    house.start()
    yield house
    house.stop()


@pytest.mark.parametrize("program", PROGRAMS)
def test_after_a_kill_every_step_is_there_exactly_once_and_the_run_completes(
    instrument: Instrument, program: str
) -> None:
    spec = {**CALM, "epochs": 8, "strategy": "ogm", "seed": 3}
    run = instrument.client.launch(spec).id
    instrument.until_step(run, 20)
    kill(instrument, program)
    wait_for(instrument.reachable, 60, "the API after the kill")
    instrument.completed_whole(run)


def test_a_frozen_worker_does_not_write_after_its_run_was_given_away(tmp_path: Path) -> None:
    """Two workers; the one that trains is frozen for longer than its lease, then thawed."""
    house = Instrument(tmp_path, RHOSCOPE_LEASE_S="2")
    house.start()
    run = house.client.launch({**CALM, "epochs": 8, "strategy": "ogm"}).id
    house.until_step(run, 20)
    with frozen(house, "training process", "rq worker") as victims:
        wait_for(lambda: house.client.run(run).attempt == 2, 60, "the second attempt")
    house.completed_whole(run)
    assert house.stop() == 0
    psutil.wait_procs(victims, timeout=10)
    assert house.left_behind() == []


def test_what_was_ordered_holds_after_a_kill(instrument: Instrument) -> None:
    """A change that no checkpoint holds yet, and a number of steps to go on for."""
    client = instrument.client
    run = client.launch({**CALM, "epochs": 30, "strategy": "ogm"}).id
    instrument.until_step(run, 10)
    client.set(run, lr=0.001, alpha=0.3)
    wait_for(lambda: client.run(run).settings["alpha"] == 0.3, 20, "the change")
    kill(instrument, "training process")
    wait_for(lambda: client.run(run).attempt == 2, 60, "the next attempt")
    instrument.until_step(run, 15)
    client.pause(run)
    paused = instrument.until(run, RunState.PAUSED)
    assert (paused.settings["lr"], paused.settings["alpha"]) == (0.001, 0.3)
    assert client.series(run, ["lr"]).series[0].values[-1] <= 0.001
    client.resume(run, steps=35)
    instrument.until_step(run, paused.step + 13)
    kill(instrument, "training process")
    again = wait_for(lambda: paused_later(client.run(run), paused.step), 60, "the ordered pause")
    assert (again.step, again.attempt) == (paused.step + 35, paused.attempt + 2)


def paused_later(run: Run, step: int) -> Run | None:
    return run if run.state is RunState.PAUSED and run.step > step else None
