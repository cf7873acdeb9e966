"""The back end says that it lives, whatever its store and its threads do."""

import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing

import httpx
import pytest
from instrument import wait_for
from served import Served

from backend.routes import health
from rhoscope.environment import Environment

WRITES = 60
"""More than the back end has threads."""
STUCK_S = 1.0
ALIVE = ("/healthz", "/api/v1/healthz")


@pytest.fixture
def client(served: Served) -> Iterator[httpx.Client]:
    """Asks for as much at a time as a test likes."""
    limits = httpx.Limits(max_connections=2 * WRITES)
    with httpx.Client(base_url=served.url, limits=limits, timeout=120) as client:
        yield client


@pytest.fixture
def waiting(home: Environment, client: httpx.Client) -> Iterator[list[Future[httpx.Response]]]:
    """Writes that hold every thread of the back end, because another program has locked the store's file."""
    run = client.post("/api/v1/runs", json={}).json()["id"]

    def write(number: int) -> httpx.Response:
        return client.patch(f"/api/v1/runs/{run}", json={"notes": f"Note {number}."})

    with (
        ThreadPoolExecutor(WRITES) as pool,
        closing(sqlite3.connect(home.data_dir / "rhoscope.db", isolation_level=None)) as file,
    ):
        file.execute("BEGIN IMMEDIATE")
        writes = [pool.submit(write, number) for number in range(WRITES)]
        yield writes
        file.execute("ROLLBACK")
        answers = [write.result().status_code for write in writes]
    assert set(answers) <= {200, 503}


def stuck(client: httpx.Client, path: str) -> bool:
    """Whether this route gets no thread to answer in."""
    try:
        client.get(path, timeout=STUCK_S)
    except httpx.ReadTimeout:
        return True
    return False


def test_a_part_that_does_not_answer_is_said_to_be_away_within_seconds(
    served: Served, client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And is not asked a second time as long as the first question waits."""
    request, answer = [], threading.Event()

    def count(_db: object) -> None:
        request.append(1)
        answer.wait(60)

    monkeypatch.setattr(health, "PATIENCE_S", 0.2)
    monkeypatch.setattr(health.runs, "counts", count)
    for _ in range(10):
        result = client.get("/readyz")
        assert result.status_code == 503
        assert "No answer within" in result.json()["checks"]["store"]["says"]
    answer.set()
    monkeypatch.undo()
    assert len(request) == 1
    wait_for(lambda: client.get("/readyz").status_code == 200, 30, "a store that answers")


def test_a_back_end_whose_threads_all_wait_for_the_store_says_that_it_lives(
    client: httpx.Client, waiting: list[Future[httpx.Response]]
) -> None:
    wait_for(lambda: stuck(client, "/api/v1/catalog"), 30, "a back end without a free thread")
    for path in ALIVE:
        assert client.get(path, timeout=30).json() == {"ok": True}
    assert client.get("/readyz", timeout=30).json()["checks"]["redis"]["ok"] is True
    assert stuck(client, "/api/v1/catalog")
    assert not all(write.done() for write in waiting)
