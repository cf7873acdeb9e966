"""A long run from far away: not every value, but every spike, every stretch of NaN, and how much there is."""

import math
from typing import Any

import numpy as np
import pytest
from entries import block, commit, event, new_run
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from older import set_back
from sqlalchemy import select

from backend.store import Store, outlines, overview, rows, runs
from backend.store.schema import outlines as table
from rhoscope.spec import Origin, RunSpec
from rhoscope.states import RunState

FILE = f"attempt-1-step-300-{'0' * 64}.pt"
SMALL = {"chunk": 64, "bucket": 8}
GRAIN = SMALL["bucket"]
WHOLE = (0, rows.LAST)
QUICK = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chunks and buckets of few rows, so that short runs have many."""
    monkeypatch.setattr(rows, "CHUNK_ROWS", SMALL["chunk"])
    monkeypatch.setattr(outlines, "BUCKET_ROWS", SMALL["bucket"])


def fill(store: Store, run: str, steps: Any, values: Any, first_seq: int = 1, attempt: int = 1) -> None:
    for i in range(0, len(steps), 10):
        commit(store, run, block(run, attempt, first_seq + i, steps[i : i + 10], values[i : i + 10]))


def seen(
    store: Store, run: str, start: int = 0, end: int = rows.LAST, grain: int = GRAIN
) -> tuple[Any, Any, int]:
    with store.reading() as db:
        line = runs.lineage(db, run)
        (steps, values), count = overview.read_line(db, line, ["loss"], (start, end), grain)["loss"]
    return steps, values, count


def whole(store: Store, run: str, start: int = 0, end: int = rows.LAST) -> tuple[Any, Any]:
    with store.reading() as db:
        return rows.read_line(db, runs.lineage(db, run), ["loss"], start, end)["loss"]


@given(data=st.data())
@QUICK
def test_each_window_has_the_extremes_the_nans_and_the_count_of_all_its_values(
    store: Store, data: st.DataObject
) -> None:
    run = new_run(store)
    gaps = data.draw(st.lists(st.integers(1, 3), min_size=1, max_size=400), "gaps")
    steps = np.cumsum(gaps) - 1
    dice = np.random.default_rng(data.draw(st.integers(0, 9), "seed"))
    values = dice.standard_normal(len(steps)).astype(np.float32)
    values[dice.random(len(steps)) < 0.02] = math.nan
    fill(store, run, steps, values)
    if data.draw(st.booleans(), "a later attempt"):
        at = data.draw(st.integers(0, int(steps[-1]) + 1), "start")
        with store.writing() as db:
            runs.move(db, runs.get(db, run), RunState.QUEUED, attempt=2)
        commit(store, run, event(run, 2, 1, "started", at, start_step=at))
        fill(store, run, np.arange(at, at + 100), np.full(100, 7.0), first_seq=2, attempt=2)
    start = data.draw(st.integers(0, int(steps[-1])), "from")
    end = data.draw(st.integers(start, int(steps[-1]) + 120), "to")
    every, exact = whole(store, run, start, end)
    some, kept, count = seen(store, run, start, end)
    assert count == len(every)
    assert set(zip(some.tolist(), map(repr, kept.tolist()), strict=True)) <= set(
        zip(every.tolist(), map(repr, exact.tolist()), strict=True)
    )
    assert (np.diff(some) > 0).all()
    assert np.isnan(kept).any() == np.isnan(exact).any()
    if np.isfinite(exact).any():
        assert np.nanmin(kept) == np.nanmin(exact)
        assert np.nanmax(kept) == np.nanmax(exact)


def test_it_holds_few_values_of_many(store: Store) -> None:
    run = new_run(store)
    fill(store, run, np.arange(6400), np.sin(np.arange(6400)))
    steps, _, count = seen(store, run)
    assert count == 6400
    assert len(steps) < 6400 / SMALL["bucket"] * 2 + 2 * 6400 / SMALL["chunk"] + SMALL["chunk"]


def test_a_run_that_told_few_of_its_steps_is_read_in_full_where_that_is_not_too_much(store: Store) -> None:
    run = new_run(store)
    fill(store, run, np.arange(0, 8000, 50), np.sin(np.arange(160)))
    commit(store, run, event(run, 1, 1000, "values", 300, values={"val.accuracy": 0.5}))
    with store.reading() as db:
        result = overview.read_shown(db, [(run, rows.LAST)], ["loss", "val.accuracy"], 100)
        some = overview.read_shown(db, [(run, rows.LAST)], ["loss"], 10)["loss"]
    assert [(len(curve[0]), total) for curve, total in result.values()] == [(160, 160), (1, 1)]
    assert 10 <= len(some[0][0]) < 80
    assert some[1] == 160


def test_the_newest_rows_are_not_shown_finer_than_the_others(store: Store) -> None:
    """Of the last chunk there is no outline yet."""
    run = new_run(store)
    fill(store, run, np.arange(760), np.sin(np.arange(760)))
    with store.reading() as db:
        behind = outlines.inside(db, run, ["loss"], 0, rows.LAST)["loss"][-1][1] + 1
    steps, _, count = seen(store, run)
    assert (behind, count) == (700, 760)
    assert len(steps[steps >= behind]) <= 2 + 2 * 60 / SMALL["bucket"]


def test_a_fork_shows_its_ancestors_until_it_took_over(store: Store) -> None:
    parent = new_run(store)
    fill(store, parent, np.arange(500), np.arange(500) % 50)
    commit(store, parent, event(parent, 1, 1000, "values", 300, values={"val.accuracy": 0.5}))
    origin = Origin(run=parent, checkpoint=FILE, step=300)
    with store.writing() as db:
        child = runs.create(db, RunSpec(origin=origin), {"alpha": 1.0})
    fill(store, child, np.arange(300, 600), np.full(300, -3.0))
    every, exact = whole(store, child)
    steps, values, count = seen(store, child)
    assert (count, len(every)) == (600, 600)
    assert values[steps >= 300].tolist() == [-3.0] * int((steps >= 300).sum())
    assert (values.max(), values.min()) == (exact.max(), exact.min())
    with store.reading() as db:
        (_, kept), known = overview.read_line(db, runs.lineage(db, child), ["val.accuracy"], WHOLE, GRAIN)[
            "val.accuracy"
        ]
    assert (kept.tolist(), known) == ([0.5], 1)


def test_a_series_that_nobody_recorded_is_there_and_empty(store: Store) -> None:
    run = new_run(store)
    fill(store, run, np.arange(200), np.ones(200))
    with store.reading() as db:
        (steps, _), count = overview.read_line(db, [(run, rows.LAST)], ["rho.audio"], WHOLE, GRAIN)[
            "rho.audio"
        ]
    assert (len(steps), count) == (0, 0)


def test_what_was_stored_before_there_were_outlines_gets_them(store: Store) -> None:
    run = new_run(store)
    steps = np.concatenate([np.arange(200), np.arange(220, 400)])
    fill(store, run, steps, np.cos(steps))
    wanted = select(table).order_by(table.c.first_step)
    with store.reading() as db:
        before = db.execute(wanted).all()
    assert len(before) > 3
    with store.writing() as db:
        set_back(db, "0003")
    store.open()
    with store.reading() as db:
        assert db.execute(wanted).all() == before
