"""The recorder: from real streams into the store, with Redis or the store away in between."""

import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest
from redis import Redis
from served import Attempt
from sqlalchemy import Connection
from sqlalchemy.event import listen, remove

from backend.metrics import Metrics
from backend.recording.fanout import Fanout
from backend.recording.recorder import Recorder
from backend.store import Store, events, rows, runs, stream
from rhoscope import keys
from rhoscope.environment import Environment
from rhoscope.local import embedded
from rhoscope.local.process import end
from rhoscope.records import Block, Event
from rhoscope.spec import RunSpec
from rhoscope.states import RunState


@pytest.fixture
def recorder(store: Store, redis_client: Redis) -> Recorder:
    return Recorder(redis_client, store, Fanout(lambda _ids: []), Metrics())


def new_run(store: Store) -> str:
    with store.writing() as db:
        return runs.create(db, RunSpec(), {})


def steps(store: Store, run: str) -> list[int]:
    with store.reading() as db:
        return rows.read(db, run, ["loss"])["loss"][0].tolist()


def drain(recorder: Recorder) -> None:
    while recorder.step(1):
        pass


def test_everything_published_is_stored_in_order_and_then_trimmed(
    store: Store, redis_client: Redis, recorder: Recorder
) -> None:
    run = new_run(store)
    attempt = Attempt(redis_client, run)
    attempt.begin()
    for first in range(0, 3000, 10):
        attempt.rows(range(first, first + 10))
    attempt.finish(3000)
    drain(recorder)
    assert steps(store, run) == list(range(3000))
    with store.reading() as db:
        assert runs.get(db, run).state == RunState.COMPLETED
    recorder._clean()
    assert redis_client.xlen(keys.records(run)) == 0
    with pytest.raises(Exception, match="smaller than the target stream top item"):
        redis_client.xadd(keys.records(run), {"b": b"late"}, id="1-5")


def test_a_hundred_runs_share_the_reader(store: Store, redis_client: Redis, recorder: Recorder) -> None:
    ids = [new_run(store) for _ in range(100)]
    attempts = [Attempt(redis_client, run) for run in ids]
    for attempt in attempts:
        attempt.begin()
    drain(recorder)
    for attempt in attempts:
        attempt.rows(range(20))
    deadline = time.monotonic() + 20
    while any(steps(store, run) != list(range(20)) for run in ids):
        recorder.step(1)
        assert time.monotonic() < deadline


