"""A sweep as one thing: its groups with means and bands, and the rule that stops what is hopeless."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from instrument import wait_for
from redis import Redis
from served import Attempt

from rhoscope.catalog import Catalog
from rhoscope.errors import MOST_LISTED
from rhoscope.spec import RunSpec

Sweep = dict[str, Any]


@pytest.fixture
def sweep(api: httpx.Client, broker: Redis) -> Callable[..., tuple[Sweep, list[Attempt]]]:
    """Launch a sweep before all that wait, and begin the first attempt of every run."""

    def launch(**spec: Any) -> tuple[Sweep, list[Attempt]]:
        spec["base"] = {"priority": 1000} | spec.get("base", {})
        made = api.post("/sweeps", json=spec).json()
        attempts = []
        for run in made["runs"]:
            attempt = Attempt(broker, run["id"])
            attempt.take()
            attempt.begin()
            attempts.append(attempt)
        return made, attempts

    return launch


def validated(attempt: Attempt, values: list[float]) -> None:
    """An epoch of ten steps for each validation accuracy."""
    for epoch, value in enumerate(values):
        step = 10 * (epoch + 1)
        attempt.rows(range(step - 10, step))
        attempt.tell("values", step, values={"val.accuracy": value})
        attempt.tell("epoch", step, epoch=epoch)


def end(attempts: list[Attempt], step: int) -> None:
    for attempt in attempts:
        attempt.finish(step)


def recorded(api: httpx.Client, attempt: Attempt, epoch: int) -> None:
    wait_for(lambda: api.get(f"/runs/{attempt.run}").json()["epoch"] >= epoch, 10, "the epochs")


def test_runs_are_grouped_by_what_differs_but_the_seed(
    api: httpx.Client, sweep: Callable[..., tuple[Sweep, list[Attempt]]]
) -> None:
    made, attempts = sweep(grid={"alpha": [0.1, 1.5]}, seeds=[0, 1])
    for attempt, best in zip(attempts, (0.5, 0.7, 0.6, 0.6), strict=True):
        validated(attempt, [0.2, best])
        recorded(api, attempt, 2)
    end(attempts, 20)
    result = api.get("/groups", params={"sweep": made["id"], "names": "loss,val.accuracy"}).json()
    assert result["by"] == ["alpha"]
    assert [group["values"] for group in result["groups"]] == [{"alpha": 0.1}, {"alpha": 1.5}]
    first = result["groups"][0]
    assert first["runs"] == [run["id"] for run in made["runs"][:2]]
    assert first["final"]["best"]["mean"] == pytest.approx(0.6)
    assert first["final"]["best"]["deviation"] == pytest.approx(0.2 / 2**0.5)
    bands = {band["name"]: band for band in first["bands"]}
    assert bands["val.accuracy"]["steps"] == [10, 20]
    assert bands["val.accuracy"]["mean"] == pytest.approx([0.2, 0.6])
    assert bands["loss"]["steps"] == list(range(20))
    by_runs = api.get(
        "/groups", params={"runs": ",".join(r["id"] for r in made["runs"]), "by": "seed"}
    ).json()
    assert [group["values"]["seed"] for group in by_runs["groups"]] == [0, 1]


def test_runs_that_do_not_exist_are_left_out_where_the_request_says_so(
    api: httpx.Client, begun: Callable[..., Attempt]
) -> None:
    attempt = begun(("loss", "rho.audio"))
    attempt.tell("started", 0, start_step=0, modalities=["audio", "visual"])
    attempt.rows(range(3))
    attempt.finish(3)
    wait_for(lambda: api.get(f"/runs/{attempt.run}").json()["state"] == "completed", 20, "the end of a run")
    query = {"runs": f"nobody,{attempt.run}", "by": "run", "names": "rho.*,loss", "present": "true"}
    (group,) = api.get("/groups", params=query).raise_for_status().json()["groups"]
    assert group["runs"] == [attempt.run]
    assert [band["name"] for band in group["bands"]] == ["rho.audio", "loss"]
    nobody = api.get("/groups", params=query | {"runs": "nobody"}).raise_for_status().json()
    assert nobody["groups"] == []
    assert api.get("/groups", params=query | {"present": "false"}).status_code == 404


def test_a_number_is_the_same_with_and_without_a_point(api: httpx.Client) -> None:
    ids = [
        api.post("/runs", json={"settings": {"alpha": alpha, "seed": seed}}).json()["id"]
        for seed, alpha in enumerate((1, 1.0, 1.5))
    ]
    result = api.get("/groups", params={"runs": ",".join(ids), "baseline": ids[2]}).json()
    assert [group["runs"] for group in result["groups"]] == [ids[:2], ids[2:]]
    assert [group["values"] for group in result["groups"]] == [{"alpha": 1}, {"alpha": 1.5}]
    result = api.get("/groups", params={"runs": ",".join(ids[:2])}).json()
    assert (result["by"], len(result["groups"])) == ([], 1)


@pytest.mark.parametrize(
    ("query", "status", "says"),
    [
        ("", 422, "name either runs or one sweep"),
        ("runs=a&sweep=b", 422, "name either runs or one sweep"),
        ("runs=nothing", 404, "no run 'nothing'"),
        ("sweep=nothing", 404, "no sweep 'nothing'"),
        ("sweep=x&points=0", 422, "points"),
    ],
)
def test_groups_of_what_is_not_there_are_refused(
    api: httpx.Client, query: str, status: int, says: str
) -> None:
    answer = api.get(f"/groups?{query}")
    assert answer.status_code == status
    assert says in answer.json()["detail"]


def test_the_median_rule_stops_a_hopeless_run_with_its_reason_and_no_other(
    api: httpx.Client, sweep: Callable[..., tuple[Sweep, list[Attempt]]]
) -> None:
    made, attempts = sweep(grid={"alpha": [0.1, 0.5, 1.0, 1.5, 2.0]}, median_after=2)
    for attempt in attempts[:4]:
        validated(attempt, [0.5, 0.7])
        recorded(api, attempt, 2)
    hopeless = attempts[4]
    validated(hopeless, [0.1])
    recorded(api, hopeless, 1)
    assert api.get(f"/runs/{hopeless.run}").json()["state"] == "running"
    hopeless.tell("values", 20, values={"val.accuracy": 0.2})
    hopeless.tell("epoch", 20, epoch=1)
    run = wait_for(lambda: stopping(api, hopeless.run), 10, "the rule")
    assert (
        run["reason"] == "the median rule: its best val.accuracy 0.200 is below 0.600, the median of 4 others"
    )
    states = {r["state"] for r in api.get(f"/sweeps/{made['id']}").json()["runs"][:4]}
    assert states == {"running"}
    end([hopeless], 20)
    end(attempts[:4], 20)


def stopping(api: httpx.Client, run: str) -> dict[str, Any] | None:
    result: dict[str, Any] = api.get(f"/runs/{run}").json()
    return result if result["state"] == "stopping" else None


def test_the_rule_is_off_unless_asked_for_needs_three_others_and_can_be_changed(
    api: httpx.Client, sweep: Callable[..., tuple[Sweep, list[Attempt]]]
) -> None:
    made, attempts = sweep(grid={"alpha": [0.1, 0.5, 1.0]})
    assert made["spec"]["median_after"] is None
    changed = api.patch(f"/sweeps/{made['id']}", json={"median_after": 1, "name": "few"}).json()
    assert (changed["name"], changed["spec"]["median_after"]) == ("few", 1)
    for attempt, value in zip(attempts, (0.9, 0.9, 0.1), strict=True):
        validated(attempt, [value])
        recorded(api, attempt, 1)
    assert {run["state"] for run in api.get(f"/sweeps/{made['id']}").json()["runs"]} == {"running"}
    off = api.patch(f"/sweeps/{made['id']}", json={"median_after": None}).json()
    assert (off["name"], off["spec"]["median_after"]) == ("few", None)
    assert api.patch(f"/sweeps/{made['id']}", json={"median_after": 0}).status_code == 422
    assert api.patch("/sweeps/none", json={"name": "x"}).status_code == 404
    end(attempts, 10)


@pytest.fixture
def checked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many settings each specification had that was checked."""
    checked: list[int] = []
    check = Catalog.check

    def count(self: Catalog, spec: RunSpec, *rest: Any) -> dict[str, Any]:
        checked.append(len(spec.settings))
        return check(self, spec, *rest)

    monkeypatch.setattr(Catalog, "check", count)
    return checked


