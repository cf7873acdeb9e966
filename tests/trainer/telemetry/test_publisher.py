"""Every row and event reaches the stream once and in order, whatever happens to Redis meanwhile."""

import io
import json
import math
import subprocess
import threading
import time
from collections.abc import Iterator

import numpy as np
import pytest
import torch
from redis import Redis

from rhoscope import keys
from rhoscope.environment import Environment
from rhoscope.local import embedded
from rhoscope.local.process import end
from rhoscope.records import Block, Event
from rhoscope.torch.ring import Rows
from trainer.telemetry import publisher as publishing
from trainer.telemetry.json_lines import Lines
from trainer.telemetry.publisher import Publisher


def rows(first: int, n: int = 5, loss: float = 1.0) -> Rows:
    return Rows(
        names=("loss", "lr"),
        steps=np.arange(first, first + n, dtype=np.int32),
        device_values=torch.full((n, 1), loss),
        host_values=np.full((n, 1), 0.1, np.float32),
        times=(time.time(), time.time()),
        copied=None,
    )


def entries(redis: Redis, run: str = "r") -> list[tuple[str, Block | Event]]:
    result = []
    for entry, fields in redis.xrange(keys.records(run)):
        made = Block.decode(fields[b"b"]) if b"b" in fields else Event.decode(fields[b"e"])
        result.append((entry.decode(), made))
    return result


def steps(redis: Redis) -> list[int]:
    return [int(s) for _, made in entries(redis) if isinstance(made, Block) for s in made.steps]


class Server:
    """A real server that can be ended and started again on the same data."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self.url = environment.broker_url
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = embedded.start(self._environment)

    def end(self) -> None:
        if self._process:
            end(self._process)
        self._process = None


@pytest.fixture
def server(environment: Environment) -> Iterator[Server]:
    """Not started yet."""
    environment.socket_path.parent.mkdir(parents=True)
    server = Server(environment)
    yield server
    server.end()


@pytest.fixture
def published(redis_url: str) -> Iterator[Publisher]:
    publisher = Publisher(redis_url, "r", 1)
    yield publisher
    publisher.close(5)


def test_blocks_and_events_arrive_in_order_under_ids_of_attempt_and_sequence(
    published: Publisher, redis_client: Redis
) -> None:
    published.event("started", 0, worker="w")
    published.rows(rows(0))
    published.event("epoch", 5, epoch=0)
    assert published.close(5)
    result = entries(redis_client)
    assert [entry for entry, _ in result] == ["1-0", "1-1", "1-2"]
    first, block, last = (made for _, made in result)
    assert isinstance(first, Event)
    assert first.data == {"worker": "w"}
    assert isinstance(block, Block)
    assert block.header.names == ["loss", "lr"]
    assert block.values[:, 0].tolist() == pytest.approx([1.0, 0.1])
    assert isinstance(last, Event)
    assert (last.kind, last.step, last.attempt, last.run) == ("epoch", 5, 1, "r")


def test_a_next_attempt_starts_again_at_0_and_the_one_before_is_refused_from_then_on(
    redis_url: str, redis_client: Redis
) -> None:
    old, new = Publisher(redis_url, "r", 1), Publisher(redis_url, "r", 2)
    old.rows(rows(0))
    wait(lambda: len(entries(redis_client)) == 1)
    new.rows(rows(5))
    wait(lambda: len(entries(redis_client)) == 2)
    old.rows(rows(100))
    wait(lambda: old.fenced)
    assert not old.close(5)
    assert new.close(5)
    assert [entry for entry, _ in entries(redis_client)] == ["1-0", "2-0"]


def test_an_entry_that_the_server_has_already_is_not_doubled(
    published: Publisher, redis_client: Redis
) -> None:
    """As if the answer to an earlier sending had been lost."""
    redis_client.xadd(keys.records("r"), {"e": b"{}"}, id="1-0")
    redis_client.xadd(keys.records("r"), {"e": b"{}"}, id="1-1")
    for first in (0, 5, 10):
        published.rows(rows(first))
    assert published.close(5)
    assert [entry for entry, _ in redis_client.xrange(keys.records("r"))] == [b"1-0", b"1-1", b"1-2"]


def test_through_a_restart_of_the_server_everything_arrives_once_and_training_is_not_held(
    server: Server,
) -> None:
    server.start()
    publisher = Publisher(server.url, "r", 1)
    held = 0.0
    for i in range(120):
        if i == 20:
            server.end()
        if i == 90:
            server.start()
        before = time.monotonic()
        publisher.rows(rows(5 * i))
        held = max(held, time.monotonic() - before)
        time.sleep(0.005)
    assert publisher.close(10)
    with Redis.from_url(server.url) as redis:
        assert steps(redis) == list(range(600))
    server.end()
    assert held < 0.1


def test_a_server_that_lost_its_newest_entries_gets_them_again(server: Server) -> None:
    """As after a power cut with the append-only file flushed every second."""
    server.start()
    publisher = Publisher(server.url, "r", 1)
    for i in range(10):
        publisher.rows(rows(5 * i))
    with Redis.from_url(server.url) as redis:
        wait(lambda: len(steps(redis)) == 50)
        kept = redis.xrange(keys.records("r"), count=6)
        redis.delete(keys.records("r"))
        for entry, fields in kept:
            redis.xadd(keys.records("r"), fields, id=entry)
    server.end()
    server.start()
    publisher.rows(rows(50))
    assert publisher.close(10)
    with Redis.from_url(server.url) as redis:
        assert steps(redis) == list(range(55))
    server.end()


def test_without_a_server_the_buffer_is_bounded_and_then_training_waits(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publishing, "BUFFER_BYTES", 20_000)
    publisher = Publisher(server.url, "r", 1)
    given: list[int] = []

    def give() -> None:
        for i in range(200):
            publisher.rows(rows(5 * i))
            publisher.settle()
            given.append(i)

    training = threading.Thread(target=give)
    training.start()
    wait(lambda: publisher._bytes > 20_000)
    time.sleep(0.2)
    assert 0 < len(given) < 200
    assert publisher._bytes < 21_000
    server.start()
    training.join()
    assert publisher.close(10)
    with Redis.from_url(server.url) as redis:
        assert steps(redis) == list(range(1000))
    server.end()


def test_a_stream_that_nobody_reads_is_bounded_and_goes_on_when_there_is_room_again(
    redis_client: Redis, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A store that does not keep up costs Redis so much memory and no more; nothing is lost."""
    monkeypatch.setattr(publishing, "STREAM_BYTES", 200_000)
    publisher = Publisher(redis_url, "r", 1)
    for first in range(0, 40_000, 40):
        publisher.rows(rows(first, 40))
    time.sleep(1)
    waiting = redis_client.xlen(keys.records("r"))
    assert waiting < 1000
    assert (redis_client.memory_usage(keys.records("r")) or 0) < 300_000
    seen: list[int] = []
    while len(seen) < 40_000:
        result = entries(redis_client)
        seen += [int(s) for _, made in result if isinstance(made, Block) for s in made.steps]
        if result:
            attempt, _, sequence = result[-1][0].partition("-")
            redis_client.xtrim(keys.records("r"), minid=f"{attempt}-{int(sequence) + 1}", approximate=False)
        time.sleep(0.01)
    assert seen == list(range(40_000))
    assert publisher.close(10)


