"""A worker that is killed takes all that trains for it along; a device has one run, whoever dies."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from faults import kill
from instrument import CALM, Instrument, wait_for

from rhoscope.states import RunState

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(300)]
SPEC = {**CALM, "epochs": 60, "strategy": "ogm", "max_attempts": 9}


@pytest.fixture
def instrument(tmp_path: Path) -> Iterator[Instrument]:
    house = Instrument(tmp_path, RHOSCOPE_LEASE_S="3")
    house.start()
    yield house
    house.stop()


def test_a_device_has_one_run_whatever_is_killed_and_nothing_lives_on(instrument: Instrument) -> None:
    runs = [instrument.client.launch(SPEC | {"seed": seed}).id for seed in range(3)]
    most = 0
    for victim in ("worker", "rq worker", "training process", "agent"):
        states = [instrument.client.run(run) for run in runs]
        before = sum(run.step for run in states)
        wait_for(instrument.trained, 60, "a run that trains")
        kill(instrument, victim)

        def going_on(before: int = before) -> bool:
            nonlocal most
            most = max(most, len(set().union(*instrument.trained().values())))
            now = [instrument.client.run(run) for run in runs]
            return sum(run.step for run in now) > before + 10 and RunState.RUNNING in {r.state for r in now}

        wait_for(going_on, 90, f"training to go on after the death of the {victim}")
    assert most == 1
    kill(instrument, "worker")
    assert instrument.stop(signal.SIGTERM) == 0
    assert instrument.everything() == []
    left = [path.name for path in (instrument.data_dir / "devices").iterdir()]
    assert [name for name in left if name.endswith(".deadline")] == []
