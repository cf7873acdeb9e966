"""A search through REST: launched, watched, stopped, gone on with; and each mistake in one sentence."""

from typing import Any

import httpx
from instrument import wait_for
from redis import Redis
from served import Attempt

BASE = {"priority": 1000, "strategy": "ogm-ge"}
ALPHA = {"low": 0.1, "high": 2.0}


def body(**search: Any) -> dict[str, Any]:
    return {"base": BASE, "search": {"space": {"alpha": ALPHA}, "trials": 3} | search}


def trained(api: httpx.Client, broker: Redis, sweep: str, number: int, accuracy: float) -> None:
    """Let the run of a trial be trained, once it was launched."""
    path = f"/sweeps/{sweep}/trials"
    wait_for(lambda: len(api.get(path).json()["trials"]) > number, 20, "the trial")
    attempt = Attempt(broker, api.get(path).json()["trials"][number]["runs"][0])
    attempt.take()
    attempt.begin()
    attempt.tell("values", 10, values={"val.accuracy": accuracy})
    attempt.finish(10)
    wait_for(lambda: api.get(path).json()["trials"][number]["state"] == "completed", 20, "its end")


def test_a_search_chooses_its_runs_one_after_the_other_until_it_is_stopped(
    api: httpx.Client, broker: Redis
) -> None:
    space = {"alpha": ALPHA, "strategy": ["joint", "ogm-ge"]}
    made = api.post(
        "/sweeps", json={**body(space=space), "name": "hunt"}, headers={"Idempotency-Key": "hunt"}
    )
    again = api.post(
        "/sweeps", json={**body(space=space), "name": "hunt"}, headers={"Idempotency-Key": "hunt"}
    )
    assert (made.status_code, made.json()["runs"], again.json()["id"]) == (201, [], made.json()["id"])
    sweep = made.json()["id"]
    trained(api, broker, sweep, 0, 0.4)
    trained(api, broker, sweep, 1, 0.7)
    result = api.get(f"/sweeps/{sweep}").json()
    assert (result["search"]["best"]["number"], result["search"]["planned"]) == (1, 3)
    for run, trial in zip(result["runs"], api.get(f"/sweeps/{sweep}/trials").json()["trials"], strict=False):
        assert run["spec"]["strategy"] == trial["values"]["strategy"]
        assert ("alpha" in run["spec"]["settings"]) == (run["spec"]["strategy"] == "ogm-ge")
        assert run["name"].startswith(f"hunt trial {trial['number']} alpha=")
    assert api.get(f"/sweeps/{sweep}/importance").json()["settings"] == []
    surface = api.get(f"/sweeps/{sweep}/contour", params={"x": "alpha", "y": "strategy"}).json()
    assert (len(surface["columns"]), surface["values"]) == (41, [])
    stopped = api.post(f"/sweeps/{sweep}/stop").json()
    assert stopped["search"]["state"] == "stopped"
    assert api.patch(f"/sweeps/{sweep}", json={"trials": 5, "parallel": 2}).json()["search"]["planned"] == 5
    resumed = api.post(f"/sweeps/{sweep}/resume").json()
    assert resumed["search"]["state"] == "running"
    wait_for(lambda: len(api.get(f"/sweeps/{sweep}").json()["runs"]) >= 4, 20, "two more trials")
    api.post(f"/sweeps/{sweep}/stop")


def test_what_a_search_can_not_be_given_with_and_what_is_none(api: httpx.Client) -> None:
    for more, words in (
        ({"grid": {"lr": [0.1]}}, "grid: can't be given with search"),
        ({"points": [{"lr": 0.1}]}, "points: can't be given with search"),
        ({"median_after": 2}, "set search.pruner to median"),
        ({"seeds": list(range(400))}, "more than the maximum of 1000 runs"),
        ({"seeds": [0, -1]}, "seeds: -1 is invalid"),
    ):
        answer = api.post("/sweeps/check", json={**body(), **more})
        assert (answer.status_code, words in answer.json()["detail"]) == (422, True), answer.json()
    assert api.post("/sweeps/check", json={**body(), "seeds": [0, 1]}).json()["runs"] == 6
    plain = api.post("/sweeps", json={"base": BASE, "grid": {"alpha": [0.5]}}).json()
    assert plain["search"] is None
    for method, path in (("GET", "trials"), ("GET", "importance"), ("POST", "resume")):
        answer = api.request(method, f"/sweeps/{plain['id']}/{path}")
        assert (answer.status_code, "is no search" in answer.json()["detail"]) == (409, True)
        assert api.request(method, f"/sweeps/nothing/{path}").status_code == 404
    assert api.patch(f"/sweeps/{plain['id']}", json={"trials": 5}).status_code == 409
    api.post(f"/sweeps/{plain['id']}/stop")
