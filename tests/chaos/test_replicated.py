"""A run in two processes, steered, and one of the two killed: it goes on from its checkpoint."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from instrument import CALM, Instrument, wait_for

from rhoscope.states import RunState

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(300)]
SPEC = {**CALM, "processes": 2, "strategy": "ogm-ge", "epochs": 6, "alpha": 1.5}


@pytest.fixture
def instrument(tmp_path: Path) -> Iterator[Instrument]:
    house = Instrument(tmp_path, RHOSCOPE_LEASE_S="3")
    house.start()
    yield house
    assert house.stop() == 0
    assert house.left_behind() == []


def test_it_is_steered_paused_killed_and_completes_with_every_step_once(instrument: Instrument) -> None:
    run = instrument.client.launch(SPEC).id
    instrument.until_step(run, 10, timeout_s=90)
    instrument.client.set(run, alpha=0.3)
    wait_for(lambda: instrument.client.run(run).settings["alpha"] == 0.3, 20, "the change")
    instrument.client.pause(run)
    instrument.until(run, RunState.PAUSED, timeout_s=30)
    wait_for(lambda: not instrument.programs("trainer.run"), 20, "all its processes to end")
    paused = instrument.client.resume(run)
    instrument.until_step(run, paused.step + 5, timeout_s=90)
    ranks = [p for p in instrument.programs("trainer.run") if "torch.distributed.run" not in p.cmdline()]
    assert len(ranks) == 2
    ranks[1].send_signal(signal.SIGKILL)
    done = instrument.completed_whole(run)
    assert done.attempt == paused.attempt + 1
    assert done.settings["alpha"] == 0.3
