"""Runs through REST: what is refused is refused whole and in words, what is asked twice happens once."""

import json
import math
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from instrument import wait_for
from redis import Redis
from served import Attempt, Served

from rhoscope import keys


@pytest.fixture
def unchanged(api: httpx.Client, broker: Redis) -> Iterator[None]:
    """Nothing may be made, queued or half made meanwhile."""

    def everything() -> tuple[Any, Any, set[bytes]]:
        runs = api.get("/runs/index").json()["runs"]
        strangers = set(broker.keys(keys.spec("*"))) - {keys.spec(run).encode() for run in runs}
        return runs, api.get("/sweeps").json(), strangers

    before = everything()
    yield
    assert everything() == before


def problem(answer: httpx.Response, status: int = 422) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert body["status"] == status
    assert body["title"]
    assert body["detail"]
    assert body["instance"].startswith("/")
    assert "Traceback" not in answer.text
    return body


MISTAKES: list[tuple[dict[str, Any], str, str]] = [
    ({"strategy": "ogm-gee"}, "strategy", "ogm-ge"),
    ({"fusion": "glue"}, "fusion", "concat"),
    ({"dataset": "imagenet"}, "dataset", "av-digits"),
    ({"alhpa": 1.0}, "alhpa", "alpha"),
    ({"alpha": -0.1}, "alpha", "0"),
    ({"alpha": 1e9}, "alpha", ""),
    ({"alpha": "lots"}, "alpha", "number"),
    ({"alpha": "0,1"}, "alpha", "write 0.1 for one number"),
    ({"alpha": "1_5"}, "alpha", "write a number without it"),
    ({"epochs": "1,000"}, "epochs", "write 1000 for one number"),
    ({"batch_size": 0}, "batch_size", "1"),
    ({"batch_size": 1_000_000}, "batch_size", ""),
    ({"epochs": 0}, "epochs", "1"),
    ({"seed": 0.5}, "seed", "expected a whole number"),
    ({"optimizer": "magic"}, "optimizer", "sgd"),
    ({"encoders": {"audio": "none"}}, "encoders.audio", ""),
    ({"encoders": {"smell": "convolutional"}}, "encoders.smell", "audio"),
    ({"only": "smell"}, "only", "visual"),
    ({"strategy": "modality-drop", "drop": "smell"}, "drop", "visual"),
    ({"strategy": "modality-drop", "fusion": "mmtm"}, "strategy", "concat"),
    ({"strategy": "mmcosine", "fusion": "film"}, "strategy", "sum"),
    ({"strategy": "gradient-blending", "protocol": "official-code"}, "strategy", "protocol 'paper'"),
    ({"probe_every": 1, "probe": "smell"}, "probe", "visual"),
    ({"name": "x" * 201}, "name", "200"),
    ({"max_attempts": 0}, "max_attempts", "1"),
    ({"origin": {"run": "none", "step": 0, "checkpoint": "x"}}, "origin.checkpoint", ""),
    ({"dataset": 3}, "dataset", "string"),
    ({"settings": []}, "settings", ""),
]


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(("spec", "field", "says"), MISTAKES, ids=[str(m[0])[:40] for m in MISTAKES])
def test_a_specification_that_does_not_fit_names_field_value_and_what_is_allowed(
    api: httpx.Client, spec: dict[str, Any], field: str, says: str
) -> None:
    result = problem(api.post("/runs", json=spec))
    (error,) = [e for e in result["errors"] if e["field"] == field]
    assert says in error["message"]
    assert field in result["detail"]


def test_texts_and_numbers_are_read_by_the_declared_types(api: httpx.Client) -> None:
    given = {"lr": "1e-3", "epochs": 3.0, "compile": "yes", "only": "audio", "name": "007", "probe": ""}
    run = api.post("/runs", json=given | {"settings": {"modulation_ends": "null", "alpha": ".5"}}).json()
    assert run["name"] == "007"
    typed = {
        "lr": 0.001,
        "epochs": 3,
        "compile": True,
        "only": "audio",
        "modulation_ends": None,
        "alpha": 0.5,
    }
    assert {name: run["settings"][name] for name in typed} == typed
    assert run["spec"]["settings"] == typed | {"probe": ""}
    made = api.post("/sweeps", json={"grid": {"alpha": ["0.1", 1], "dataset": ["synthetic"]}}).json()
    assert [one["spec"]["settings"]["alpha"] for one in made["runs"]] == [0.1, 1]


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_a_number_that_is_none_is_refused(api: httpx.Client, number: str) -> None:
    content = f'{{"alpha": {number}}}'
    answer = api.post("/runs", content=content, headers={"Content-Type": "application/json"})
    assert "alpha" in problem(answer)["detail"]


