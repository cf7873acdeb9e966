"""A run is filed under all it was trained with, a repeated one counts once, and a pause takes no time."""

import time
from typing import Any

import pytest
from older import set_back
from sqlalchemy import update

from backend.store import Store, index, pages, runs
from backend.store.pages import Condition, Filters
from backend.store.schema import runs as table
from backend.store.stream import Entry, commit
from rhoscope.records import Event
from rhoscope.repeats import facts, repeats
from rhoscope.spec import Origin, RunSpec
from rhoscope.states import RunState


def tell(store: Store, run: str, seq: int, kind: Any, at: float, attempt: int = 1, **data: Any) -> None:
    event = Event(run=run, attempt=attempt, kind=kind, step=seq, time=at, data=data)
    with store.writing() as db:
        commit(db, run, [Entry((attempt, seq), event.encode(), event)])


def begun(store: Store, name: str = "", **settings: Any) -> str:
    with store.writing() as db:
        run = runs.create(db, RunSpec(name=name, strategy="ogm-ge", settings=settings), settings)
        db.execute(update(table).where(table.c.id == run).values(state="starting"))
    tell(store, run, 1, "started", 100.0)
    return run


def look(store: Store, run: str) -> Any:
    with store.reading() as db:
        return runs.get(db, run)


def test_a_steered_run_is_filed_under_all_it_was_trained_with(store: Store) -> None:
    run, other = begun(store, alpha=0.8), begun(store, alpha=0.3)
    tell(store, run, 2, "setting", 110.0, setting="alpha", old=0.8, new=0.3)
    tell(
        store,
        run,
        3,
        "setting",
        120.0,
        setting="strategy",
        old="ogm-ge",
        new="joint",
        settings={"alpha": 0.3},
    )
    seen = look(store, run)
    assert seen.spec.strategy == "joint"
    assert seen.course == {"alpha": "steered: 0.8 → 0.3", "strategy": "steered: ogm-ge → joint"}
    assert {facts(seen)["strategy"], facts(seen)["alpha"]} == set(seen.course.values())
    with store.reading() as db:
        by_strategy = index.index(db, Filters(), "created", "strategy").bunches
        assert {(bunch.value, bunch.count) for bunch in by_strategy} == {
            ("ogm-ge", 1),
            (seen.course["strategy"], 1),
        }
        by_alpha = index.index(db, Filters(), "created", "settings.alpha").bunches
        assert {(bunch.value, bunch.count) for bunch in by_alpha} == {(0.3, 1), (seen.course["alpha"], 1)}
        for strategy, result in (
            ("joint", {run}),
            ("ogm-ge", {run, other}),
            ("ogm", set()),
            ("steered:", set()),
        ):
            assert {one.id for one in pages.page(db, Filters(strategy=strategy), "name", 10).runs} == result
        request = Filters(where=[Condition(name="settings.alpha", compare="=", value=0.3)])
        assert index.index(db, request, "created").runs == [other]


def test_a_fork_is_filed_under_what_its_parent_was_trained_with_until_there(store: Store) -> None:
    parent = begun(store, alpha=0.8)
    tell(store, parent, 2, "setting", 110.0, setting="alpha", old=0.8, new=0.3)
    whole = {"setting": "strategy", "old": "ogm-ge", "new": "joint", "settings": {"alpha": 0.3}}
    tell(store, parent, 3, "setting", 120.0, **whole)
    tell(store, parent, 4, "checkpoint", 130.0, path=f"a/{kept(4)}")
    tell(store, parent, 5, "setting", 140.0, setting="alpha", old=0.3, new=0.1)

    fork = forked(store, parent, 4, "joint", alpha=0.3)
    assert look(store, fork).course == {"alpha": "steered: 0.8 → 0.3", "strategy": "steered: ogm-ge → joint"}
    changed = forked(store, parent, 4, "ogm", alpha=0.5)
    tell(store, changed, 2, "checkpoint", 200.0, path=f"b/{kept(2)}")
    tell(store, changed, 3, "setting", 210.0, setting="alpha", old=0.5, new=0.3)
    again = forked(store, changed, 2, "ogm", alpha=0.5)
    expected = {"alpha": "steered: 0.8 → 0.3 → 0.5", "strategy": "steered: ogm-ge → joint → ogm"}
    assert look(store, again).course == expected
    assert look(store, changed).course == expected | {"alpha": "steered: 0.8 → 0.3 → 0.5 → 0.3"}
    with store.reading() as db:
        every = index.index(db, Filters(), "created", "strategy").bunches
        assert {(bunch.value, bunch.count) for bunch in every} == {
            ("steered: ogm-ge → joint", 2),
            (expected["strategy"], 2),
        }


