"""The live channel: what a client lacks, then everything new; nothing twice, nothing lost."""

import json
import time
from collections.abc import Callable
from typing import Any

import httpx
import numpy as np
import pytest
from instrument import wait_for
from served import Attempt, Served
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from rhoscope.local import connections
from rhoscope.records import Block


def live(served: Served, query: str, **given: Any) -> ClientConnection:
    return connect(f"ws://127.0.0.1:{served.port}/api/v1/live?{query}", max_size=None, **given)


class Watcher:
    """What came over one connection."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.blocks: list[Block] = []
        self.messages: list[dict[str, Any]] = []

    @property
    def steps(self) -> list[int]:
        return [int(step) for block in self.blocks for step in block.steps]

    def until(self, done: Callable[[], object], timeout_s: float = 20.0) -> None:
        deadline = time.monotonic() + timeout_s
        while not done():
            message = self.socket.recv(timeout=max(0.01, deadline - time.monotonic()))
            if isinstance(message, bytes):
                self.blocks.append(Block.decode(message))
            else:
                self.messages.append(json.loads(message))

    def events(self, kind: str) -> list[dict[str, Any]]:
        result = [answer["event"] for answer in self.messages if answer["type"] == "event"]
        return [event for event in result if event["kind"] == kind]


def stored(api: httpx.Client, run: str, step: int) -> None:
    wait_for(lambda: api.get(f"/runs/{run}").json()["step"] >= step, 20, f"step {step}")


def test_first_what_is_stored_then_what_comes_and_every_step_once(
    served: Served, api: httpx.Client, begun: Callable[..., Attempt]
) -> None:
    attempt = begun()
    attempt.rows(range(100))
    stored(api, attempt.run, 100)
    with live(served, f"runs={attempt.run}") as socket:
        watcher = Watcher(socket)
        for first in range(100, 300, 10):
            attempt.rows(range(first, first + 10))
        watcher.until(lambda: len(watcher.steps) >= 300)
    assert watcher.steps == list(range(300))
    assert watcher.messages[0]["type"] == "run"
    assert len(watcher.events("started")) == 1


def test_a_client_that_comes_back_gets_what_it_lacks(
    served: Served, api: httpx.Client, begun: Callable[..., Attempt]
) -> None:
    attempt = begun()
    attempt.rows(range(50))
    stored(api, attempt.run, 50)
    with live(served, f"runs={attempt.run}&after={attempt.run}:29") as socket:
        watcher = Watcher(socket)
        watcher.until(lambda: len(watcher.steps) >= 20)
    assert watcher.steps == list(range(30, 50))


def test_only_the_wanted_series_travel(
    served: Served, api: httpx.Client, begun: Callable[..., Attempt]
) -> None:
    attempt = begun(("loss", "k.audio"))
    attempt.rows(range(5))
    stored(api, attempt.run, 5)
    with live(served, f"runs={attempt.run}&names=k.audio") as socket:
        watcher = Watcher(socket)
        attempt.rows(range(5, 10))
        watcher.until(lambda: len(watcher.steps) >= 10)
    assert {name for block in watcher.blocks for name in block.header.names} == {"k.audio"}


def test_more_than_a_client_can_draw_is_a_gap_to_be_read_through_rest(
    served: Served, api: httpx.Client, begun: Callable[..., Attempt]
) -> None:
    attempt = begun()
    for first in range(0, 45_000, 4500):
        attempt.rows(range(first, first + 4500))
    stored(api, attempt.run, 45_000)
    with live(served, f"runs={attempt.run}") as socket:
        watcher = Watcher(socket)
        watcher.until(lambda: watcher.steps and watcher.steps[-1] == 44_999)
    (gap,) = [answer for answer in watcher.messages if answer["type"] == "gap"]
    assert gap["start"] == 0
    assert watcher.steps == list(range(gap["end"] + 1, 45_000))
    assert len(watcher.steps) <= 20_000


def test_several_runs_share_a_connection_and_all_runs_tell_of_themselves(
    served: Served, begun: Callable[..., Attempt]
) -> None:
    one, other = begun(), begun()
    with live(served, f"runs={one.run},{other.run}") as socket, live(served, "runs=*") as everywhere:
        watcher, overview = Watcher(socket), Watcher(everywhere)
        overview.until(lambda: overview.messages)
        one.rows(range(10))
        other.rows(range(20))
        other.tell("values", 20, values={"val.accuracy": 0.5})
        watcher.until(lambda: len(watcher.steps) >= 30)
        overview.until(lambda: overview.events("values"))
    by_run = {run.run: [b for b in watcher.blocks if b.header.run == run.run] for run in (one, other)}
    assert sum(block.header.n for block in by_run[other.run]) == 20
    assert overview.blocks == []


def test_a_deleted_run_is_told(served: Served, api: httpx.Client) -> None:
    run = api.post("/runs", json={}).json()["id"]
    api.post(f"/runs/{run}/stop")
    wait_for(lambda: api.get(f"/runs/{run}").json()["state"] == "stopped", 10, "stopped")
    with live(served, f"runs={run}") as socket:
        watcher = Watcher(socket)
        watcher.until(lambda: watcher.messages)
        api.delete(f"/runs/{run}")
        watcher.until(lambda: watcher.messages[-1]["type"] == "deleted")


def test_a_slow_client_gets_thinned_rows_and_delays_nobody(
    served: Served, api: httpx.Client, begun: Callable[..., Attempt], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "STALLED_S", 600.0)  # slow, but not gone
    names = tuple(f"s{n}" for n in range(50))
    attempt = begun(names)
    with (
        live(served, f"runs={attempt.run}", max_queue=1) as slow,
        live(served, f"runs={attempt.run}") as quick,
    ):
        watcher = Watcher(quick)
        noise = np.random.default_rng(0).normal(size=(50, 1000)).astype(np.float32)
        for first in range(0, 100_000, 1000):
            attempt.rows(range(first, first + 1000), noise)
            watcher.until(lambda upto=first + 999: watcher.blocks and watcher.blocks[-1].steps[-1] >= upto)
        assert watcher.steps == list(range(100_000))
        late = Watcher(slow)
        late.until(lambda: late.steps and late.steps[-1] == 99_999, 60)
    assert len(late.steps) < 100_000
    assert any(block.header.thinned for block in late.blocks)
    assert late.steps == sorted(set(late.steps))
    assert len(api.get(f"/runs/{attempt.run}/export?names=s0&format=jsonl").content.splitlines()) == 100_000


@pytest.mark.parametrize(
    ("query", "code", "says"),
    [
        ("runs=no-such", 4404, "no-such"),
        ("", 4422, "runs"),
        ("runs=" + ",".join(f"r{n}" for n in range(101)), 4422, "100"),
        ("runs=a&after=b", 4422, "after"),
        (f"runs=a&after=a:{2**70}", 4422, "after"),
        (f"runs=a&after=a:{'9' * 6000}", 4422, "after"),
        ("runs=a&after=a:-2", 4422, "after"),
        ("runs=a%00", 4422, "runs"),
        (f"runs=a&names={'x' * 40_000}", 4422, "names"),
        (f"runs={'x' * 9_000}", 4404, "x"),
    ],
)
def test_a_connection_that_makes_no_sense_is_closed_with_a_problem(
    served: Served, query: str, code: int, says: str
) -> None:
    with live(served, query) as socket:
        answer = json.loads(socket.recv(timeout=10))
        with pytest.raises(ConnectionClosed) as closed:
            socket.recv(timeout=10)
    assert answer["type"] == "error"
    assert says in answer["problem"]["detail"]
    assert answer["problem"]["status"] == code - 4000
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == code


def test_a_binary_message_ends_the_connection_with_a_reason_and_a_text_does_not(served: Served) -> None:
    with live(served, "runs=*") as socket:
        socket.send("hello")
        assert json.loads(socket.recv(timeout=10))["type"] == "ping"
        socket.send(b"hello")
        with pytest.raises(ConnectionClosed) as closed:
            socket.recv(timeout=10)
    assert closed.value.rcvd is not None
    assert (closed.value.rcvd.code, "binary" in closed.value.rcvd.reason) == (1003, True)


def test_a_page_of_another_site_may_not_listen(served: Served) -> None:
    with pytest.raises((InvalidStatus, ConnectionClosed)):  # noqa: SIM117
        with live(served, "runs=*", origin="https://evil.example") as socket:
            socket.recv(timeout=10)