def test_a_base_that_does_not_fit_is_looked_at_once(api: httpx.Client, checked: list[int]) -> None:
    """A thousand seeds once took as long as a thousand launches, with every thread waiting."""
    base = {"settings": {f"unknown_{n}": n for n in range(90)} | {"epochs": -1}}
    answer = api.post(
        "/sweeps/check", json={"base": base, "grid": {"alpha": [-5, 0.5]}, "seeds": list(range(20))}
    )
    assert answer.status_code == 422
    fields = [error["field"] for error in answer.json()["errors"]]
    assert len(fields) == len(set(fields)) == 92
    assert {"alpha", "epochs", "unknown_89"} <= set(fields)
    assert sorted(set(checked)) == [2, 93]
    assert checked.count(93) == 1


def test_no_more_runs_are_looked_at_than_one_error_lists(api: httpx.Client, checked: list[int]) -> None:
    points = [{f"unknown_{n}": n} for n in range(MOST_LISTED + 20)]
    answer = api.post("/sweeps/check", json={"base": {}, "points": points})
    assert answer.status_code == 422
    assert len(answer.json()["errors"]) == len(checked) == MOST_LISTED


@pytest.mark.parametrize(
    ("base", "says"),
    [
        ({"settings": {f"unknown_{n}": n for n in range(900)}}, "at most 256"),
        ({"settings": {"folder": "x" * 100_000}}, "longer than"),
        ({"dataset": "folder", "settings": {"folder": "x" * 5000}}, "longer than"),
        ({"notes": "x" * 20_000, "settings": {"epochs": 1}}, "16 MiB"),
    ],
)
def test_a_small_request_can_not_order_large_work(api: httpx.Client, base: dict[str, Any], says: str) -> None:
    for path in ("/sweeps/check", "/sweeps"):
        answer = api.post(path, json={"base": base, "seeds": list(range(1000))})
        assert answer.status_code == 422
        assert says in answer.json()["detail"]
        assert len(answer.json()["errors"]) <= MOST_LISTED
