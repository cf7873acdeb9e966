"""Runs of users' programs through REST, with a pretended worker: their line, their resumption, forks."""

import hashlib
import time
from collections.abc import Callable, Iterator

import httpx
import pytest
from instrument import wait_for
from redis import Redis
from rq import Queue
from rq.serializers import JSONSerializer
from served import Attempt, Served

from rhoscope import keys
from rhoscope.catalog import Catalog
from rhoscope.commands import Resumption
from rhoscope.plugin import Plugin
from rhoscope.runs import WorkerStatus

NET = Plugin(
    kind="program",
    name="net",
    title="net",
    help="A network.",
    settings={
        "lr": {"type": "number", "default": 0.1, "live": True},
        "seed": {"type": "integer", "default": 0},
    },
    provides=["resumes"],
)
ONCE = NET.model_copy(update={"name": "once", "provides": []})
Begin = Callable[..., Attempt]


@pytest.fixture(scope="module", autouse=True)
def _announced(served: Served, api: httpx.Client, broker: Redis) -> Iterator[None]:
    for plugin in (NET, ONCE):
        made = Catalog(version="1", plugins=[plugin])
        status = WorkerStatus(
            name=plugin.name, host="x", pid=1, device="cpu", program=plugin.name, catalog=made.digest(),
            started=time.time(), seen=time.time(),
        )  # fmt: skip
        broker.set(keys.catalog(made.digest()), made.model_dump_json())
        broker.set(keys.worker(plugin.name), status.model_dump_json())
        broker.sadd(keys.WORKERS, plugin.name)
    wait_for(lambda: {"net", "once"} <= _programs(api), 30, "the programs")
    yield
    for run in api.get("/runs", params={"state": "queued"}).json()["runs"]:
        api.post(f"/runs/{run['id']}/stop")


def _programs(api: httpx.Client) -> set[str]:
    return {one["name"] for one in api.get("/catalog").json()["plugins"] if one["kind"] == "program"}


def launch(api: httpx.Client, **spec: object) -> str:
    answer = api.post("/runs", json={"program": "net", **spec})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def test_a_program_waits_in_a_line_of_its_own_behind_nobody_elses_runs(
    api: httpx.Client, broker: Redis
) -> None:
    ours = [api.post("/runs", json={"priority": 900}).json()["id"] for _ in range(3)]
    low, high = launch(api), launch(api, priority=5)
    queue = Queue(keys.queue("net"), connection=broker, serializer=JSONSerializer)
    wait_for(lambda: queue.job_ids == [f"{high}-1", f"{low}-1"], 10, "the line of the program")
    others = Queue(keys.QUEUE, connection=broker, serializer=JSONSerializer)
    wait_for(lambda: len(others.job_ids) == 2, 10, "the line of our own training")
    forecast = api.post("/runs/check", json={"program": "net"}).json()
    assert (forecast["workers"], forecast["free"], forecast["ahead"]) == (1, ["net"], 2)
    for run in (*ours, low, high):
        api.post(f"/runs/{run}/stop")


def test_a_sweep_over_settings_and_over_programs(api: httpx.Client) -> None:
    grid = {"lr": ["0.1", "2e-1"], "program": ["net", "once"]}
    made = api.post("/sweeps", json={"base": {"program": "net"}, "grid": grid, "seeds": [3]}).json()
    result = [(run["spec"]["program"], run["spec"]["dataset"], run["settings"]) for run in made["runs"]]
    assert result == [
        (program, program, {"lr": lr, "seed": 3}) for lr in (0.1, 0.2) for program in ("net", "once")
    ]
    api.post(f"/sweeps/{made['id']}/stop")
    wrong = api.post("/sweeps", json={"base": {"program": "net"}, "grid": {"rl": [1]}})
    assert wrong.status_code == 422
    assert "unknown setting 'rl'" in wrong.json()["detail"]


@pytest.fixture
def begun_program(api: httpx.Client, broker: Redis) -> Begin:
    def begin(**spec: object) -> Attempt:
        attempt = Attempt(broker, launch(api, **spec))
        attempt.take()
        attempt.begin()
        return attempt

    return begin


