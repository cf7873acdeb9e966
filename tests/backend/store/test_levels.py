"""Outlines of outlines: the same as of all rows, whatever was rewritten; as many are read of any length."""

import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from entries import block, commit, event, new_run, wide
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from older import set_back
from sqlalchemy import delete, select

from backend.store import Store, levels, outlines, overview, rows, runs
from backend.store.level_schema import levels as table
from rhoscope.guests import Guest
from rhoscope.spec import Origin, RunSpec
from rhoscope.states import RunState

BUCKET, CHUNK = 4, 16
GRAINS = [1, 2, 3, BUCKET, 2 * BUCKET, 4 * BUCKET, 8 * BUCKET, 16 * BUCKET]
QUICK = settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
WHOLE = (0, rows.LAST)
FILE = f"attempt-1-step-0-{'0' * 64}.pt"


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few rows to a chunk and few outlines to one on the next level, so that short runs have five levels."""
    monkeypatch.setattr(rows, "CHUNK_ROWS", CHUNK)
    monkeypatch.setattr(outlines, "BUCKET_ROWS", BUCKET)
    monkeypatch.setattr(levels, "FIRST", 2)
    monkeypatch.setattr(levels, "FACTOR", 2)


def strange(dice: np.random.Generator, n: int) -> Any:
    """Noise [n] with stretches of NaN, infinities and equal values."""
    values = dice.standard_normal(n)
    for odd, share in ((math.nan, 0.02), (math.inf, 0.01), (-math.inf, 0.01), (0.5, 0.1)):
        values[dice.random(n) < share] = odd
    begin = int(dice.integers(0, max(1, n)))
    values[begin : begin + int(dice.integers(0, 40))] = math.nan
    return values


class Written:
    """One run as a program or a guest writes it, in attempts that begin again somewhere."""

    def __init__(self, store: Store, *, guest: bool) -> None:
        self.store, self.guest = store, guest
        self.run = new_run(store, **({"guest": Guest()} if guest else {}))
        self.attempt, self.seq = 1, 0

    def rows(self, steps: Any, values: Any, size: int = 10) -> None:
        make = wide if self.guest else block
        first = self.seq + 1
        starts = range(0, len(steps), size)
        entries = [
            make(self.run, self.attempt, first + i, steps[at : at + size], values[at : at + size])
            for i, at in enumerate(starts)
        ]
        self.seq += len(entries)
        for some in (entries[:3], entries[3:5], entries[5:]):
            commit(self.store, self.run, *some)

    def again(self, at: int) -> None:
        """The next attempt begins at this step."""
        self.attempt += 1
        self.seq = 1
        with self.store.writing() as db:
            runs.move(db, runs.get(db, self.run), RunState.QUEUED, attempt=self.attempt)
        commit(self.store, self.run, event(self.run, self.attempt, 1, "started", at, start_step=at))

    def late(self, values: dict[int, float]) -> None:
        """Values of steps that are in a block already, or that blocks left out."""
        entries = []
        for step, value in values.items():
            self.seq += 1
            entries.append(event(self.run, self.attempt, self.seq, "values", step, values={"loss": value}))
        commit(self.store, self.run, *entries)


def attempts(store: Store, data: st.DataObject, *, guest: bool = False) -> Written:
    """A run with gaps and odd values that was begun again up to three times."""
    written = Written(store, guest=guest)
    dice = np.random.default_rng(data.draw(st.integers(0, 2**16), "seed"))
    at = 0
    for _ in range(data.draw(st.integers(1, 4), "attempts")):
        n = data.draw(st.integers(1, 500), "rows")
        steps = at + np.cumsum(dice.integers(1, data.draw(st.sampled_from([2, 4]), "gaps"), n)) - 1
        written.rows(steps, strange(dice, n), data.draw(st.sampled_from([7, 40, 200]), "block"))
        at = data.draw(st.integers(0, int(steps[-1]) + 3), "next start")
        if data.draw(st.booleans(), "begins again"):
            written.again(at)
        else:
            at = int(steps[-1]) + 1
    return written


def read(store: Store, run: str, window: tuple[int, int], grain: int) -> tuple[Any, Any, int, Any, Any]:
    """Steps and values from afar, how many there are, and steps and values of all."""
    with store.reading() as db:
        line = runs.lineage(db, run)
        (some, kept), count = overview.read_line(db, line, ["loss"], window, grain)["loss"]
        steps, values = rows.read_line(db, line, ["loss"], *window)["loss"]
    return some, kept, count, steps, values


def agree(some: Any, kept: Any, count: int, steps: Any, values: Any, grain: int) -> None:
    """What is read from afar is of the rows, and near every row is one as low and one as high."""
    assert count == len(steps)
    places = np.searchsorted(steps, some)
    assert np.array_equal(steps[places], some)
    assert np.array_equal(values[places], kept, equal_nan=True)
    assert (np.diff(some) > 0).all()
    assert np.isnan(kept).any() == np.isnan(values).any()
    if not len(steps):
        return
    assert {steps[0], steps[-1]} <= set(some)
    sums: list[Callable[[Any], Any]] = [np.fmin.reduce, np.fmax.reduce]
    for extreme in sums:
        assert np.array_equal(extreme(kept), extreme(values), equal_nan=True)
    near = 16 * grain
    for at in range(0, len(steps), near):
        around = (places >= at - near) & (places < at + 2 * near)
        here = values[at : at + near]
        if np.isfinite(here).any():
            assert np.nanmin(kept[around]) <= np.nanmin(here)
            assert np.nanmax(kept[around]) >= np.nanmax(here)


def window(data: st.DataObject, last: int) -> tuple[int, int]:
    start = data.draw(st.integers(0, last + 1), "from")
    return data.draw(st.sampled_from([WHOLE, (start, data.draw(st.integers(start, last + 50), "to"))]))


@given(data=st.data())
@QUICK
def test_levels_show_what_all_rows_show_whatever_was_begun_again(store: Store, data: st.DataObject) -> None:
    written = attempts(store, data)
    with store.reading() as db:
        last = runs.get(db, written.run).step
    for _ in range(4):
        grain = data.draw(st.sampled_from(GRAINS), "grain")
        agree(*read(store, written.run, window(data, last), grain), grain)


@given(data=st.data())
@QUICK
def test_late_values_of_a_guest_are_seen_from_afar_and_replace_those_they_came_after(
    store: Store, data: st.DataObject
) -> None:
    written = attempts(store, data, guest=True)
    with store.reading() as db:
        last = runs.get(db, written.run).step
    values = st.sampled_from([1e300, -1e300, math.nan, 0.25])
    written.late(data.draw(st.dictionaries(st.integers(0, last), values, max_size=40), "late"))
    for _ in range(4):
        grain = data.draw(st.sampled_from(GRAINS), "grain")
        agree(*read(store, written.run, window(data, last), grain), grain)


@given(data=st.data())
@QUICK
def test_a_fork_shows_what_all_rows_of_its_line_show(store: Store, data: st.DataObject) -> None:
    parent = attempts(store, data)
    with store.reading() as db:
        last = runs.get(db, parent.run).step
    fork = data.draw(st.integers(0, last), "fork")
    with store.writing() as db:
        origin = Origin(run=parent.run, checkpoint=FILE.replace("step-0", f"step-{fork}"), step=fork)
        child = runs.create(db, RunSpec(origin=origin), {"alpha": 1.0})
    written = Written.__new__(Written)
    written.store, written.guest, written.run, written.attempt, written.seq = store, False, child, 1, 0
    dice = np.random.default_rng(fork)
    written.rows(fork + np.arange(300), strange(dice, 300))
    for _ in range(4):
        grain = data.draw(st.sampled_from(GRAINS), "grain")
        agree(*read(store, child, window(data, fork + 300), grain), grain)


@given(data=st.data())
@QUICK
def test_whatever_was_begun_again_levels_are_those_that_would_be_built_anew(
    store: Store, data: st.DataObject
) -> None:
    written = attempts(store, data)
    wanted = select(table).where(table.c.run == written.run)
    wanted = wanted.order_by(table.c.series, table.c.level, table.c.first_step)
    with store.writing() as db:
        before = db.execute(wanted).all()
        db.execute(delete(table))
        levels.build(db)
        assert db.execute(wanted).all() == before


def test_old_stores_get_their_levels_when_they_are_opened(store: Store) -> None:
    written = Written(store, guest=False)
    written.rows(np.arange(1000), np.sin(np.arange(1000)))
    wanted = select(table).order_by(table.c.level, table.c.first_step)
    with store.reading() as db:
        before = db.execute(wanted).all()
    assert {row.level for row in before} == {2, 3, 4, 5, 6}
    for version in ("0014", "0003"):
        with store.writing() as db:
            set_back(db, version)
        store.open()
        with store.reading() as db:
            assert db.execute(wanted).all() == before


def test_each_level_covers_a_series_from_its_beginning_without_a_gap(store: Store) -> None:
    written = Written(store, guest=False)
    written.rows(np.arange(1500), np.sin(np.arange(1500)))
    with store.reading() as db:
        for level in range(1, 6):
            parts = levels.inside(db, written.run, ["loss"], level, *WHOLE)["loss"]
            assert parts[0][0] == 0
            assert all(a[1] + 1 == b[0] for a, b in itertools.pairwise(parts))
            assert sum(part[2] for part in parts) == parts[-1][1] + 1


def test_what_fails_while_levels_grow_is_stored_neither_as_rows_nor_as_levels(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = Written(store, guest=False)
    values = np.sin(np.arange(1000))
    written.rows(np.arange(470), values[:470])
    wanted = select(table).order_by(table.c.level, table.c.first_step)
    with store.reading() as db:
        before, step = db.execute(wanted).all(), runs.get(db, written.run).step
    grow = levels.grow

    def lost(*grown: Any) -> None:
        grow(*grown)
        raise OSError("The disk is full.")

    entry = block(written.run, 1, 1000, np.arange(470, 1000), values[470:])
    with monkeypatch.context() as patch:
        patch.setattr(levels, "grow", lost)
        with pytest.raises(OSError, match="full"):
            commit(store, written.run, entry)
    with store.reading() as db:
        assert (db.execute(wanted).all(), runs.get(db, written.run).step) == (before, step)
    commit(store, written.run, entry)
    agree(*read(store, written.run, WHOLE, 8 * BUCKET), 8 * BUCKET)


def test_a_deleted_run_takes_its_levels_along(store: Store) -> None:
    written = Written(store, guest=False)
    written.rows(np.arange(200), np.arange(200))
    commit(store, written.run, event(written.run, 1, 1000, "finished", 200, state="completed"))
    with store.writing() as db:
        assert db.execute(select(table)).all()
        runs.remove(db, written.run)
        assert db.execute(select(table)).all() == []


@pytest.mark.parametrize("points", [5, 30, 200])
def test_as_much_is_read_of_a_long_run_as_of_a_short_one(
    store: Store, monkeypatch: pytest.MonkeyPatch, points: int
) -> None:
    counts = {}
    unpacked = outlines.packing.unpacked
    for n in (1000, 16_000):
        written = Written(store, guest=False)
        written.rows(np.arange(n), np.sin(np.arange(n)), 1000)
        read: list[int] = []

        def counted(data: bytes, into: list[int] = read) -> Any:
            into.append(len(data))
            return unpacked(data)

        with monkeypatch.context() as patch, store.reading() as db:
            patch.setattr(outlines.packing, "unpacked", counted)
            (steps, _), total = overview.read_shown(db, [(written.run, rows.LAST)], ["loss"], points)["loss"]
        assert total == n
        assert points <= len(steps) <= 8 * points + 64
        counts[n] = sum(read)
    assert counts[16_000] <= max(4 * counts[1000], 16 * points * 8)