@pytest.mark.usefixtures("unchanged")
def test_all_mistakes_are_named_at_once(api: httpx.Client) -> None:
    result = problem(api.post("/runs", json={"alpha": -1, "batch_size": 0, "fusion": "glue"}))
    assert {e["field"] for e in result["errors"]} == {"alpha", "batch_size", "fusion"}


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("body", [b"{", b"", b"[]", b"null", b'"run"', b"\xff\xfe", b'{"alpha": 1', b"1e400"])
def test_a_malformed_body_is_refused(api: httpx.Client, body: bytes) -> None:
    problem(api.post("/runs", content=body, headers={"Content-Type": "application/json"}))


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_of_ten_megabytes_is_refused(api: httpx.Client, chunked: bool) -> None:
    whole = json.dumps({"notes": "x" * 10_000_000}).encode()
    body: Any = iter([whole[:5_000_000], whole[5_000_000:]]) if chunked else whole
    try:
        answer = api.post("/runs", content=body, headers={"Content-Type": "application/json"})
    except httpx.WriteError:  # refused before all of it was sent
        return
    problem(answer, 413)


def test_one_key_makes_one_run_however_often_and_at_once_it_is_sent(served: Served) -> None:
    def send(_n: int) -> httpx.Response:
        spec = {"alpha": 0.8, "name": "once"}
        return httpx.post(f"{served.url}/api/v1/runs", json=spec, headers={"Idempotency-Key": "k1"})

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(send, range(8)))
    assert sorted(answer.status_code for answer in answers) == [200] * 7 + [201]
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert httpx.get(f"{served.url}/api/v1/runs?q=once").json()["total"] == 1


def test_a_key_with_another_body_is_a_conflict(api: httpx.Client) -> None:
    headers = {"Idempotency-Key": "k2"}
    made = api.post("/runs", json={"alpha": 0.1}, headers=headers).json()["id"]
    assert made in problem(api.post("/runs", json={"alpha": 0.2}, headers=headers), 409)["detail"]


def test_a_launched_run_is_there_at_once_with_every_setting_in_force(api: httpx.Client) -> None:
    answer = api.post("/runs", json={"alpha": 0.8, "tags": ["a", "b"], "notes": "why"})
    assert answer.status_code == 201
    run = api.get(f"/runs/{answer.json()['id']}").json()
    assert run["settings"]["alpha"] == 0.8
    assert run["settings"]["batch_size"] == 64
    assert (run["state"], run["attempt"], run["tags"], run["notes"]) == ("queued", 1, ["a", "b"], "why")


UNKNOWN = ["", "/events", "/checkpoints", "/logs", "/series", "/export"]


@pytest.mark.parametrize("path", UNKNOWN)
def test_an_unknown_run_is_said_to_be_unknown(api: httpx.Client, path: str) -> None:
    assert "no-such" in problem(api.get(f"/runs/no-such{path}"), 404)["detail"]


@pytest.mark.parametrize("verb", ["stop", "pause", "resume", "fork"])
def test_an_unknown_run_can_not_be_steered(api: httpx.Client, verb: str) -> None:
    problem(api.post(f"/runs/no-such/{verb}", json={}), 404)


def test_a_path_or_method_there_is_not_is_a_problem_too(api: httpx.Client) -> None:
    problem(api.get("/nothing"), 404)
    assert "405" in str(problem(api.put("/runs"), 405)["status"])


def test_name_tags_and_notes_can_be_changed_and_nothing_else(api: httpx.Client) -> None:
    run = api.post("/runs", json={}).json()["id"]
    edited = api.patch(f"/runs/{run}", json={"name": "new", "tags": ["ü", "x y"], "notes": "n"}).json()
    assert (edited["name"], edited["tags"], edited["notes"]) == ("new", ["ü", "x y"], "n")
    problem(api.patch(f"/runs/{run}", json={"state": "completed"}))
    problem(api.patch(f"/runs/{run}", json={"name": ""}))


