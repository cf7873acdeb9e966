"""What recording a block costs, counted: statements of SQL, and calls of Python functions."""

import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import filled
import numpy as np
import pytest
from sqlalchemy import Connection, event, func, select

from backend.store import Store, rows, runs, stream
from backend.store.schema import blocks
from rhoscope.environment import Environment
from rhoscope.records import Block, Event
from rhoscope.spec import RunSpec

CALLS = 400
"""For one block of sixteen series: 274 with statements that are built once, 671 with new ones each time."""
RUNS, TOGETHER = 100, 8
CALLS_EACH = 25
"""For each of 8 blocks of 100 runs in a transaction: 18; 85 where each run went in by itself."""


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return filled.opened(Environment(data_dir=tmp_path))


def entry(run: str, seq: int, size: int = 10, seconds: float = 1.0) -> stream.Entry:
    """A block of sixteen series, that many seconds after the one before."""
    steps = np.arange(size * seq, size * (seq + 1), dtype=np.int32)
    values = np.ones((16, size), np.float32)
    times = (1.0 + seconds * seq, 1.0 + seconds * (seq + 0.5))
    block = Block.make(run, 1, [f"s{i}" for i in range(16)], steps, values, times)
    return stream.decode(run, (1, seq), {b"b": block.encode()})


def running(db: Connection, name: str) -> str:
    """The id of a run that trains."""
    run = runs.create(db, RunSpec(name=name), {})
    began = {"run": run, "attempt": 1, "kind": "started", "step": 0, "time": 1.0, "data": {}}
    stream.commit(db, run, [stream.decode(run, (1, 0), {b"e": Event.model_validate(began).encode()})])
    return run


@contextmanager
def statements(db: Connection) -> Iterator[Counter[str]]:
    """First words of the statements that are executed meanwhile."""
    count: Counter[str] = Counter()

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        count[statement.split(maxsplit=1)[0]] += 1

    event.listen(db, "before_cursor_execute", note)
    yield count
    event.remove(db, "before_cursor_execute", note)


@contextmanager
def profiled() -> Iterator[Counter[str]]:
    """What happens to Python functions meanwhile; `call` is the number of calls."""
    count: Counter[str] = Counter()

    def note(_frame: FrameType, kind: str, _what: object) -> None:
        count[kind] += 1

    sys.setprofile(note)
    try:
        yield count
    finally:
        sys.setprofile(None)


def test_a_block_is_stored_with_three_statements_that_are_not_built_anew(store: Store) -> None:
    with store.writing() as db:
        run = running(db, "a run")
        for seq in (1, 2):
            stream.commit(db, run, [entry(run, seq)])
        third = entry(run, 3)
        with statements(db) as said:
            stream.commit(db, run, [third])
        fourth = entry(run, 4)
        with profiled() as happened:
            stream.commit(db, run, [fourth])
    store.close()
    assert said == {"SELECT": 1, "INSERT": 1, "UPDATE": 1}
    assert happened["call"] <= CALLS, happened


def test_blocks_of_many_runs_go_in_by_three_statements_and_those_of_a_second_as_one(store: Store) -> None:
    def entries(first: int) -> dict[str, list[stream.Entry]]:
        return {run: [entry(run, first + i, size=1, seconds=0.1) for i in range(TOGETHER)] for run in ids}

    with store.writing() as db:
        ids = [running(db, f"run {i}") for i in range(RUNS)]
        stream.commit_all(db, entries(1))
        second = entries(1 + TOGETHER)
        with statements(db) as said, profiled() as happened:
            stored = stream.commit_all(db, second)
        kept = db.execute(select(func.count(), func.sum(func.length(blocks.c.data)))).one()
        curves = [rows.read(db, run, ["s3"])["s3"][0] for run in ids]
    store.close()
    assert said == {"SELECT": 1, "INSERT": 1, "UPDATE": 1}
    assert happened["call"] <= CALLS_EACH * RUNS * TOGETHER, happened
    assert [len(one) for one in stored.values()] == [1] * RUNS
    assert kept[0] == 2 * RUNS
    assert kept[1] <= 100 * 2 * RUNS * TOGETHER  # bytes of a row of 68, header included
    assert all(steps.tolist() == list(range(1, 1 + 2 * TOGETHER)) for steps in curves)
