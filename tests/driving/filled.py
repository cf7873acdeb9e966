"""A store with long runs and many runs in it, written through the recorder's own transactions, in no time.

What a run of a million steps would have told is told here in blocks of `CHUNK_ROWS` rows; the curves are
smooth ones with noise; one step of each series is a spike, and one of the loss is NaN.
"""

import itertools
import time
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from backend.store import Store, rows, runs, stream
from rhoscope.environment import Environment
from rhoscope.records import Block, Event
from rhoscope.series import Series
from rhoscope.spec import RunSpec

MODALITIES = ("audio", "visual")
STEMS = ("rho", "k", "grad_norm", "score", "accuracy")
NAMES = (*(f"{stem}.{m}" for stem in STEMS for m in MODALITIES), "loss", "lr")
"""Twelve dense series."""
SPIKE = 50.0
BATCH = 8


def declared() -> list[Series]:
    """Plain declarations of `NAMES`."""
    logs = ("rho", "grad_norm")
    return [
        Series(
            name=name,
            title=name.partition(".")[0].replace("_", " ").capitalize(),
            unit="1",
            formula="x",
            help="A number for measuring.",
            scale="log" if name.startswith(logs) else "linear",
            reference=1.0 if name.startswith("rho") else None,
        )
        for name in NAMES
    ]


def fill(
    store: Store, steps: int, *, name: str, seed: int = 0, ended: bool = True, alone: bool = False
) -> str:
    """One run of so many steps; its id.

    One transaction for all: a running product would start a run that is queued for a moment. Where the store
    is `alone`, there are many, since a long run's would fill the disk twice.
    """
    entries = _entries(run := runs.new_id(), steps, seed, ended=ended)
    with store.writing() as db:
        runs.create(db, RunSpec(name=name), {"alpha": 0.5}, id=run)
        stream.commit(db, run, list(itertools.islice(entries, BATCH)))
        while not alone and (batch := list(itertools.islice(entries, BATCH))):
            stream.commit(db, run, batch)
    while batch := list(itertools.islice(entries, BATCH)):
        with store.writing() as db:
            stream.commit(db, run, batch)
    return run


def opened(environment: Environment) -> Store:
    """The store, with its tables."""
    store = Store(environment.store_url)
    store.open()
    return store


def _entries(run: str, steps: int, seed: int, *, ended: bool) -> Iterator[stream.Entry]:
    began = time.time() - steps / 100
    answer = {"modalities": list(MODALITIES), "start_step": 0, "total_steps": steps, "epochs": 1}
    answer |= {"series": [series.model_dump() for series in declared()], "steps_per_epoch": steps}
    yield _event(run, 1, "started", 0, **answer)
    dice = np.random.default_rng(seed)
    seq = 1
    for first in range(0, steps, rows.CHUNK_ROWS):
        seq += 1
        at = np.arange(first, min(steps, first + rows.CHUNK_ROWS), dtype=np.int32)
        times = (began + float(at[0]) / 100, began + float(at[-1]) / 100)
        block = Block.make(run, 1, list(NAMES), at, _values(at, steps, dice), times)
        yield stream.decode(run, (1, seq), {b"b": block.encode()})
    if ended:
        yield _event(run, seq + 1, "finished", steps, state="completed", reason="All is done.")


def _event(run: str, seq: int, kind: str, step: int, **data: object) -> stream.Entry:
    event = Event.model_validate(
        {"run": run, "attempt": 1, "kind": kind, "step": step, "time": time.time(), "data": data}
    )
    return stream.decode(run, (1, seq), {b"e": event.encode()})


def _values(at: NDArray[np.int32], steps: int, dice: np.random.Generator) -> NDArray[np.float32]:
    share = at / steps
    base = np.stack([1 + 0.3 * i + 0.5 * np.exp(-3 * share) for i in range(len(NAMES))])
    values = base * (1 + 0.1 * dice.standard_normal(base.shape))
    for i in range(len(NAMES)):
        values[i, at == (2 * i + 1) * steps // (2 * len(NAMES))] = SPIKE
    values[NAMES.index("loss"), at == steps // 3] = np.nan
    return values.astype(np.float32)
