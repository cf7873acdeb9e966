"""Redis that does not answer for several leases: training waits until it does, then goes on."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from faults import frozen
from instrument import PLAIN, Instrument

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(300)]


@pytest.fixture
def instrument(tmp_path: Path) -> Iterator[Instrument]:
    house = Instrument(tmp_path, RHOSCOPE_LEASE_S="2")
    house.start()
    yield house
    house.stop()


def test_many_leases_without_redis_cost_neither_a_step_nor_an_attempt(instrument: Instrument) -> None:
    run = instrument.client.launch({**PLAIN, "epochs": 3, "step_delay_ms": 200, "strategy": "ogm"}).id
    before = instrument.until_step(run, 25)  # an epoch of 23 steps has ended; the next ends after the lease
    with frozen(instrument, "redis"):
        time.sleep(10)
        during = instrument.client.run(run)
        assert during.step < (before.total_steps or 0)
    done = instrument.completed_whole(run)
    assert done.attempt == before.attempt
    waited = [e.data["line"] for e in instrument.client.events(run) if e.kind == "log"]
    assert any(line.startswith("Training is waiting") for line in waited)