def test_a_queued_run_is_stopped_at_once_and_again_in_vain(api: httpx.Client) -> None:
    run = api.post("/runs", json={}).json()["id"]
    assert api.post(f"/runs/{run}/stop").status_code == 200
    wait_for(lambda: api.get(f"/runs/{run}").json()["state"] == "stopped", 10, "stopped")
    assert "stopped" in problem(api.post(f"/runs/{run}/stop"), 409)["detail"]
    problem(api.post(f"/runs/{run}/resume"), 409)
    problem(api.post(f"/runs/{run}/resume", json={"steps": 0}))
    problem(api.patch(f"/runs/{run}/settings", json={"alpha": 1}), 409)


def test_a_running_run_is_told_to_stop_and_ends_as_its_worker_says(
    api: httpx.Client, broker: Redis, begun: Callable[..., Attempt]
) -> None:
    attempt = begun()
    attempt.rows(range(10))
    state = lambda: api.get(f"/runs/{attempt.run}").json()["state"]  # noqa: E731
    wait_for(lambda: state() == "running", 10, "running")
    problem(api.delete(f"/runs/{attempt.run}"), 409)
    assert api.post(f"/runs/{attempt.run}/stop").json()["state"] == "stopping"
    wait_for(lambda: broker.xlen(keys.commands(attempt.run)) == 1, 10, "the order")
    attempt.finish(10, "stopped")
    wait_for(lambda: state() == "stopped", 10, "stopped")
    assert api.delete(f"/runs/{attempt.run}").status_code == 204
    problem(api.get(f"/runs/{attempt.run}"), 404)


def test_a_worker_that_vanishes_gives_the_run_to_the_next_attempt(
    api: httpx.Client, begun: Callable[..., Attempt]
) -> None:
    attempt = begun()
    attempt.rows(range(10))
    attempt.lease.release()  # and never an outcome
    run = wait_for(lambda: _at(api, attempt.run, 2), 20, "attempt 2")
    assert "Lost contact with" in run["reason"]
    assert "at step 10" in run["reason"]
    kinds = [event["kind"] for event in api.get(f"/runs/{attempt.run}/events").json()]
    assert "lost" in kinds
    later = Attempt(attempt.redis, attempt.run, 2)
    later.take()
    later.begin(5)
    later.rows(range(5, 20), 7.0)
    wait_for(lambda: api.get(f"/runs/{attempt.run}").json()["step"] == 20, 10, "step 20")
    (series,) = api.get(f"/runs/{attempt.run}/series?names=loss").json()["series"]
    assert series["values"] == [*range(5), *[7.0] * 15]


def _at(api: httpx.Client, run: str, attempt: int) -> dict[str, Any] | None:
    result: dict[str, Any] = api.get(f"/runs/{run}").json()
    return result if result["attempt"] == attempt else None


def test_a_setting_is_changed_only_when_it_is_live_and_fits(
    api: httpx.Client, broker: Redis, begun: Callable[..., Attempt]
) -> None:
    attempt = begun()
    wait_for(lambda: api.get(f"/runs/{attempt.run}").json()["state"] == "running", 10, "running")
    path = f"/runs/{attempt.run}/settings"
    assert "0.1" in problem(api.patch(path, json={"alpha": "0,1"}))["detail"]
    for body, says in [
        ({"alpha": -1}, "alpha"),
        ({"batch_size": 3}, "batch_size"),
        ({"nonsense": 3}, "nonsense"),
        ({}, ""),
    ]:
        assert says in problem(api.patch(path, json=body))["detail"]
    assert broker.xlen(keys.commands(attempt.run)) == 0
    assert api.patch(path, json={"alpha": 0.3, "who": "me"}).status_code == 202
    (entry,) = wait_for(lambda: broker.xrange(keys.commands(attempt.run)), 10, "the order")
    command = json.loads(entry[1][b"c"])
    assert (command["verb"], command["settings"], command["who"]) == ("set", {"alpha": 0.3}, "me")


