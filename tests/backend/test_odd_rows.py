"""A store that already holds what nobody can read, and a broker full of junk: all the others go on."""

import json
from collections.abc import Callable
from contextlib import closing
from sqlite3 import connect
from typing import Any

import httpx
import pytest
from instrument import wait_for
from redis import Redis
from rq import Queue
from rq.serializers import JSONSerializer
from served import Attempt, Served

from rhoscope import keys
from rhoscope.environment import Environment
from rhoscope.runs import WorkerStatus

HUGE = "1" + "0" * 30


def rewrite(home: Environment, run: str, **columns: object) -> None:
    """Change a run's row as an earlier version or another program may have left it."""
    changes = ", ".join(f"{name} = ?" for name in columns)
    with closing(connect(home.data_dir / "rhoscope.db", timeout=20)) as file:
        file.execute(f"UPDATE runs SET {changes} WHERE id = ?", [*columns.values(), run])
        file.commit()


def launched(api: httpx.Client, **spec: object) -> str:
    return str(api.post("/runs", json=spec).raise_for_status().json()["id"])


def goes_on(api: httpx.Client, begun: Callable[..., Attempt]) -> None:
    """A new run is launched, taken, recorded, and seen."""
    attempt = begun()
    attempt.rows(range(5))
    wait_for(lambda: api.get(f"/runs/{attempt.run}").json()["step"] == 5, 20, "a run that goes on")
    attempt.finish(5)
    wait_for(lambda: api.get(f"/runs/{attempt.run}").json()["state"] == "completed", 20, "its end")


@pytest.mark.parametrize(
    "columns",
    [
        {"settings": '{"folder": "\\udfff"}', "spec": '{"settings": {"folder": "\\udfff"}}'},
        {"name": b"caf\xe9"},
        {"settings": f'{{"validate_every": {HUGE}}}'},
        {"spec": "{", "settings": "["},
        {"spec": '{"tags": 5, "dataset": {}}'},
        {"settings": '{"processes": "junk"}'},
        {"spec": '{"notes": "a\\u0000b"}'},
        {"tags": '{"a": 1}'},
    ],
)
def test_a_row_that_can_not_be_read_stops_nobody(
    served: Served,
    home: Environment,
    api: httpx.Client,
    begun: Callable[..., Attempt],
    columns: dict[str, Any],
) -> None:
    run = launched(api, priority=900)
    rewrite(home, run, **{k: v.decode("latin-1") if isinstance(v, bytes) else v for k, v in columns.items()})
    for path in ("/runs", f"/runs/{run}", "/queue", "/runs/index", f"/groups?runs={run}", f"/runs?ids={run}"):
        answer = api.get(path)
        assert answer.status_code == 200, (path, answer.text[:300])
        answer.text.encode()
    goes_on(api, begun)
    ready = httpx.get(f"{served.url}/readyz")
    assert ready.status_code == 200, ready.text
    api.post(f"/runs/{run}/stop")
    wait_for(lambda: api.get(f"/runs/{run}").json()["state"] == "stopped", 20, "a stopped run")


