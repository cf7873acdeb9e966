"""Runs that grow at once by the hundred: their long rows wait, and nobody reads an old one."""

import math

import pytest
from entries import block, event
from sqlalchemy import func, select

from backend.store import Store, growth, index, pages, rows, runs, stream
from backend.store.extents import extents
from backend.store.growth_schema import growth as table
from backend.store.pages import Condition, Filters
from backend.store.schema import runs as long_rows
from rhoscope.spec import RunSpec
from rhoscope.states import RunState

MANY = 40
LATER = 5


class Interrupted(Exception):
    """The process ends in the middle of a transaction."""


def started(store: Store, count: int = MANY) -> list[str]:
    """Ids of `count` runs that train."""
    with store.writing() as db:
        ids = [runs.create(db, RunSpec(name=f"run {n}"), {"alpha": float(n)}) for n in range(count)]
        for run in ids:
            stream.commit(db, run, [event(run, 1, 0, "started", 0, total_steps=100)])
    return ids


def grow(store: Store, ids: list[str], seq: int, value: float = 0.5, attempt: int = 1) -> None:
    """One transaction with a row of each, at step `seq` - 1."""
    with store.writing() as db:
        stream.commit_all(db, {run: [block(run, attempt, seq, [seq - 1], value)] for run in ids})


def end_within(store: Store, entries: dict[str, list[stream.Entry]]) -> None:
    """Raises: Interrupted, in the transaction of these entries."""
    with store.writing() as db:
        stream.commit_all(db, entries)
        raise Interrupted


def ends(store: Store, ids: list[str]) -> list[int]:
    """The last steps that the long rows know."""
    with store.reading() as db:
        last = {row.id: row.rows_end for row in db.execute(select(long_rows.c.id, long_rows.c.rows_end))}
    return [last[run] for run in ids]


def waiting(store: Store) -> int:
    with store.reading() as db:
        return int(db.scalar(select(func.count()).select_from(table)) or 0)


def test_blocks_leave_the_long_rows_of_their_runs_alone(store: Store) -> None:
    ids = started(store)
    grow(store, ids, 1)
    grow(store, ids, 2)
    grow(store, ids[:1], 3)
    assert ends(store, ids) == [-1] * MANY
    assert waiting(store) == MANY


def test_blocks_of_a_run_that_does_not_grow_change_its_own_row(store: Store) -> None:
    ids = started(store, 2)
    grow(store, ids, 1)
    with store.writing() as db:
        runs.lose(db, runs.get(db, ids[0]), "Its worker died.")
    grow(store, ids, 2)
    assert ends(store, ids) == [1, -1]
    with store.reading() as db:
        assert index.index(db, Filters(), "step").runs == sorted(ids)
        assert {one.step for one in runs.of_ids(db, ids)} == {2}


def test_whoever_reads_a_run_reads_what_its_long_row_does_not_say_yet(store: Store) -> None:
    ids = started(store)
    for seq in range(1, 4):
        grow(store, ids, seq, 0.25 * seq)
    grow(store, [*ids[1:]], 4, 1.0)
    with store.reading() as db:
        run = runs.get(db, ids[0])
        assert (run.step, run.last, run.steps_per_s) == (3, {"loss": 0.75}, 1.0)
        assert {one.step for one in runs.of_ids(db, ids[1:])} == {4}
        assert sorted(one.step for one in runs.in_states(db, [RunState.RUNNING])) == [3, *[4] * (MANY - 1)]
        assert runs.position(db, ids[1]) == (1, 4)
        assert runs.watched(db, 1)[ids[0]] == (1, 3)
        assert extents(db, ids)[ids[1]].position == (1, 4)
        assert set(runs.newest(db, MANY)) == set(ids)
        behind = Filters(where=[Condition(name="step", compare="<", value=4)])
        assert index.index(db, behind, "step").runs == [ids[0]]
        assert index.index(db, Filters(), "step").runs[0] == ids[0]
        assert pages.page(db, Filters(), "-progress", 5).runs[0].step == 4
        assert rows.read(db, ids[1], ["loss"])["loss"][1].tolist() == [0.25, 0.5, 0.75, 1.0]