def test_a_store_that_fails_in_the_middle_of_a_batch_loses_and_doubles_nothing(
    store: Store, redis_client: Redis, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [new_run(store) for _ in range(10)]
    for run in ids:
        attempt = Attempt(redis_client, run)
        attempt.rows(range(50))
        attempt.begin()
        attempt.rows(range(50, 100))
    kept, calls = events.add, 0

    def fail_once(db: Connection, event: Event) -> int:
        nonlocal calls
        calls += 1
        if calls == 5:
            raise ConnectionResetError("the database went away")
        return kept(db, event)

    monkeypatch.setattr(stream.events, "add", fail_once)
    with pytest.raises(ConnectionResetError):
        recorder.step(1)
    assert [steps(store, run) for run in ids] == [[]] * 10
    drain(recorder)
    assert [steps(store, run) for run in ids] == [list(range(100))] * 10


def test_an_entry_that_is_read_twice_is_stored_once_though_blocks_go_in_together(
    store: Store, redis_client: Redis
) -> None:
    run = new_run(store)
    attempt = Attempt(redis_client, run)
    for first in range(0, 60, 3):
        attempt.rows(range(first, first + 3))
    read = [
        stream.decode(run, (1, seq), fields)
        for seq, (_, fields) in enumerate(redis_client.xrange(keys.records(run)))
    ]
    with store.writing() as db:
        stream.commit(db, run, read[:11])
    with store.writing() as db:
        stored = stream.commit(db, run, read)
    assert sum(one.entry.content.header.n for one in stored if isinstance(one.entry.content, Block)) == 27
    assert steps(store, run) == list(range(60))


class Broker:
    """A server that can be killed and started again on the same data."""

    def __init__(self, environment: Environment) -> None:
        self.environment = environment
        self.process: subprocess.Popen[bytes] = embedded.start(environment)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def start(self) -> None:
        self.process = embedded.start(self.environment)


@pytest.fixture
def mortal(environment: Environment) -> Iterator[Broker]:
    broker = Broker(environment)
    yield broker
    end(broker.process)


def test_redis_killed_and_back_goes_on_where_it_was(store: Store, mortal: Broker) -> None:
    run = new_run(store)
    redis = Redis.from_url(mortal.environment.broker_url)
    recorder = Recorder(redis, store, Fanout(lambda _ids: []), Metrics())
    recorder.start()
    attempt = Attempt(Redis.from_url(mortal.environment.broker_url), run)
    attempt.begin()
    attempt.rows(range(50))
    until(lambda: len(steps(store, run)) == 50)
    time.sleep(1.1)  # the append-only file is flushed once a second
    mortal.kill()
    until(lambda: "Redis does not answer" in recorder.trouble)
    mortal.start()
    attempt.rows(range(50, 90))
    until(lambda: len(steps(store, run)) == 90)
    recorder.stop()
    assert steps(store, run) == list(range(90))
    assert recorder.trouble == ""


def until(look: object, timeout_s: float = 20.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not look():  # type: ignore[operator]
        assert time.monotonic() < deadline, look
        time.sleep(0.02)


def test_readers_see_whole_transactions_while_it_writes(
    store: Store, redis_client: Redis, recorder: Recorder
) -> None:
    """Two series of one block are never of different length, however often one looks."""
    run = new_run(store)
    attempt = Attempt(redis_client, run, names=("a", "b"))
    attempt.begin()
    writing = threading.Thread(target=lambda: [attempt.rows(range(n, n + 5)) for n in range(0, 3000, 5)])
    writing.start()
    while writing.is_alive() or recorder.step(1):
        recorder.step(1)
        with store.reading() as db:
            result = rows.read(db, run, ["a", "b"])
        np.testing.assert_array_equal(result["a"][0], result["b"][0])
    assert len(result["a"][0]) >= 0
    drain(recorder)
    with store.reading() as db:
        assert len(rows.read(db, run, ["a"])["a"][0]) == 3000


def test_a_hundred_runs_that_wait_are_taken_in_bites_and_every_step_arrives(
    store: Store, redis_client: Redis, recorder: Recorder
) -> None:
    """A store that was away: each run's stream is full of what it could not take."""
    made = [new_run(store) for _ in range(100)]
    for run in made:
        attempt = Attempt(redis_client, run)
        attempt.begin()
        for first in range(0, 600, 10):
            attempt.rows(range(first, first + 10))
    taken = []
    while result := recorder.step(1):
        taken.append(result)
    assert sum(taken) == 100 * 61
    assert max(taken) <= 2048
    assert all(steps(store, run) == list(range(600)) for run in made)


def test_a_turn_of_nothing_but_blocks_asks_the_store_once(
    store: Store, redis_client: Redis, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    for pause in ("TRIM_S", "WATCHED_S"):  # else the clock asks for streams once more, and tidies up
        monkeypatch.setattr(f"backend.recording.recorder.{pause}", 600.0)
    attempts = [Attempt(redis_client, new_run(store)) for _ in range(40)]
    for attempt in attempts:
        attempt.begin()
        attempt.rows(range(5))
    drain(recorder)
    with counted(store) as said:
        for first in (5, 10, 15):
            for attempt in attempts:
                attempt.rows(range(first, first + 5))
            recorder.step(1)
    looked = sum(statement.startswith("SELECT") for statement in said)
    assert looked <= 3
    assert not [statement for statement in said if statement.startswith("UPDATE runs")]
    assert all(steps(store, attempt.run) == list(range(20)) for attempt in attempts)


def test_it_stops_waiting_for_the_runs_it_knows_when_another_one_comes(
    store: Store, redis_client: Redis, recorder: Recorder
) -> None:
    Attempt(redis_client, new_run(store)).begin()
    drain(recorder)
    waiting = threading.Thread(target=recorder.step, args=(60_000,), daemon=True)
    waiting.start()
    late = Attempt(redis_client, new_run(store))
    redis_client.xadd(keys.ARRIVALS, {b"n": b""}, maxlen=1)
    waiting.join(30)
    assert not waiting.is_alive()
    late.begin()
    late.rows(range(5))
    drain(recorder)
    assert steps(store, late.run) == [*range(5)]


@contextmanager
def counted(store: Store) -> Iterator[list[str]]:
    """The statements that are executed meanwhile."""
    said: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        said.append(statement)

    listen(store._engine, "before_cursor_execute", note)
    yield said
    remove(store._engine, "before_cursor_execute", note)
