"""Small curves: every extreme is kept, and only new rows are read."""

import numpy as np
import pytest
from entries import block, commit, new_run

from backend.curves import sparks as sparks_module
from backend.curves.sparks import BUCKETS, Envelope, Sparks
from backend.store import Store, rows, runs, stream
from rhoscope.records import Block
from rhoscope.spec import RunSpec


def test_an_envelope_keeps_every_extreme_however_it_was_told() -> None:
    values = np.random.default_rng(0).normal(size=5000).astype(np.float32)
    values[[1234, 4999]] = [50, -40]
    values[7] = np.nan
    whole, bites = Envelope(), Envelope()
    whole.add(np.arange(5000, dtype=np.int32), values)
    for start in range(0, 5000, 37):
        part = np.arange(start, min(start + 37, 5000), dtype=np.int32)
        bites.add(part, values[part])
    steps, lows, highs = (whole.shape(64)[part].tolist() for part in ("steps", "low", "high"))
    assert (steps, lows, highs) == tuple(bites.shape(64)[part].tolist() for part in ("steps", "low", "high"))
    assert len(steps) <= 64
    assert (max(highs), min(lows)) == (50, -40)
    width = steps[1] - steps[0]
    for step, low, high in zip(steps, lows, highs, strict=True):
        stretch = values[step : step + width]
        assert (low, high) == (np.nanmin(stretch), np.nanmax(stretch))


def test_an_envelope_of_nothing_finite_is_empty() -> None:
    odd = Envelope()
    odd.add(np.arange(3, dtype=np.int32), np.array([np.nan, np.inf, -np.inf], np.float32))
    assert odd.shape(BUCKETS)["steps"].tolist() == []


def test_sparks_go_on_from_what_they_know_and_start_anew_with_a_new_attempt(store: Store) -> None:
    with store.writing() as db:
        run = runs.create(db, RunSpec(), {})
    sparks = Sparks()

    def record(attempt: int, seq: int, steps: range, value: float) -> None:
        which = np.array(steps, np.int32)
        block = Block.make(run, attempt, ["accuracy"], which, np.full((1, len(which)), value), (0.0, 1.0))
        with store.writing() as db:
            stream.commit(db, run, [stream.decode(run, (attempt, seq), {b"b": block.encode()})])

    def curve() -> list[float]:
        with store.reading() as db:
            (spark,) = sparks.of(db, [run, "unknown"], 64)
        highs: list[float] = spark["series"][0]["high"].tolist()
        return highs

    record(1, 1, range(10), 0.25)
    assert curve() == [0.25] * 10
    record(1, 2, range(10, 12), 0.5)
    assert curve() == [0.25] * 10 + [0.5] * 2
    record(2, 1, range(5, 20), 1.0)
    assert curve() == [0.25] * 5 + [1.0] * 15


def test_sparks_read_a_slow_runs_tail_once(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    run = new_run(store)
    commit(store, run, block(run, 1, 1, range(5), 0.5, "accuracy"))
    read: list[str] = []
    tail = rows.tail_of
    monkeypatch.setattr(rows, "tail_of", lambda db, run, *given: read.append(run) or tail(db, run, *given))
    with store.reading() as db:
        (spark,) = Sparks().of(db, [run], 64)
    assert {one["name"]: one["high"].tolist() for one in spark["series"]} == {"accuracy": [0.5] * 5}
    assert read == [run]  # not once more for the validation accuracy, of which there is none yet


def test_a_very_long_run_is_read_from_outlines_and_keeps_every_spike(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = new_run(store)
    values = np.sin(np.arange(20_000) / 500)
    values[[7, 12_345]] = 9.0, -9.0
    for i in range(5):
        at = slice(4000 * i, 4000 * (i + 1))
        commit(store, run, block(run, 1, i + 1, np.arange(20_000)[at], values[at], "accuracy"))
    shapes = []
    for long in (sparks_module.LONG, 10_000):
        monkeypatch.setattr(sparks_module, "LONG", long)
        with store.reading() as db:
            shapes.append(Sparks().of(db, [run], 256)[0]["series"][0])
    exact, outlined = shapes
    assert outlined["steps"].tolist() == exact["steps"].tolist()
    assert (outlined["low"] >= exact["low"]).all()
    assert (outlined["high"] <= exact["high"]).all()
    assert np.abs(outlined["high"] - exact["high"]).max() < 0.05
    assert {9.0} <= set(outlined["high"].tolist())
    assert {-9.0} <= set(outlined["low"].tolist())
