"""Orders with an id: carried out once, answered the same, and kept until a checkpoint holds what they did."""

import json
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from instrument import wait_for
from redis import Redis, TimeoutError
from served import Attempt, Served
from sqlalchemy import text

from backend.launching.workers import Workers
from backend.store import AWAY, Store, UnsureCommit
from rhoscope import keys
from rhoscope.client import Client
from rhoscope.errors import Conflict, NotFound, Unavailable, Unsure


@contextmanager
def frozen(broker: Redis) -> Iterator[None]:
    process = broker.info("server")["process_id"]
    os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(process, signal.SIGCONT)


@pytest.fixture
def client(served: Served) -> Iterator[Client]:
    with Client(served.url) as client:
        yield client


@pytest.fixture
def running(client: Client, begun: Callable[..., Attempt]) -> Attempt:
    attempt = begun()
    wait_for(lambda: client.run(attempt.run).state == "running", 10, "running")
    return attempt


def sent(broker: Redis, run: str) -> list[dict[str, Any]]:
    """What waits in the run's command stream."""
    return [json.loads(fields[b"c"]) for _, fields in broker.xrange(keys.commands(run))]


def test_a_change_that_is_sent_again_with_its_id_is_one_order_with_one_answer(
    client: Client, broker: Redis, running: Attempt
) -> None:
    first = client.set(running.run, idempotency_key="set-1", alpha=0.3)
    assert client.set(running.run, idempotency_key="set-1", alpha=0.3) == first
    with pytest.raises(Conflict, match="set-1"):
        client.set(running.run, idempotency_key="set-1", alpha=0.4)
    wait_for(lambda: [one["id"] for one in sent(broker, running.run)] == [first], 10, "the one order")
    running.finish(5)
    wait_for(lambda: client.run(running.run).state == "completed", 10, "completed")
    assert client.set(running.run, idempotency_key="set-1", alpha=0.3) == first


def test_pause_resume_stop_and_delete_are_harmless_to_repeat(client: Client, running: Attempt) -> None:
    run = running.run
    paused = client.pause(run, idempotency_key="pause-1")
    running.finish(7, "paused")
    wait_for(lambda: client.run(run).state == "paused", 10, "paused")
    resumed = client.resume(run, steps=70, idempotency_key="resume-1")
    assert (resumed.state, resumed.attempt) == ("queued", 2)
    assert client.pause(run, idempotency_key="pause-1") == paused
    assert client.resume(run, steps=70, idempotency_key="resume-1") == resumed
    assert (client.run(run).state, client.run(run).attempt) == ("queued", 2)
    stopping = client.stop(run, idempotency_key="stop-1")
    wait_for(lambda: client.run(run).state == "stopped", 10, "stopped")
    assert client.stop(run, idempotency_key="stop-1") == stopping
    client.delete(run, idempotency_key="delete-1")
    client.delete(run, idempotency_key="delete-1")
    with pytest.raises(NotFound):
        client.delete(run)


def test_many_at_once_are_repeated_as_harmlessly(api: httpx.Client, client: Client) -> None:
    made = [client.launch({"name": "many"}).id for _ in range(2)]
    for act in ("stop", "delete"):
        answers = []
        for _ in range(2):
            body = {"runs": made, "act": act}
            answers.append(api.post("/runs/bulk", json=body, headers={"Idempotency-Key": act}).json())
            wait_for(lambda: client.runs(q="many", state="stopping").total == 0, 10, "all stopped")
        assert answers == [{"done": made, "refused": []}] * 2


def test_what_was_ordered_of_a_resumed_run_waits_for_its_training_process(
    client: Client, broker: Redis, running: Attempt
) -> None:
    running.finish(9, "paused")
    wait_for(lambda: client.run(running.run).state == "paused", 10, "paused")
    client.resume(running.run, steps=70)
    Attempt(broker, running.run, 2).take()
    assert [(one["verb"], one["step"]) for one in sent(broker, running.run)] == [("pause", 79)]


