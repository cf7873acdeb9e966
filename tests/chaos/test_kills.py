"""Kill -9 of each program in mid-run: every step is in the store exactly once, and the run goes on."""

from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from faults import PROGRAMS, frozen, kill
from instrument import Instrument, wait_for

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
    spec = {"epochs": 8, "step_delay_ms": 15, "strategy": "ogm", "seed": 3}
    run = instrument.client.launch(spec).id
    instrument.until_step(run, 40)
    kill(instrument, program)
    wait_for(instrument.reachable, 60, "the API after the kill")
    instrument.completed_whole(run)


def test_a_frozen_worker_does_not_write_after_its_run_was_given_away(tmp_path: Path) -> None:
    """Two workers; the one that trains is frozen for longer than its lease, then thawed."""
    house = Instrument(tmp_path, RHOSCOPE_LEASE_S="2")
    house.start()
    run = house.client.launch({"epochs": 8, "step_delay_ms": 15, "strategy": "ogm"}).id
    house.until_step(run, 40)
    with frozen(house, "training process", "rq worker") as victims:
        wait_for(lambda: house.client.run(run).attempt == 2, 60, "the second attempt")
    house.completed_whole(run)
    assert house.stop() == 0
    psutil.wait_procs(victims, timeout=10)
    assert house.left_behind() == []
