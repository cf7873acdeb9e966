"""Each order of somebody we know is in its run's events, with their name."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from instrument import wait_for
from redis import Redis
from served import Attempt, serving

from rhoscope import keys
from rhoscope.catalog import Catalog
from rhoscope.commands import Command
from rhoscope.environment import Environment

PASSWORD = "correct horse"


@pytest.fixture(scope="module")
def olga(home: Environment, catalog: Catalog) -> Iterator[httpx.Client]:
    """The browser of an operator."""
    with serving(home, catalog) as api, httpx.Client(base_url=f"{api.url}/api/v1", timeout=20) as client:
        client.post("/users", json={"name": "ann", "password": PASSWORD}).raise_for_status()
        client.post("/session", json={"name": "ann", "password": PASSWORD}).raise_for_status()
        client.post("/users", json={"name": "olga", "password": PASSWORD}).raise_for_status()
        client.post("/session", json={"name": "olga", "password": PASSWORD}).raise_for_status()
        yield client


def orders(client: httpx.Client, run: str) -> list[tuple[str, str]]:
    events = client.get(f"/runs/{run}/events").json()
    return [(one["data"]["order"], one["data"]["who"]) for one in events if one["kind"] == "order"]


def test_a_run_tells_who_launched_edited_paused_resumed_and_stopped_it(
    olga: httpx.Client, broker: Redis
) -> None:
    run = olga.post("/runs", json={"priority": 1000}).json()["id"]
    attempt = Attempt(broker, run)
    attempt.take()
    attempt.begin()
    olga.patch(f"/runs/{run}", json={"name": "mine", "notes": "x"}).raise_for_status()
    olga.post("/runs/bulk", json={"act": "tag", "runs": [run], "add": ["good"]}).raise_for_status()
    olga.post(f"/runs/{run}/pause").raise_for_status()
    olga.post(f"/runs/{run}/pause").raise_for_status()
    assert olga.patch(f"/runs/{run}", json={}).status_code == 200
    wanted = ["Launched", "Changed name, notes", "Changed tags", "Pause ordered"]
    assert orders(olga, run) == [(order, "olga") for order in wanted]
    olga.post(f"/runs/{run}/stop").raise_for_status()
    assert orders(olga, run)[-1] == ("Stop ordered", "olga")
    assert olga.get(f"/runs/{run}").json()["reason"] == "olga"


def test_a_repeated_launch_is_no_second_order(olga: httpx.Client) -> None:
    key = {"Idempotency-Key": "one"}
    run = olga.post("/runs", json={}, headers=key).json()["id"]
    assert olga.post("/runs", json={}, headers=key).json()["id"] == run
    assert orders(olga, run) == [("Launched", "olga")]


def test_every_run_of_a_sweep_tells_who_launched_and_stopped_it(olga: httpx.Client) -> None:
    sweep = olga.post("/sweeps", json={"base": {}, "seeds": [1, 2]}).json()
    olga.post(f"/sweeps/{sweep['id']}/stop").raise_for_status()
    for run in sweep["runs"]:
        assert orders(olga, run["id"]) == [("Launched", "olga"), ("Stop ordered", "olga")]


def test_a_live_change_carries_the_name_we_know_beside_the_one_that_is_given(
    olga: httpx.Client, broker: Redis
) -> None:
    run = olga.post("/runs", json={"priority": 1000}).json()["id"]
    attempt = Attempt(broker, run)
    attempt.take()
    attempt.begin()
    wait_for(lambda: olga.get(f"/runs/{run}").json()["state"] == "running", 30, "the run")
    change = {"settings": {"lr": 0.01}, "who": "ann"}
    assert _sent(olga, broker, run, change) == "olga (ann)"
    assert _sent(olga, broker, run, {"settings": {"lr": 0.02}}) == "olga"


def _sent(client: httpx.Client, broker: Redis, run: str, change: dict[str, object]) -> str:
    """Who changed it, as training reads it; the launcher passes orders on."""
    order = client.patch(f"/runs/{run}/settings", json=change).raise_for_status().json()["command"]

    def arrived() -> Command | None:
        entries: Any = broker.xrange(keys.commands(run))
        orders = [Command.model_validate_json(fields[b"c"]) for _, fields in entries]
        return next((one for one in orders if one.id == order), None)

    command = wait_for(arrived, 30, "the order")
    return command.who
