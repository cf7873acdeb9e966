"""Successive halving: who goes on from a rung, who stops, and how the candidates are ranked."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from sqlalchemy import insert, update

from backend.launching.races import Races
from backend.launching.standing import ranking
from backend.store import Store, orders, runs, schema, sweeps
from rhoscope.remedies import Race, Ranking
from rhoscope.runs import Run, SweepSpec
from rhoscope.spec import RunSpec
from rhoscope.states import RunState

RUNGS = [40, 80]
SEEDS = (0, 1, 2)


class Field:
    """A race in a store, whose runs come to their rungs when the test says so."""

    def __init__(self, store: Store, names: Sequence[str]) -> None:
        self.store = store
        self.races = Races(store)
        with store.writing() as db:
            self.sweep = sweeps.create(db, SweepSpec(), [])
            made = [[runs.create(db, RunSpec(name=n), {"seed": s}, self.sweep) for s in SEEDS] for n in names]
            self.race = Race(run="a" * 12, names=list(names), rungs=RUNGS, runs=made)
            sweeps.edit(db, self.sweep, {"race": self.race})

    def members(self) -> dict[str, Run]:
        with self.store.reading() as db:
            return {run.id: run for run in runs.of_sweep(db, self.sweep)}

    def arrive(self, rung: int, accuracies: Mapping[str, float], state: RunState = RunState.PAUSED) -> None:
        """Let each named candidate's runs come to a rung, with accuracies a little apart."""
        with self.store.writing() as db:
            for name, accuracy in accuracies.items():
                for seed, run in enumerate(self.race.runs[self.race.names.index(name)]):
                    db.execute(update(schema.runs).where(schema.runs.c.id == run).values(step=rung))
                    value = accuracy + 0.01 * seed * (1 + self.race.names.index(name))
                    row = {"run": run, "series": "val.accuracy", "step": rung, "value": value}
                    db.execute(insert(schema.points).values(**row))
                    runs.move(db, runs.get(db, run), state)

    def states(self) -> dict[str, set[str]]:
        present = self.members()
        pairs = zip(self.race.names, self.race.runs, strict=True)
        return {name: {present[run].state.value for run in ids} for name, ids in pairs}

    def ranking(self) -> Ranking:
        with self.store.reading() as db:
            return ranking(db, self.race, self.members())


@pytest.fixture
def field(tmp_path: Path) -> Field:
    store = Store(f"sqlite:///{tmp_path / 'store.db'}")
    store.open()
    return Field(store, ["joint", "a", "b", "c"])


def test_nobody_goes_on_until_all_have_come(field: Field) -> None:
    field.arrive(40, {"joint": 0.5, "a": 0.9, "b": 0.7})
    assert field.races.step() == []
    assert field.states()["a"] == {"paused"}


def test_the_better_half_goes_on_to_the_next_rung_and_the_control_with_it(field: Field) -> None:
    field.arrive(40, {"joint": 0.1, "a": 0.9, "b": 0.7, "c": 0.3})
    assert len(field.races.step()) == 12
    assert field.states() == {"joint": {"queued"}, "a": {"queued"}, "b": {"queued"}, "c": {"stopped"}}
    with field.store.reading() as db:
        run = field.race.runs[1][0]
        assert [command.step for _, command in orders.waiting(db, [run])[run]] == [80]
        assert "better after step 40" in runs.get(db, field.race.runs[3][0]).reason
    assert field.races.step() == []


def test_at_the_last_rung_the_winner_waits_alone_and_is_named(field: Field) -> None:
    field.arrive(40, {"joint": 0.5, "a": 0.9, "b": 0.7, "c": 0.3})
    field.races.step()
    assert not field.ranking().over
    field.arrive(80, {"joint": 0.5, "a": 0.6, "b": 0.8})
    field.races.step()
    assert field.states() == {"joint": {"stopped"}, "a": {"stopped"}, "b": {"paused"}, "c": {"stopped"}}
    ranked = field.ranking()
    assert (ranked.over, ranked.winner, ranked.control) == (True, "b", "joint")
    assert [place.waiting for place in ranked.places] == [field.race.runs[2], [], [], []]
    assert [(place.name, place.rung) for place in ranked.places] == [
        ("b", 80),
        ("a", 80),
        ("joint", 80),
        ("c", 40),
    ]


def test_an_advantage_is_paired_by_seed_at_the_same_rung_and_corrected_for_all(field: Field) -> None:
    field.arrive(40, {"joint": 0.5, "a": 0.9, "b": 0.7, "c": 0.3})
    field.races.step()
    field.arrive(80, {"joint": 0.5, "a": 0.6, "b": 0.8})
    places = {place.name: place.advantage for place in field.ranking().places}
    assert places["joint"] is None
    assert (places["b"].pairs, places["b"].mean) == (3, pytest.approx(0.32))
    assert places["b"].low < 0.32 < places["b"].high
    assert places["b"].p_holm == pytest.approx(3 * places["b"].p, rel=0.7)
    assert places["b"].p_holm >= places["b"].p
    assert places["c"].mean == pytest.approx(-0.17)


def test_a_candidate_with_a_failed_run_does_not_go_on(field: Field) -> None:
    field.arrive(40, {"joint": 0.5, "b": 0.4, "c": 0.3})
    field.arrive(40, {"a": 0.9}, RunState.FAILED)
    field.races.step()
    assert field.states() == {"joint": {"queued"}, "a": {"failed"}, "b": {"queued"}, "c": {"stopped"}}


def test_a_run_that_a_user_paused_elsewhere_holds_up_nobody(field: Field) -> None:
    field.arrive(40, {"joint": 0.5, "a": 0.9, "b": 0.7})
    field.arrive(17, {"c": 0.3})
    field.races.step()
    assert field.states() == {"joint": {"queued"}, "a": {"queued"}, "b": {"stopped"}, "c": {"paused"}}


def test_a_winner_that_goes_on_to_its_end_stays_the_winner(field: Field) -> None:
    field.arrive(40, {"joint": 0.5, "a": 0.9, "b": 0.7, "c": 0.3})
    field.races.step()
    field.arrive(80, {"joint": 0.5, "a": 0.6, "b": 0.8})
    field.races.step()
    with field.store.writing() as db:
        for run in field.race.runs[2]:
            runs.move(db, runs.get(db, run), RunState.RUNNING)
    assert (field.ranking().over, field.ranking().winner) == (True, "b")
    assert field.ranking().places[0].waiting == []


def test_a_sweep_without_a_race_is_left_alone(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'store.db'}")
    store.open()
    with store.writing() as db:
        sweep = sweeps.create(db, SweepSpec(), [])
        run = runs.create(db, RunSpec(), {}, sweep)
        runs.move(db, runs.get(db, run), RunState.PAUSED)
    assert Races(store).step() == []
