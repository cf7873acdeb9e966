"""Searches in a store: each trial once, whatever restarts; what ended, failed, and fell behind."""

import math
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, insert, update

from backend.launching.inspections import Inspections
from backend.searches.loop import Searches
from backend.store import Store, catalogs, runs, schema, sweeps, trials
from rhoscope.catalog import Catalog
from rhoscope.plugin import Plugin
from rhoscope.runs import Run, Sweep, SweepSpec
from rhoscope.search import SearchState, SearchTrial
from rhoscope.states import RunState

NET = Plugin(
    kind="program",
    name="net",
    title="net",
    help="A network.",
    settings={
        "lr": {"type": "number", "default": 0.1},
        "epochs": {"type": "integer", "default": 9},
        "seed": {"type": "integer", "default": 0},
    },
)
SPACE = {"lr": {"low": 0.001, "high": 1, "log": True}}


class Nobody:
    """Nobody watches these runs."""

    def touch(self, run: str) -> None:
        pass


class Hunt:
    """A search in a store, whose runs end as a test says."""

    def __init__(self, store: Store, seeds: tuple[int, ...] = (), **search: Any) -> None:
        self.store = store
        spec = {"base": {"program": "net"}, "seeds": seeds, "search": {"space": SPACE, "trials": 4, **search}}
        with store.writing() as db:
            self.sweep = sweeps.create(db, SweepSpec.model_validate(spec), [])
        self.restart()

    def restart(self) -> None:
        """A server that knows nothing but the store."""
        nobody: Any = Nobody()
        none: Any = None
        self.searches = Searches(self.store, nobody, lambda: Inspections(none, none), lambda: None)

    def turn(self) -> None:
        self.searches.turn()
        assert self.searches.loop.aside == {}

    def now(self) -> Sweep:
        with self.store.reading() as db:
            return sweeps.get(db, self.sweep)

    def trials(self) -> list[SearchTrial]:
        with self.store.reading() as db:
            return [one.trial for one in trials.of_sweep(db, self.sweep)]

    def train(self, run: str, course: Mapping[int, float], state: RunState = RunState.COMPLETED) -> None:
        """Let a run record an accuracy in each of these epochs of ten steps, and come to a state."""
        with self.store.writing() as db:
            for epoch, value in course.items():
                row = {"run": run, "series": "val.accuracy", "step": 10 * epoch, "value": value}
                db.execute(insert(schema.points).values(**row))
            facts = {"epochs": 9, "total_steps": 90, "epoch": max(course, default=0)}
            db.execute(update(schema.runs).where(schema.runs.c.id == run).values(**facts))
            runs.move(db, runs.get(db, run), state)

    def runs(self) -> list[Run]:
        return self.now().runs


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store(f"sqlite:///{tmp_path / 'store.db'}")
    store.open()
    with store.writing() as db:
        catalogs.add(db, *announced(NET))
    return store


def announced(program: Plugin) -> tuple[str, str, float]:
    """A program's catalog as the store keeps it, seen now."""
    catalog = Catalog(version="1", plugins=[program])
    return catalog.digest(), catalog.model_dump_json(), time.time()


def test_each_trial_is_launched_once_and_a_restart_goes_on_where_it_was(store: Store) -> None:
    hunt = Hunt(store, parallel=2)
    for _ in range(3):
        hunt.turn()
        hunt.restart()
    assert [len(hunt.trials()), len(hunt.runs())] == [2, 2]
    hunt.train(hunt.trials()[1].runs[0], {1: 0.3, 2: 0.6})
    for _ in range(3):
        hunt.restart()
        hunt.turn()
    assert [one.state for one in hunt.trials()] == ["running", "completed", "running"]
    for number in (0, 2):
        hunt.train(hunt.trials()[number].runs[0], {1: 0.5})
    hunt.turn()
    hunt.train(hunt.trials()[3].runs[0], {1: 0.9, 2: 0.4})
    hunt.turn()
    status = hunt.now().search
    assert status
    assert (status.state, status.launched, status.ended, status.planned) == ("completed", 4, 4, 4)
    assert status.best
    assert (status.best.number, status.best.value) == (3, 0.9)
    assert len({one.values["lr"] for one in hunt.trials()}) == 4
    assert hunt.runs()[0].settings["lr"] == hunt.trials()[0].values["lr"]


def test_a_trial_is_the_mean_over_its_seeds(store: Store) -> None:
    hunt = Hunt(store, seeds=(0, 1))
    hunt.turn()
    first, second = hunt.trials()[0].runs
    assert [run.settings["seed"] for run in hunt.runs()] == [0, 1]
    hunt.train(first, {1: 0.4})
    hunt.turn()
    assert [one.state for one in hunt.trials()] == ["running"]
    hunt.train(second, {1: 0.8})
    hunt.turn()
    assert hunt.trials()[0].value == pytest.approx(0.6)


