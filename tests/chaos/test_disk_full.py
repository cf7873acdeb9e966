"""A disk without a byte left in mid-run: nothing that was acknowledged is lost, and all goes on by itself."""

import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from faults import full, small_disk
from instrument import CALM, Instrument, wait_for

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(300)]
SPEC = {**CALM, "epochs": 10, "strategy": "ogm", "seed": 3}


def started(house: Instrument) -> Iterator[Instrument]:
    house.start()
    yield house
    house.stop()


@pytest.fixture
def checkpoint_disk(tmp_path: Path) -> Path:
    return tmp_path / "checkpoints"


@pytest.fixture
def house_with_checkpoint_disk(tmp_path: Path, checkpoint_disk: Path) -> Iterator[Instrument]:
    within = small_disk(checkpoint_disk, 60)
    yield from started(
        Instrument(
            tmp_path / "data", within, RHOSCOPE_CHECKPOINT_URL=str(checkpoint_disk), RHOSCOPE_LEASE_S="3"
        )
    )


@pytest.fixture
def house_with_small_disk(tmp_path: Path) -> Iterator[Instrument]:
    yield from started(Instrument(tmp_path, small_disk(tmp_path, 400), RHOSCOPE_LEASE_S="3"))


def test_a_full_disk_costs_checkpoints_is_said_and_the_run_goes_on(
    house_with_checkpoint_disk: Instrument, checkpoint_disk: Path
) -> None:
    house = house_with_checkpoint_disk
    run = house.client.launch(SPEC).id
    house.until_step(run, 20)
    with full(house, checkpoint_disk):
        lines = wait_for(lambda: logged(house, run), 60, "a line about the checkpoint")
        assert "No space left on device. Training continues." in lines[0]
    before = len(house.client.checkpoints(run))
    wait_for(lambda: len(house.client.checkpoints(run)) > before, 60, "checkpoints once there is room")
    house.completed_whole(run)


def logged(house: Instrument, run: str) -> list[str]:
    return [e.data["line"] for e in house.client.events(run) if e.kind == "log"]


def test_a_store_and_a_queue_on_a_full_disk_wait_and_every_step_arrives(
    house_with_small_disk: Instrument,
) -> None:
    house = house_with_small_disk
    run = house.client.launch(SPEC).id
    acknowledged = house.until_step(run, 20).step
    with full(house, house.data_dir):
        wait_for(lambda: not ready(house), 60, "the instrument to notice")
        time.sleep(5)
    wait_for(lambda: ready(house), 60, "the instrument to go on")
    assert house.client.run(run).step >= acknowledged
    house.completed_whole(run)


def ready(house: Instrument) -> bool:
    try:
        return httpx.get(f"{house.api_url}/readyz", timeout=10).is_success
    except httpx.HTTPError:
        return False
