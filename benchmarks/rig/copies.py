"""A store with more runs than anybody would wait for: some are recorded, all others are copies of these.

What is recorded goes through the recorder's own transactions. A copy differs from its original in what tells
runs apart: id, name, times, learning rate, seed, and accuracies. Ten seeds in a row share their settings.
"""

import itertools
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import Connection, Table, insert, literal, select

from backend.store import Store, runs, stream
from backend.store.doing import doing
from backend.store.progress import BEST, scored, tested
from backend.store.schema import blocks, chunks, outlines, points
from backend.store.search import folded
from rhoscope.catalog import Catalog
from rhoscope.records import Block, Event
from rhoscope.series import Series
from rhoscope.spec import RunSpec

STRATEGIES = ("joint", "ogm-ge", "ogm", "agm", "opm")
ENDS = ("completed", "completed", "completed", "stopped", "failed")
MODALITIES = ("audio", "visual")
SEEDS = 10
RATES = 40
"""Learning rates among the runs of one strategy and end."""
APART_S = 60.0
"""Between two runs."""
TOGETHER = 2000
"""Rows of one statement."""
CURVES: tuple[Table, ...] = (blocks, chunks, outlines, points)


@dataclass(frozen=True)
class Original:
    """A recorded run: what it was launched with, and its row in the store."""

    spec: RunSpec
    row: dict[str, Any]


def many(store: Store, catalog: Catalog, count: int, curved: int, steps: int) -> list[str]:
    """Ids of `count` runs that have ended, newest first; `curved` of them have curves."""
    kinds = itertools.product(STRATEGIES, dict.fromkeys(ENDS))
    with store.writing() as db:
        originals = {
            (kind, end): record(db, catalog, kind, end, steps, n) for n, (kind, end) in enumerate(kinds)
        }
        made = list(_copies(originals, count - len(originals)))
        for first in range(0, len(made), TOGETHER):
            db.execute(insert(runs.runs), [row for _, row in made[first : first + TOGETHER]])
        for original, row in made[-curved:]:
            copy_curves(db, original.row["id"], row["id"])
    return [row["id"] for _, row in reversed(made)] + [one.row["id"] for one in originals.values()][::-1]


def record(db: Connection, catalog: Catalog, strategy: str, end: str, steps: int, seed: int) -> Original:
    """A run as its worker would have told of it."""
    spec = catalog.read(RunSpec(strategy=strategy, settings={"lr": 0.001, "seed": seed}))
    run = runs.create(db, spec, catalog.check(spec))
    declared = [
        one
        for plugin in catalog.chosen(spec)
        for series in plugin.series
        for one in series.expand(MODALITIES)
    ]
    for entry in _entries(run, declared, steps, seed, end):
        stream.commit(db, run, [entry])
    runs.close(db, run)
    row = db.execute(select(runs.runs).where(runs.runs.c.id == run)).mappings().one()
    return Original(spec, dict(row))


def _entries(run: str, declared: Sequence[Series], steps: int, seed: int, end: str) -> Iterator[stream.Entry]:
    began, dice = time.time(), np.random.default_rng(seed)
    dense = [series.name for series in declared if not series.sparse]
    sparse = [series.name for series in declared if series.sparse]
    answer = {"worker": "gpu-1", "device": "cuda:0", "modalities": list(MODALITIES), "epochs": 3}
    answer |= {"total_steps": steps, "steps_per_epoch": steps // 3}
    yield _event(run, 1, "started", 0, began, series=[one.model_dump() for one in declared], **answer)
    reached = steps if end == "completed" else steps // 2
    at = np.arange(reached, dtype=np.int32)
    noise = dice.standard_normal((len(dense), reached))
    values = (1 + np.exp(-at / steps) + 0.1 * noise).astype(np.float32)
    block = Block.make(run, 1, dense, at, values, (began, began + reached / 10))
    yield stream.decode(run, (1, 2), {b"b": block.encode()})
    scores = {name: float(0.5 + 0.4 * dice.random()) for name in sparse}
    yield _event(run, 3, "values", reached, began + reached / 10, values=scores)
    yield _event(run, 4, "epoch", reached, began + reached / 10, epoch=2)
    reason = "All is done." if end == "completed" else "It was to end."
    yield _event(run, 5, "finished", reached, began + reached / 10, state=end, reason=reason)


def _event(run: str, seq: int, kind: str, step: int, when: float, **data: object) -> stream.Entry:
    event = {"run": run, "attempt": 1, "kind": kind, "step": step, "time": when, "data": data}
    return stream.decode(run, (1, seq), {b"e": Event.model_validate(event).encode()})


def _copies(
    originals: dict[tuple[str, str], Original], count: int
) -> Iterator[tuple[Original, dict[str, Any]]]:
    """Rows of `count` copies, the oldest first, with the original of each."""
    dice, now = np.random.default_rng(0), time.time()
    for n in range(count):
        seed, family = n % SEEDS, n // SEEDS
        strategy, end = STRATEGIES[family % len(STRATEGIES)], ENDS[n % 7 % len(ENDS)]
        rate = round(0.001 * (1 + family // len(STRATEGIES) % RATES), 3)
        original = originals[strategy, end]
        yield original, copy(original, rate, seed, now - APART_S * (count - n), dice)


def copy(
    original: Original, rate: float, seed: int, created: float, dice: np.random.Generator
) -> dict[str, Any]:
    """The row of a run that was launched at `created` and went as the original did."""
    row, spec = original.row, original.spec
    given = spec.settings | {"lr": rate, "seed": seed}
    spec = spec.model_copy(update={"settings": given})
    later = {name: created + row[name] - row["created"] for name in ("changed", "started", "finished")}
    better = float(0.02 * dice.standard_normal())
    scores = {name: value + better for name, value in row["last"].items() if name.endswith(".accuracy")}
    last = row["last"] | scores
    best = row["best"] | {BEST: row["best"][BEST] + better}
    made = (
        row
        | later
        | {
            "id": runs.new_id(),
            "name": spec.title(),
            "folded": folded(spec.title()),
            "spec": row["spec"] | {"settings": given},
            "settings": row["settings"] | {"lr": rate, "seed": seed},
            "created": created,
            "last": last,
            "test_accuracy": tested(last),
            "best": best,
            "best_accuracy": scored(best),
        }
    )
    return made | {"doing": doing(made)}


def copy_curves(db: Connection, original: str, run: str) -> None:
    """Give a run the curves of another one."""
    for table in CURVES:
        columns = [column.name for column in table.c if column.name != "run"]
        source = select(literal(run), *(table.c[name] for name in columns)).where(table.c.run == original)
        db.execute(insert(table).from_select(["run", *columns], source))
