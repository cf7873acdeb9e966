"""What recording a block costs, counted: statements of SQL, and calls of Python functions."""

import sys
from collections import Counter
from pathlib import Path
from types import FrameType

import filled
import numpy as np
import pytest
from sqlalchemy import event, func, select

from backend.store import Store, rows, runs, stream
from backend.store.schema import blocks
from rhoscope.environment import Environment
from rhoscope.records import Block
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


def test_a_block_is_stored_with_three_statements_that_are_not_built_anew(store: Store) -> None:
    said: Counter[str] = Counter()
    calls = 0

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        said[statement.split(maxsplit=1)[0]] += 1

    def call(_frame: FrameType, kind: str, _what: object) -> None:
        nonlocal calls
        calls += kind == "call"

    with store.writing() as db:
        run = runs.create(db, RunSpec(name="a run"), {})
        for seq in (1, 2):
            stream.commit(db, run, [entry(run, seq)])
        third = entry(run, 3)
        event.listen(db, "before_cursor_execute", note)
        stream.commit(db, run, [third])
        event.remove(db, "before_cursor_execute", note)
        fourth = entry(run, 4)
        sys.setprofile(call)
        stream.commit(db, run, [fourth])
        sys.setprofile(None)
    store.close()
    assert said == {"SELECT": 1, "INSERT": 1, "UPDATE": 1}
    assert calls <= CALLS, calls


def test_blocks_of_many_runs_go_in_by_three_statements_and_those_of_a_second_as_one(store: Store) -> None:
    said: Counter[str] = Counter()
    calls = 0

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        said[statement.split(maxsplit=1)[0]] += 1

    def call(_frame: FrameType, kind: str, _what: object) -> None:
        nonlocal calls
        calls += kind == "call"

    def entries(first: int) -> dict[str, list[stream.Entry]]:
        return {run: [entry(run, first + i, size=1, seconds=0.1) for i in range(TOGETHER)] for run in ids}

    with store.writing() as db:
        ids = [runs.create(db, RunSpec(name=f"run {i}"), {}) for i in range(RUNS)]
        stream.commit_all(db, entries(1))
        second = entries(1 + TOGETHER)
        event.listen(db, "before_cursor_execute", note)
        sys.setprofile(call)
        stored = stream.commit_all(db, second)
        sys.setprofile(None)
        event.remove(db, "before_cursor_execute", note)
        kept = db.execute(select(func.count(), func.sum(func.length(blocks.c.data)))).one()
        curves = [rows.read(db, run, ["s3"])["s3"][0] for run in ids]
    store.close()
    assert said == {"SELECT": 1, "INSERT": 1, "UPDATE": 1}
    assert calls <= CALLS_EACH * RUNS * TOGETHER, calls / RUNS / TOGETHER
    assert [len(one) for one in stored.values()] == [1] * RUNS
    assert kept[0] == 2 * RUNS
    assert kept[1] <= 100 * 2 * RUNS * TOGETHER  # bytes of a row of 68, header included
    assert all(steps.tolist() == list(range(1, 1 + 2 * TOGETHER)) for steps in curves)
