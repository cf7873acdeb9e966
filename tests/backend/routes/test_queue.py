"""The queue through REST: the order in which the launcher starts runs, bounded, with the whole in numbers."""

import httpx
from served import Served

from rhoscope.client import Client


def test_the_queue_comes_in_the_order_in_which_runs_start(api: httpx.Client, served: Served) -> None:
    made = [api.post("/runs", json={"priority": p}).json()["id"] for p in (0, -7, 5)]
    answer = api.get("/queue").json()
    assert [run["id"] for run in answer["runs"]] == [made[2], made[0], made[1]]
    assert (answer["total"], answer["highest"], answer["lowest"]) == (3, 5, -7)
    with Client(served.url) as client:
        rest = client.queue(start=1, limit=1)
    assert [run.id for run in rest.runs] == [made[0]]
    assert rest.total == 3


def test_a_limit_beyond_all_bounds_is_refused(api: httpx.Client) -> None:
    assert api.get("/queue?limit=1001").json()["errors"][0]["field"] == "limit"