def test_values_that_are_no_numbers_survive(store: Store) -> None:
    ids = started(store)
    grow(store, ids, 1, math.nan)
    with store.reading() as db:
        assert math.isnan(runs.get(db, ids[0]).last["loss"])
    grow(store, ids, 2, -math.inf)
    with store.reading() as db:
        assert runs.get(db, ids[0]).last == {"loss": -math.inf}


def test_long_rows_catch_up_a_few_at_a_time_and_say_the_same_then(store: Store) -> None:
    ids = started(store)
    grow(store, ids, 1)
    grow(store, ids, 2, 0.125)
    with store.reading() as db:
        before = {one.id: one for one in runs.of_ids(db, ids)}
    growth.catch_up(store, LATER)
    assert waiting(store) == MANY - LATER
    assert sorted(ends(store, ids)) == [-1] * (MANY - LATER) + [1] * LATER
    growth.catch_up(store, MANY)
    growth.catch_up(store, MANY)
    assert (waiting(store), ends(store, ids)) == (0, [1] * MANY)
    with store.reading() as db:
        assert {one.id: one for one in runs.of_ids(db, ids)} == before


def test_whatever_else_happens_to_a_run_happens_to_what_it_is_now(store: Store) -> None:
    ids = started(store)
    grow(store, ids, 1)
    grow(store, ids, 2)
    with store.writing() as db:
        stream.commit(db, ids[0], [event(ids[0], 1, 3, "values", 2, values={"val.accuracy": 0.5})])
        runs.move(db, runs.get(db, ids[1]), RunState.STOPPED)
    with store.reading() as db:
        first, second = runs.get(db, ids[0]), runs.get(db, ids[1])
    assert first.last == {"loss": 0.5, "val.accuracy": 0.5}
    assert (second.state, second.step) == (RunState.STOPPED, 2)
    assert ends(store, ids[:3]) == [1, 1, -1]
    grow(store, [*ids[:1], *ids[2:]], 4)
    with store.reading() as db:
        assert runs.get(db, ids[0]).last == {"loss": 0.5, "val.accuracy": 0.5}
        assert runs.get(db, ids[0]).best == {"val.accuracy": 0.5, "step": 2}


def test_a_later_attempt_replaces_the_rows_of_runs_that_wait(store: Store) -> None:
    ids = started(store)
    for seq in range(1, 5):
        grow(store, ids, seq)
    with store.writing() as db:
        again = {run: [block(run, 2, 0, [2], 9.0), block(run, 2, 1, [3], 8.0)] for run in ids}
        stream.commit_all(db, again)
    with store.reading() as db:
        for run in (ids[0], ids[-1]):
            assert rows.read(db, run, ["loss"])["loss"][1].tolist() == [0.5, 0.5, 9.0, 8.0]
            assert (runs.get(db, run).step, runs.position(db, run)) == (4, (2, 1))


def test_what_waits_is_part_of_the_transaction_that_stores_the_rows(store: Store) -> None:
    ids = started(store)
    grow(store, ids, 1)
    with pytest.raises(Interrupted):
        end_within(store, {run: [block(run, 1, 2, [1], 7.0)] for run in ids})
    with store.reading() as db:
        assert runs.position(db, ids[0]) == (1, 1)
        assert runs.get(db, ids[0]).last == {"loss": 0.5}
        assert rows.read(db, ids[0], ["loss"])["loss"][0].tolist() == [0]


def test_nothing_of_a_deleted_run_waits(store: Store) -> None:
    ids = started(store)
    grow(store, ids, 1)
    with store.writing() as db:
        runs.move(db, runs.get(db, ids[0]), RunState.STOPPED)
    grow(store, ids, 2)
    with store.writing() as db:
        runs.remove(db, ids[0])
        assert db.scalar(select(table.c.run).where(table.c.run == ids[0])) is None
    assert waiting(store) == MANY - 1