def test_a_run_that_can_not_be_read_is_set_aside_and_said(
    served: Served, home: Environment, api: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:  # or else it may have its ticket before it is spoiled
        patch.setattr(served.application.launcher, "_lines", list)
        run = launched(api, priority=900)
        rewrite(home, run, spec="{")
    wait_for(lambda: run in httpx.get(f"{served.url}/readyz").text, 20, "the run, set aside")
    assert "can't be read" in api.get(f"/runs/{run}").json()["reason"]

    def counted() -> bool:
        """What earlier tests had set aside may go between two questions, so both are asked again."""
        warnings = httpx.get(f"{served.url}/readyz").json()["warnings"]
        aside = sum(line.startswith("The launcher has set ") for line in warnings)
        text = httpx.get(f"{served.url}/metrics").text
        well = 'rhoscope_loop_well{loop="launcher"} 1.0' in text
        return well and aside > 0 and f'rhoscope_set_aside{{loop="launcher"}} {aside}.0' in text

    wait_for(counted, 20, "as many in the metrics")
    api.post(f"/runs/{run}/stop")
    wait_for(lambda: run not in httpx.get(f"{served.url}/readyz").text, 20, "nothing set aside")


@pytest.mark.parametrize("name", [b"\xff", b"a\0b", b"x" * 1000, b""])
def test_a_worker_s_name_that_is_none_is_removed(
    served: Served, api: httpx.Client, broker: Redis, begun: Callable[..., Attempt], name: bytes
) -> None:
    broker.sadd(keys.WORKERS, name)
    broker.set(keys.worker("").encode() + name, b"{}")
    assert [worker["name"] for worker in api.get("/workers").json()] == ["pretended"]
    goes_on(api, begun)
    assert not broker.sismember(keys.WORKERS, name)


def test_a_heartbeat_from_the_future_is_one_of_now(api: httpx.Client, broker: Redis, served: Served) -> None:
    body = broker.get(keys.worker("pretended"))
    assert isinstance(body, bytes)
    ahead = WorkerStatus.model_validate_json(body).model_copy(update={"name": "ahead", "seen": 1e12})
    broker.set(keys.worker("ahead"), ahead.model_dump_json())
    broker.sadd(keys.WORKERS, "ahead")
    try:
        seen = {worker["name"]: worker["seen"] for worker in api.get("/workers").json()}
        assert seen["ahead"] < 1e11
    finally:
        broker.delete(keys.worker("ahead"))


@pytest.mark.parametrize(
    "beat", [b"\xff", b"[]", json.dumps({"name": "x" * 10**6}).encode(), b'{"seen": NaN}']
)
def test_a_heartbeat_that_is_none_is_passed_over(api: httpx.Client, broker: Redis, beat: bytes) -> None:
    broker.sadd(keys.WORKERS, "odd")
    broker.set(keys.worker("odd"), beat)
    assert "odd" not in [worker["name"] for worker in api.get("/workers").json()]
    broker.delete(keys.worker("odd"))


def test_a_binary_entry_of_the_queue_is_removed(
    api: httpx.Client, broker: Redis, begun: Callable[..., Attempt]
) -> None:
    queue = Queue(keys.QUEUE, connection=broker, serializer=JSONSerializer)
    broker.rpush(queue.key, b"\xff\xfe")
    goes_on(api, begun)
    assert b"\xff\xfe" not in broker.lrange(queue.key, 0, -1)


def test_one_run_s_keys_of_the_wrong_type_concern_that_run_alone(
    served: Served, api: httpx.Client, broker: Redis, begun: Callable[..., Attempt]
) -> None:
    odd, other = begun(), begun()
    for key in (keys.records(odd.run), keys.commands(odd.run), keys.control(odd.run)):
        broker.delete(key)
        broker.set(key, "junk")
    other.rows(range(7))
    wait_for(lambda: api.get(f"/runs/{other.run}").json()["step"] == 7, 20, "the other run")
    goes_on(api, begun)
    ready = httpx.get(f"{served.url}/readyz")
    assert ready.status_code == 200
    assert odd.run in str(ready.json()["warnings"])
    for key in (keys.records(odd.run), keys.commands(odd.run), keys.control(odd.run)):
        broker.delete(key)


@pytest.mark.parametrize("position", [f"1-{2**63}", f"{2**31}-1", f"{2**64 - 1}-{2**64 - 1}"])
def test_a_stream_whose_ids_nobody_can_count_concerns_its_run_alone(
    served: Served, api: httpx.Client, broker: Redis, begun: Callable[..., Attempt], position: str
) -> None:
    odd = begun()
    odd.rows(range(3))
    broker.xadd(keys.records(odd.run), {"b": b"x"}, id=position)
    wait_for(lambda: api.get(f"/runs/{odd.run}").json()["step"] == 3, 20, "what came before")
    wait_for(lambda: odd.run in httpx.get(f"{served.url}/readyz").text, 20, "the run, set aside")
    goes_on(api, begun)


def test_an_event_of_a_worker_can_not_stop_the_launcher(
    api: httpx.Client, begun: Callable[..., Attempt]
) -> None:
    odd = begun(max_attempts=3)
    odd.tell("setting", 0, setting="processes", old=1, new="junk", who="x", command="y")
    odd.tell("setting", 0, setting="log_every", old=1, new=2**70, who="x", command="y")
    odd.tell("started", 0, start_step=0, total_steps=10, settings={"processes": "junk", "batch_size": HUGE})
    wait_for(
        lambda: api.get(f"/runs/{odd.run}").json()["settings"].get("processes") == "junk", 20, "the event"
    )
    odd.lease.release()
    goes_on(api, begun)
    assert api.get(f"/groups?runs={odd.run}").status_code == 200