def test_pages_hold_every_run_once_in_the_asked_order(api: httpx.Client) -> None:
    names = [f"page {n % 4}" for n in range(11)]
    made = {api.post("/runs", json={"name": name, "tags": ["paged"]}).json()["id"] for name in names}
    for sort in ("name", "-name", "created", "-step"):
        result, cursor = list[dict[str, Any]](), ""
        while cursor is not None:
            given = {"tag": "paged", "sort": sort, "limit": 3, "cursor": cursor}
            page = api.get("/runs", params=given).json()
            assert page["total"] == len(names)
            result += page["runs"]
            cursor = page["next"]
        assert {run["id"] for run in result} == made
        assert len(result) == len(made)
        if "name" in sort:
            assert [r["name"] for r in result] == sorted(names, reverse=sort.startswith("-"))


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=x", "sort=nothing", "cursor=%25%25", "state=asleep", "cursor=WzEsMl0", "color=1"],
)
def test_a_listing_that_does_not_fit_is_refused(api: httpx.Client, query: str) -> None:
    assert problem(api.get(f"/runs?{query}"))["errors"][0]["field"] == query.split("=", maxsplit=1)[0]


def test_texts_of_a_filter_are_taken_as_they_are(api: httpx.Client) -> None:
    api.post("/runs", json={"name": "100 % _sure_"})
    assert api.get("/runs", params={"q": "% _s"}).json()["total"] == 1
    assert api.get("/runs", params={"q": "%%%"}).json()["total"] == 0


def test_a_sweep_is_every_combination_or_nothing(api: httpx.Client) -> None:
    spec = {
        "base": {"epochs": 1},
        "grid": {"alpha": [0.1, 0.8], "strategy": ["ogm", "ogm-ge"]},
        "seeds": [0, 1],
    }
    made = api.post("/sweeps", json=spec).json()
    assert len(made["runs"]) == 8
    assert {(r["spec"]["strategy"], r["settings"]["alpha"], r["settings"]["seed"]) for r in made["runs"]} == {
        (s, a, n) for s in ("ogm", "ogm-ge") for a in (0.1, 0.8) for n in (0, 1)
    }
    before = api.get("/runs").json()["total"]
    for wrong in [{"alpha": [0.1, -1]}, {"alpha": []}, {"seed": list(range(2000))}, {"nothing": [1]}]:
        problem(api.post("/sweeps", json={"grid": wrong}))
    assert api.get("/runs").json()["total"] == before
    stopped = api.post(f"/sweeps/{made['id']}/stop").json()
    assert {run["state"] for run in stopped["runs"]} <= {"stopping", "stopped"}
    problem(api.get("/sweeps/none"), 404)


def test_a_fork_keeps_its_checkpoint_and_says_what_it_changes(
    api: httpx.Client, broker: Redis, begun: Callable[..., Attempt]
) -> None:
    attempt = begun(alpha=0.5)
    assert "no checkpoint" in problem(api.post(f"/runs/{attempt.run}/fork", json={}))["detail"]
    name = f"attempt-0001-step-000000010-{'ab' * 32}.pt"
    attempt.rows(range(10))
    attempt.tell("checkpoint", 10, path=f"/x/{name}", sha256="ab" * 32, bytes=1, kept=[name])
    wait_for(lambda: api.get(f"/runs/{attempt.run}/checkpoints").json(), 10, "the checkpoint")
    assert "step" in problem(api.post(f"/runs/{attempt.run}/fork", json={"step": 9}))["detail"]
    child = api.post(f"/runs/{attempt.run}/fork", json={"step": 12, "settings": {"alpha": "2.0"}}).json()
    assert (child["parent"], child["parent_step"]) == (attempt.run, 10)
    assert child["settings"]["alpha"] == 2.0
    (_, fields), *_ = wait_for(lambda: broker.xrange(keys.commands(attempt.run)), 10, "the order")
    assert (json.loads(fields[b"c"])["verb"], json.loads(fields[b"c"])["step"]) == ("keep", 10)


def test_numbers_that_are_none_reach_json_as_texts(api: httpx.Client, begun: Callable[..., Attempt]) -> None:
    attempt = begun()
    attempt.rows([0, 1, 2], [1.0, math.nan, math.inf])
    wait_for(lambda: api.get(f"/runs/{attempt.run}").json()["step"] == 3, 10, "three steps")
    (series,) = api.get(f"/runs/{attempt.run}/series?names=loss").json()["series"]
    assert series["values"] == [1.0, "NaN", "Infinity"]
    assert api.get(f"/runs/{attempt.run}").json()["last"] == {"loss": "Infinity"}