def test_an_order_stays_in_the_stream_whatever_redis_loses_until_a_checkpoint_holds_it(
    client: Client, broker: Redis, running: Attempt
) -> None:
    stream, first = keys.commands(running.run), client.set(running.run, alpha=0.3)
    wait_for(lambda: sent(broker, running.run), 10, "the order")
    broker.delete(stream)
    wait_for(lambda: sent(broker, running.run), 10, "the order once more")
    ((entry, _),) = broker.xrange(stream)
    running.tell("checkpoint", 10, cursor=entry.decode(), path="/x/a.pt", kept=["a.pt"])
    wait_for(lambda: client.checkpoints(running.run), 10, "the checkpoint")
    broker.delete(stream)
    second = client.set(running.run, alpha=0.4)
    wait_for(lambda: [one["id"] for one in sent(broker, running.run)] == [second], 10, "only the second")
    running.lease.release()
    later = Attempt(broker, running.run, 2)
    later.take()
    later.tell("started", 0, start_step=0, total_steps=100, epochs=2, series=[], cursor="0")
    broker.delete(stream)
    both = [first, second]
    wait_for(lambda: [one["id"] for one in sent(broker, running.run)] == both, 10, "what is undone again")


def test_what_is_ordered_while_redis_is_frozen_is_carried_out_once_after_the_thaw(
    api: httpx.Client, client: Client, broker: Redis, running: Attempt
) -> None:
    with frozen(broker):
        assert api.patch(f"/runs/{running.run}/settings", json={"alpha": 0.3}).status_code == 202
        wait_for(lambda: api.get("/readyz").status_code == 503, 30, "the launcher to have tried in vain")
        assert api.post(f"/runs/{running.run}/pause").json()["state"] == "pausing"
    wait_for(lambda: len(sent(broker, running.run)) == 2, 20, "both orders")
    wait_for(lambda: api.get("/readyz").status_code == 200, 20, "the launcher to go on")
    assert [one["verb"] for one in sent(broker, running.run)] == ["set", "pause"]


def test_whether_a_worker_was_drained_is_not_known_when_the_answer_is_lost(
    served: Served, broker: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Lossy(Redis):
        def set(self, *_given: Any, **_more: Any) -> Any:
            raise TimeoutError("Timeout reading from socket")

    lossy = Lossy(connection_pool=broker.connection_pool)
    with pytest.raises(Unsure, match="may have been carried out; ask again with the same"):
        Workers(lossy, served.application.store).drain("pretended", draining=True)


def test_a_store_that_is_lost_while_it_commits_is_said_to_have_perhaps_written(postgres_url: str) -> None:
    store = Store(postgres_url.replace("postgresql:", "postgresql+psycopg:"))
    with pytest.raises(UnsureCommit):
        write_to_the_lost(store)
    assert issubclass(UnsureCommit, AWAY)
    store.close()


def write_to_the_lost(store: Store) -> None:
    with store.writing() as db, store.reading() as other:
        process = db.scalar(text("SELECT pg_backend_pid()"))
        other.execute(text("SELECT pg_terminate_backend(:process)"), {"process": process})


def test_an_order_of_which_the_store_may_have_been_lost_is_answered_so(
    api: httpx.Client, running: Attempt, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = UnsureCommit("COMMIT", {}, Exception("server closed the connection"))
    with monkeypatch.context() as patched:
        patched.setattr("backend.orders.course.once", raising(lost))
        answer = api.post(f"/runs/{running.run}/pause", headers={"Idempotency-Key": "p-7"})
    assert answer.status_code == 503
    assert answer.json()["type"] == "urn:rhoscope:error:Unsure"
    assert "may have been carried out; ask again with the same Idempotency-Key 'p-7'" in answer.text


def raising(error: Exception) -> Callable[..., Any]:
    def act(*_given: Any) -> Any:
        raise error

    return act


def test_the_client_names_the_id_of_an_order_whose_answer_never_came() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=hang_up, args=(server, 2), daemon=True).start()
        with Client(f"http://127.0.0.1:{server.getsockname()[1]}") as client:
            with pytest.raises(Unsure, match="ask again with the same Idempotency-Key 'r-1'"):
                client.resume("a", steps=7, idempotency_key="r-1")
            with pytest.raises(Unavailable) as question:
                client.run("a")
    assert not isinstance(question.value, Unsure)


def hang_up(server: socket.socket, times: int) -> None:
    """Read a request and close the connection without an answer."""
    for _ in range(times):
        connection, _ = server.accept()
        with connection:
            connection.recv(65536)