def checkpoint(attempt: Attempt, step: int) -> str:
    name = f"program-{hashlib.sha256(str(step).encode()).hexdigest()}"
    attempt.tell("checkpoint", step, path=f"/kept/{step}.pt", name=name, kept=[name])
    return name


def test_a_fork_begins_with_its_parents_checkpoint_and_the_change(
    api: httpx.Client, broker: Redis, begun_program: Begin
) -> None:
    parent = begun_program(settings={"lr": 0.5})
    parent.rows(range(10))
    name = checkpoint(parent, 10)
    parent.tell("finished", 10, state="completed", reason="")
    path = f"/runs/{parent.run}"
    wait_for(lambda: api.get(path).json()["state"] == "completed", 10, "its end")
    refused = api.post(f"{path}/fork", json={"strategy": "ogm"})
    assert refused.status_code == 422
    assert "does not apply to a program" in refused.json()["detail"]
    fork = api.post(f"{path}/fork", json={"settings": {"lr": "1e-2"}}).json()
    assert fork["spec"]["origin"] == {"run": parent.run, "step": 10, "checkpoint": name}
    assert fork["settings"] == {"lr": 0.01, "seed": 0}
    wait_for(lambda: broker.exists(keys.resumption(fork["id"])), 10, "its ticket")
    result = Resumption.model_validate_json(broker.get(keys.resumption(fork["id"])) or b"")
    assert result == Resumption(path="/kept/10.pt", step=10)


def test_a_paused_program_goes_on_behind_the_orders_that_it_has_carried_out(
    api: httpx.Client, broker: Redis, begun_program: Begin
) -> None:
    attempt = begun_program()
    path = f"/runs/{attempt.run}"
    wait_for(lambda: api.get(path).json()["state"] == "running", 10, "its start")
    assert api.patch(f"{path}/settings", json={"lr": "0.3"}).status_code == 202
    (order,) = wait_for(lambda: broker.xrange(keys.commands(attempt.run)), 10, "the order")
    number = order[0].decode().partition("-")[0]
    attempt.rows(range(5))
    checkpoint(attempt, 5)
    attempt.tell("setting", 5, setting="lr", old=0.1, new=0.3, who="", command="c", cursor=number)
    api.post(f"{path}/pause")
    attempt.tell("finished", 5, state="paused", reason="")
    wait_for(lambda: api.get(path).json()["state"] == "paused", 10, "its pause")
    attempt.lease.release()
    refused = api.post(f"{path}/resume", json={"steps": 5})
    assert refused.status_code == 409
    api.post(f"{path}/resume")
    key = keys.resumption(attempt.run)
    wait_for(lambda: b'"step":5' in (broker.get(key) or b""), 10, "its next ticket")
    result = Resumption.model_validate_json(broker.get(key) or b"")
    (known,) = result.kept.values()
    assert known == "/kept/5.pt"
    assert result == Resumption(path=known, step=5, after=int(number), kept=result.kept)
    assert api.get(path).json()["settings"]["lr"] == 0.3


def test_what_ended_a_program_is_the_reason_of_its_next_attempt(
    api: httpx.Client, begun_program: Begin
) -> None:
    attempt = begun_program(priority=5)  # before those that wait
    attempt.tell("log", 3, line="A line of another kind.")
    attempt.tell("log", 3, line="The program was ended by SIGSEGV at step 3.", cause=True)
    attempt.lease.release()
    path = f"/runs/{attempt.run}"
    run = wait_for(lambda: (now := api.get(path).json())["attempt"] == 2 and now, 30, "the next attempt")
    assert run["reason"] == "The program was ended by SIGSEGV at step 3. Attempt 2 is queued."
    api.post(f"{path}/stop")


def test_a_program_without_checkpoints_is_not_paused_and_nobody_reports_in_its_place(
    api: httpx.Client, begun_program: Begin
) -> None:
    run = begun_program(program="once").run
    refused = api.post(f"/runs/{run}/pause")
    assert refused.status_code == 409
    assert "a pause would lose its work" in refused.json()["detail"]
    announced = api.post("/runs", json={"kind": "guest", "id": run})
    assert announced.status_code == 409
    assert api.put(f"/runs/{run}/records/2-1", content=b"{}").status_code == 409