@pytest.mark.parametrize("loss", [math.nan, math.inf, -math.inf])
def test_a_loss_that_is_not_finite_is_noticed_and_its_rows_are_kept(
    published: Publisher, redis_client: Redis, loss: float
) -> None:
    published.rows(rows(0))
    published.settle()
    assert published.diverged is None
    published.rows(rows(5, loss=loss))
    published.settle()
    assert published.diverged == 5
    assert published.close(5)
    assert steps(redis_client) == list(range(10))


def test_lines_are_json_with_the_newest_values_and_a_final_table() -> None:
    out = io.StringIO()
    lines = Lines("local", out)
    lines.event("started", 0, total_steps=10)
    lines.rows(rows(0))
    lines.rows(rows(5, loss=math.nan))
    lines.event("values", 10, values={"val.accuracy": 0.5})
    lines.event("values", 20, values={"val.accuracy": 0.4})
    lines.event("finished", 20, state="completed", reason="done")
    answer = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [line["kind"] for line in answer] == [
        "started", "progress", "values", "values", "summary", "finished",
    ]  # fmt: skip
    assert answer[1]["step"] == 5
    assert answer[1]["data"]["values"]["loss"] == 1.0
    table = answer[4]["data"]
    assert table["values"]["loss"] == "NaN"
    assert table["best"] == {"val.accuracy": 0.5, "step": 10}
    assert lines.diverged == 5


def wait(look: object, timeout_s: float = 5.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not look():  # type: ignore[operator]
        assert time.monotonic() < deadline
        time.sleep(0.01)
