"""The wall clock jumps by hours, forwards and back: leases, order and times survive it; a kill at last."""

import random
import signal
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from faults import moved_clock, moved_server_clock
from instrument import CALM, Instrument, wait_for

from rhoscope.environment import Environment
from rhoscope.local import embedded
from rhoscope.local.process import end

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def clock(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("time") / "clock"


@pytest.fixture(scope="module")
def instrument(tmp_path_factory: pytest.TempPathFactory, clock: Path) -> Iterator[Instrument]:
    folder = tmp_path_factory.mktemp("clock")
    here = Environment(data_dir=folder / "broker")
    with pytest.MonkeyPatch.context() as moved:
        for name, value in moved_server_clock(clock).items():
            moved.setenv(name, value)
        server = embedded.start(here)
    house = Instrument(
        folder / "data",
        copied=False,
        RHOSCOPE_LEASE_S="3",
        RHOSCOPE_REDIS_URL=here.broker_url,
        HTTP_PROXY="http://127.0.0.1:9",  # which our own programs pass by
        **moved_clock(clock),
    )
    house.start()
    yield house
    house.stop()
    end(server)


def test_a_run_survives_jumps_of_the_clock_with_every_step_once(instrument: Instrument, clock: Path) -> None:
    drawn = random.Random(0)
    run = instrument.client.launch({**CALM, "epochs": 14, "strategy": "ogm", "max_attempts": 9}).id
    instrument.until_step(run, 15)
    for _ in range(4):
        clock.write_text(f"{drawn.choice([-1, 1]) * drawn.randint(60, 7200):+d}\n")
        step = instrument.client.run(run).step
        instrument.until_step(run, step + 20, timeout_s=90)
    instrument.completed_whole(run)


def test_a_run_can_be_stopped_after_the_clock_was_put_back(instrument: Instrument, clock: Path) -> None:
    run = instrument.client.launch({**CALM, "epochs": 14, "strategy": "ogm"}).id
    instrument.until_step(run, 15)
    clock.write_text(f"{int(clock.read_text()) - 7200:+d}\n")
    instrument.client.stop(run)
    wait_for(lambda: instrument.client.run(run).state == "stopped", 60, "the run to stop")


def test_an_instrument_that_is_killed_takes_programs_along_that_are_no_copies(instrument: Instrument) -> None:
    """Those of this file begin in interpreters of their own; its Redis is another's."""
    run = instrument.cli("launch", "--set", "epochs=500", "--set", "step_delay_ms=20").stdout.strip()
    instrument.until_step(run, 1)
    instrument.stop(signal.SIGKILL)
    psutil.wait_procs(instrument.family, timeout=30)
    assert instrument.left_behind() == []
