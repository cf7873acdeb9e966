"""One run under a seeded series of faults, one after the other."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from faults import schedule
from instrument import PLAIN, Instrument, wait_for

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(400)]
FAULTS = 5


@pytest.fixture
def instrument(tmp_path: Path) -> Iterator[Instrument]:
    house = Instrument(tmp_path, RHOSCOPE_LEASE_S="3")
    house.start()
    yield house
    assert house.stop() == 0
    assert house.left_behind() == []


@pytest.mark.parametrize("seed", [1, 2])
def test_whatever_happens_every_step_is_stored_once_and_the_run_completes(
    instrument: Instrument, seed: int
) -> None:
    run = instrument.client.launch(
        {**PLAIN, "epochs": 12, "step_delay_ms": 40, "strategy": "ogm-ge", "seed": seed, "max_attempts": 20}
    ).id
    instrument.until_step(run, 30)
    for name, fault in schedule(seed, FAULTS):
        fault(instrument)
        wait_for(instrument.reachable, 60, f"the API after: {name}")
        now = instrument.client.run(run)
        if now.total_steps and now.step < now.total_steps:
            target = min(now.step + 25, now.total_steps)
            instrument.until_step(run, target, timeout_s=90)
    instrument.completed_whole(run, timeout_s=200)
