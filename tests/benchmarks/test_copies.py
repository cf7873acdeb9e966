"""Copies of recorded runs are what the API and the recorder would have left of such runs."""

import time
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import insert, select

from backend.store import Store, rows, runs
from backend.store.progress import BEST
from backend.store.schema import runs as table
from benchmarks.rig import copies
from trainer.plugins import describe

CHANGED = {"id", "created", "changed", "started", "finished"}
"""What no two runs share."""


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store(f"sqlite:///{tmp_path / 'store.db'}")
    store.open()
    return store


def test_a_copy_is_the_run_that_would_have_been_launched_and_recorded(store: Store) -> None:
    catalog = describe()
    with store.writing() as db:
        original = copies.record(db, catalog, "ogm-ge", "completed", 60, 3)
        made = copies.copy(original, 0.02, 7, time.time(), np.random.default_rng(0))
        spec = original.spec.model_copy(update={"settings": made["spec"]["settings"]})
        launched = runs.create(db, spec, catalog.check(spec))
        fresh = dict(db.execute(select(table).where(table.c.id == launched)).mappings().one())
        db.execute(insert(table), [made])
        copies.copy_curves(db, original.row["id"], made["id"])
        copied = runs.get(db, made["id"])
        recorded = runs.get(db, original.row["id"])
        curves = [rows.read(db, one.id, ["loss", BEST]) for one in (copied, recorded)]
    texts = ("name", "folded", "spec", "settings", "strategy", "dataset", "fusion", "tags", "course")
    for name in (*texts, "doing"):
        assert made[name] == fresh[name], name
    differ = {name for name, value in made.items() if value != original.row[name]}
    scores = {"last", "best", "test_accuracy", "best_accuracy"}
    assert differ == CHANGED | scores | {"name", "folded", "spec", "settings", "doing"}
    assert copied.finished - copied.created == pytest.approx(recorded.finished - recorded.created)
    assert copied.last["test.accuracy"] == made["test_accuracy"]
    for name, (steps, values) in curves[0].items():
        assert np.array_equal(steps, curves[1][name][0])
        assert np.array_equal(values, curves[1][name][1], equal_nan=True)


def test_a_store_of_many_has_as_many_as_were_wanted_the_newest_first(store: Store) -> None:
    ids = copies.many(store, describe(), 60, 5, 30)
    with store.reading() as db:
        created = {row.id: row.created for row in db.execute(select(table.c.id, table.c.created))}
        copied = ids[: 60 - len(copies.STRATEGIES) * len(dict.fromkeys(copies.ENDS))]
        assert len(ids) == len({*ids}) == len(created) == 60
        assert copied == sorted(copied, key=lambda one: -created[one])
        assert len(rows.read(db, ids[0], ["loss"])["loss"][0])
        assert not len(rows.read(db, copied[5], ["loss"])["loss"][0])
