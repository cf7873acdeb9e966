"""Redis that does not answer for longer than leases last: training waits at its deadline, then goes on."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from faults import frozen
from instrument import Instrument

from backend.launching.launcher import AFTER_RESTART_S

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(300)]
LEASE_S = 2.0
AWAY_S = 2 * LEASE_S + AFTER_RESTART_S
"""Longer than the lease, and than the launcher waits before it judges a lease that it does not see."""


@pytest.fixture
def instrument(tmp_path: Path) -> Iterator[Instrument]:
    house = Instrument(tmp_path, RHOSCOPE_LEASE_S=str(LEASE_S))
    house.start()
    yield house
    house.stop()


def test_leases_that_run_out_without_redis_cost_neither_a_step_nor_an_attempt(instrument: Instrument) -> None:
    run = instrument.client.launch({"epochs": 16, "step_delay_ms": 40, "strategy": "ogm"}).id
    before = instrument.until_step(run, 40)
    with frozen(instrument, "redis"):
        time.sleep(AWAY_S)
        during = instrument.client.run(run)
        assert during.step < (before.total_steps or 0)
    done = instrument.completed_whole(run)
    assert done.attempt == before.attempt
    waited = [e.data["line"] for e in instrument.client.events(run) if e.kind == "log"]
    assert any(line.startswith("Training is waiting") for line in waited)
