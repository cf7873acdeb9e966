"""PostgreSQL as the store, ended and started again in mid-run: it waits, and nothing is lost or doubled."""

import time
from collections.abc import Iterator

import httpx
import pytest
from instrument import CALM, Instrument, wait_for
from postgres import Postgres

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(300)]
SPEC = {**CALM, "epochs": 8, "strategy": "ogm", "seed": 3}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Instrument, Postgres]]:
    """Left by each test as it was: the store answers, and nothing waits."""
    server, folder = Postgres(), tmp_path_factory.mktemp("house")
    house = Instrument(folder, RHOSCOPE_LEASE_S="3", RHOSCOPE_DATABASE_URL=server.database())
    house.start()
    yield house, server
    house.stop()
    server.remove()


def test_training_goes_on_while_the_store_is_away_and_every_step_arrives(
    house: tuple[Instrument, Postgres],
) -> None:
    instrument, server = house
    run = instrument.client.launch(SPEC).id
    before = instrument.until_step(run, 15)
    server.stop()
    wait_for(lambda: not instrument.reachable(), 20, "the API to notice")
    answer = httpx.get(f"{instrument.api_url}/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"]["store"]["ok"] is False
    refused = httpx.get(f"{instrument.api_url}/api/v1/runs")
    assert (refused.status_code, refused.headers["content-type"]) == (503, "application/problem+json")
    time.sleep(2)
    server.start()
    wait_for(instrument.reachable, 30, "the API to come back")
    assert instrument.completed_whole(run).attempt == before.attempt


def test_a_store_that_crashed_comes_back_with_everything_that_was_acknowledged(
    house: tuple[Instrument, Postgres],
) -> None:
    instrument, server = house
    run = instrument.client.launch(SPEC).id
    acknowledged = instrument.until_step(run, 15).step
    server.crash()
    server.start()
    wait_for(instrument.reachable, 30, "the API to come back")
    assert instrument.client.run(run).step >= acknowledged
    instrument.completed_whole(run)
