"""Entries of a run's stream as a worker writes them, committed as the recorder does."""

from typing import Any

import numpy as np

from backend.store import Store, runs, stream
from rhoscope.records import Block, Event
from rhoscope.spec import RunSpec


def new_run(store: Store, **spec: Any) -> str:
    with store.writing() as db:
        return runs.create(db, RunSpec(**spec), {"alpha": 1.5})


def block(run: str, attempt: int, seq: int, steps: Any, values: Any, *names: str) -> stream.Entry:
    which = np.asarray(steps, np.int32)
    names = names or ("loss",)
    each = np.broadcast_to(np.asarray(values, np.float32), (len(names), len(which)))
    made = Block.make(run, attempt, list(names), which, each, (float(which[0]), float(which[-1])))
    return stream.decode(run, (attempt, seq), {b"b": made.encode()})


def wide(run: str, attempt: int, seq: int, steps: Any, values: Any, *names: str) -> stream.Entry:
    """A block as other programs send them: steps and values of 64 bits."""
    which = np.asarray(steps, np.int64)
    names = names or ("loss",)
    each = np.broadcast_to(np.asarray(values, np.float64), (len(names), len(which)))
    made = Block.make(run, attempt, list(names), which, each, (1.0, 2.0))
    return stream.decode(run, (attempt, seq), {b"b": made.encode()})


def event(run: str, attempt: int, seq: int, kind: Any, step: int, /, **data: Any) -> stream.Entry:
    made = Event(run=run, attempt=attempt, kind=kind, step=step, time=1.0, data=data)
    return stream.decode(run, (attempt, seq), {b"e": made.encode()})


def commit(store: Store, run: str, *entries: stream.Entry) -> None:
    with store.writing() as db:
        stream.commit(db, run, entries)