@pytest.mark.parametrize(
    ("course", "state", "words"),
    [
        ({1: 0.5}, RunState.FAILED, "failed"),
        ({1: 0.5}, RunState.LOST, "failed"),
        ({1: 0.5, 2: math.nan}, RunState.COMPLETED, "'val.accuracy' is not finite at the end."),
        ({}, RunState.COMPLETED, "'val.accuracy' was never recorded."),
        ({}, RunState.STOPPED, "Stopped."),
    ],
)
def test_a_run_without_a_result_is_a_failed_trial(
    store: Store, course: dict[int, float], state: RunState, words: str
) -> None:
    hunt = Hunt(store)
    hunt.turn()
    hunt.train(hunt.trials()[0].runs[0], course, state)
    hunt.turn()
    assert hunt.trials()[0].state == "failed"
    assert words in hunt.trials()[0].reason
    assert hunt.trials()[1].state == "running"


def test_a_deleted_run_is_a_failed_trial_and_a_stopped_one_counts_as_pruned(store: Store) -> None:
    hunt = Hunt(store, parallel=2)
    hunt.turn()
    with store.writing() as db:
        db.execute(delete(schema.runs).where(schema.runs.c.id == hunt.trials()[0].runs[0]))
    hunt.train(hunt.trials()[1].runs[0], {1: 0.5}, RunState.STOPPED)
    hunt.turn()
    assert [one.state for one in hunt.trials()[:2]] == ["failed", "pruned"]


def test_a_failed_seed_ends_the_others_of_its_trial(store: Store) -> None:
    hunt = Hunt(store, seeds=(0, 1))
    hunt.turn()
    hunt.train(hunt.trials()[0].runs[0], {}, RunState.FAILED)
    hunt.turn()
    assert {run.state for run in hunt.runs()} == {RunState.FAILED, RunState.STOPPING}


def test_a_search_whose_every_trial_fails_gives_up_and_says_why(store: Store) -> None:
    hunt = Hunt(store, trials=100)
    for number in range(10):
        hunt.turn()
        hunt.train(hunt.trials()[number].runs[0], {})
    hunt.turn()
    status = hunt.now().search
    assert status
    assert (status.state, status.launched) == ("failed", 10)
    assert status.reason.endswith("'val.accuracy' was never recorded.")
    with store.writing() as db:
        trials.resume(db, hunt.sweep)
    hunt.turn()
    assert [one.state for one in hunt.trials()[10:]] == ["running"]


def test_a_stopped_search_launches_nothing_more_and_the_budget_ends_it(store: Store) -> None:
    hunt = Hunt(store, budget_minutes=1)
    hunt.turn()
    with store.writing() as db:
        trials.turn(db, hunt.sweep, SearchState.STOPPED)
    hunt.train(hunt.trials()[0].runs[0], {1: 0.5})
    hunt.turn()
    assert [one.state for one in hunt.trials()] == ["completed"]
    with store.writing() as db:
        trials.turn(db, hunt.sweep, SearchState.RUNNING)
        db.execute(update(schema.runs).values(trained_s=60.0))
    hunt.turn()
    status = hunt.now().search
    assert status
    assert (status.state, status.reason) == ("completed", "The budget of 1 minutes is spent.")


def test_what_falls_behind_is_stopped_as_it_trains_and_told_as_pruned(store: Store) -> None:
    hunt = Hunt(store, trials=6, pruner="median", warmup=2)
    for number in range(4):
        hunt.turn()
        hunt.train(hunt.trials()[number].runs[0], {epoch: 0.1 * epoch for epoch in range(1, 10)})
    hunt.turn()
    run = hunt.trials()[4].runs[0]
    hunt.train(run, {1: 0.0}, RunState.RUNNING)
    hunt.turn()
    assert hunt.now().runs[-1].state == "running"  # before the first epoch that counts
    hunt.train(run, {2: 0.01}, RunState.RUNNING)
    hunt.turn()
    with store.writing() as db:
        behind = runs.get(db, run)
        assert (behind.state, behind.reason) == (
            "stopping",
            "the median pruner: other trials were better after epoch 2",
        )
        runs.move(db, behind, RunState.STOPPED, "Stopped.")
    hunt.turn()
    assert [one.state for one in hunt.trials()[4:]] == ["pruned", "running"]


def test_a_search_waits_for_the_worker_of_its_program(store: Store) -> None:
    hunt = Hunt(store)
    with store.writing() as db:
        db.execute(delete(schema.catalogs))
        catalogs.add(db, *announced(NET.model_copy(update={"name": "other"})))
    hunt.turn()
    assert hunt.trials() == []
    with store.writing() as db:
        catalogs.add(db, *announced(NET))
    hunt.turn()
    assert len(hunt.trials()) == 1
