"""What recording a block costs, counted: statements of SQL, and calls of Python functions."""

import sys
from collections import Counter
from pathlib import Path
from types import FrameType

import filled
import numpy as np
import pytest
from sqlalchemy import event

from backend.store import Store, runs, stream
from rhoscope.environment import Environment
from rhoscope.records import Block
from rhoscope.spec import RunSpec

CALLS = 400
"""For one block of sixteen series: 274 with statements that are built once, 671 with new ones each time."""


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return filled.opened(Environment(data_dir=tmp_path))


def entry(run: str, seq: int) -> stream.Entry:
    """A block of ten rows of sixteen series."""
    steps = np.arange(10 * seq, 10 * seq + 10, dtype=np.int32)
    values = np.ones((16, 10), np.float32)
    block = Block.make(run, 1, [f"s{i}" for i in range(16)], steps, values, (1.0 + seq, 1.5 + seq))
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