def test_a_fork_of_a_time_before_any_change_was_not_steered(store: Store) -> None:
    parent = begun(store, alpha=0.8)
    tell(store, parent, 2, "checkpoint", 110.0, path=f"a/{kept(2)}")
    tell(store, parent, 3, "setting", 120.0, setting="alpha", old=0.8, new=0.3)
    assert look(store, forked(store, parent, 2, "ogm-ge", alpha=0.8)).course == {}


def kept(step: int) -> str:
    return f"attempt-1-step-{step}-{step:064x}.pt"


def forked(store: Store, parent: str, step: int, strategy: str, **settings: Any) -> str:
    origin = Origin(run=parent, step=step, checkpoint=kept(step))
    with store.writing() as db:
        spec = RunSpec(strategy=strategy, settings=settings, origin=origin)
        run = runs.create(db, spec, settings)
        db.execute(update(table).where(table.c.id == run).values(state="starting"))
    tell(store, run, 1, "started", 190.0, strategy=strategy)
    return run


def test_a_setting_that_is_given_its_own_value_was_not_steered(store: Store) -> None:
    run = begun(store, alpha=1)
    tell(store, run, 2, "setting", 110.0, setting="alpha", old=1.0, new=1)
    assert look(store, run).course == {}


def test_a_run_that_repeats_another_counts_once(store: Store) -> None:
    ids = [begun(store, name, alpha=1, seed=seed) for name, seed in (("a", 0), ("b", 0), ("c", 1))]
    other = begun(store, "d", alpha=1, seed=0)
    with store.writing() as db:
        for run, best in zip([*ids, other], (0.5, 0.5, 0.7, 0.9), strict=True):
            values: dict[str, Any] = {"best_accuracy": best, "state": "completed"}
            values |= {"parent": "p", "parent_step": 3} if run == other else {}
            db.execute(update(table).where(table.c.id == run).values(**values))
    with store.reading() as db:
        members = runs.of_ids(db, ids)
        (bunch,) = index.index(db, Filters(ids=ids), "created", "strategy").bunches
        (every,) = index.index(db, Filters(), "created", "strategy").bunches
    assert len(repeats(members)) == 1
    assert repeats(members)[0] in ids[:2]
    assert (bunch.count, bunch.repeats, bunch.scored, bunch.mean) == (3, 1, 2, pytest.approx(0.6))
    assert (every.count, every.repeats, every.scored, every.mean) == (4, 1, 3, pytest.approx(0.7))


def test_pauses_and_waits_take_no_time(store: Store) -> None:
    run = begun(store)
    tell(store, run, 2, "finished", 110.0, state="paused")
    with store.writing() as db:
        db.execute(update(table).where(table.c.id == run).values(state="queued", attempt=2))
    tell(store, run, 1, "started", 500.0, attempt=2)
    tell(store, run, 2, "finished", 503.0, attempt=2, state="completed")
    seen = look(store, run)
    assert (seen.trained_s, seen.training_since, seen.finished) == (13.0, None, 503.0)
    with store.reading() as db:
        request = Filters(where=[Condition(name="duration", compare="=", value=13.0)])
        assert index.index(db, request, "created").runs == [run]


def test_an_attempt_that_died_took_the_time_until_its_last_row(store: Store) -> None:
    run = begun(store)
    with store.writing() as db:
        db.execute(update(table).where(table.c.id == run).values(state="running", rows_time=107.0))
        runs.lose(db, runs.get(db, run), "gone")
    seen = look(store, run)
    assert (seen.state, seen.trained_s, seen.training_since) == (RunState.QUEUED, 7.0, None)


def test_a_running_run_s_duration_goes_on(store: Store) -> None:
    run = begun(store)
    now = time.time()
    with store.writing() as db:
        db.execute(update(table).where(table.c.id == run).values(training_since=now - 50, trained_s=10.0))
    with store.reading() as db:
        longer = Filters(where=[Condition(name="duration", compare=">", value=59.0)])
        assert index.index(db, longer, "created").runs == [run]


def test_runs_of_older_stores_are_filed_by_their_events(store: Store) -> None:
    run = begun(store)
    tell(store, run, 2, "setting", 110.0, setting="strategy", old="ogm-ge", new="joint", settings={})
    tell(store, run, 3, "finished", 120.0, state="paused")
    with store.writing() as db:
        set_back(db, "0005")
        db.exec_driver_sql("UPDATE runs SET strategy = 'joint'")
    store.open()
    seen = look(store, run)
    assert (seen.course, seen.trained_s) == ({"strategy": "steered: ogm-ge → joint"}, 20.0)
