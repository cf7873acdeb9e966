"""A search through REST: launched, watched, stopped, gone on with; and each mistake in one sentence."""

from typing import Any

import httpx
import pytest
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
    found = api.get(f"/sweeps/{sweep}").json()
    assert (found["search"]["best"]["number"], found["search"]["planned"]) == (1, 3)
    for run, trial in zip(found["runs"], api.get(f"/sweeps/{sweep}/trials").json()["trials"], strict=False):
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


@pytest.mark.parametrize(
    ("search", "words"),
    [
        ({"space": {}}, "at least 1 item"),
        ({"space": {"alpha": {"low": 2, "high": 1}}}, "the range is empty: low 2 must be below high 1"),
        ({"space": {"alpha": {"low": 1, "high": 1}}}, "the range is empty"),
        ({"space": {"alpha": {"low": 0, "high": 1, "log": True}}}, "begins above 0, not at 0"),
        ({"space": {"alpha": {"low": 0.1, "high": 1, "log": True, "step": 0.1}}}, "has no step"),
        ({"space": {"alpha": {"low": 0.1, "high": 1, "step": 0}}}, "the step 0 must be above 0"),
        ({"space": {"alpha": {"low": 0.1}}}, "expected low and high, or choices"),
        ({"space": {"alpha": []}}, "expected low and high, or choices"),
        ({"space": {"alpha": {"low": 0.1, "high": 1, "choices": [1]}}}, "choices stand alone"),
        ({"space": {"alpha": {"low": 0.1, "high": 1e9}}}, "expected a number from"),
        ({"space": {"alpha": {"low": "NaN", "high": 1}}}, "finite"),
        ({"space": {"alpha": ["x"]}}, "expected a number"),
        ({"space": {"alhpa": ALPHA}}, "did you mean 'alpha'?"),
        ({"space": {"name": ["a", "b"]}}, "unknown setting 'name'"),
        ({"space": {"seed": {"low": 0, "high": 9}}}, "give the sweep's seeds instead"),
        ({"space": {"epochs": {"low": 1.5, "high": 9}}}, "must be whole numbers"),
        ({"space": {"strategy": {"low": 0, "high": 1}}}, "give choices instead of a range"),
        ({"space": {"strategy": ["joint", "ogme"]}}, "unknown strategy 'ogme'"),
        ({"space": {"drop": {"low": 0, "high": 1}}}, "has no range; give choices"),
        ({"space": {"tau": ALPHA}}, "search.space.tau"),
        ({"trials": 0}, "greater than or equal to 1"),
        ({"trials": 1001}, "less than or equal to 1000"),
        ({"budget_minutes": 0}, "greater than 0"),
        ({"parallel": 0}, "greater than or equal to 1"),
        ({"sampler": "bayes"}, "'tpe', 'cma-es', 'random' or 'grid'"),
        ({"pruner": "asha"}, "'none', 'median', 'halving' or 'hyperband'"),
        ({"sampler": "cma-es"}, "CMA-ES needs at least two settings with a range"),
        ({"sampler": "cma-es", "space": {"alpha": [1, 2], "lr": [0.1, 0.2]}}, "CMA-ES needs at least two"),
        ({"sampler": "grid"}, "a grid needs choices, or a range with a step"),
        ({"space": {"alpha": {"low": -1e308, "high": 1e308}}}, "the range is too wide"),
        ({"space": {"alpha": "0..1:1e-300"}}, "the step 1e-300 is too small"),
        (
            {"sampler": "grid", "space": {"alpha": "0..1:1e-5"}},
            "a grid needs choices",
        ),
        (
            {"sampler": "grid", "space": {n: list(range(1, 60)) for n in ("alpha", "epochs", "batch_size")}},
            "a grid of 205,379 points is more than the maximum of 10,000",
        ),
        ({"series": "val.acuracy", "direction": "maximize"}, "did you mean 'val.accuracy'?"),
        ({"series": "throughput"}, "give the direction of 'throughput'"),
        ({"what": 1}, "search.what"),
    ],
)
def test_a_mistake_in_a_search_is_one_sentence(api: httpx.Client, search: dict[str, Any], words: str) -> None:
    answer = api.post("/sweeps/check", json=body(**search))
    assert answer.status_code == 422
    assert words in answer.json()["detail"]
    assert answer.json()["errors"]
    assert "\n" not in answer.json()["detail"]


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
