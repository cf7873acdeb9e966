"""What is asked of Optuna: each sampler and pruner, from nothing but the trials that were stored."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from backend.searches import importance, space, study, surface
from backend.searches.space import Question
from backend.store.trials import Course, Kept
from rhoscope.errors import InvalidInput
from rhoscope.search import Axis, Search, SearchTrial, TrialState

SCHEMAS = {
    "lr": {"type": "number", "minimum": 0},
    "width": {"type": "integer", "minimum": 1},
    "depth": {"type": "integer"},
    "gate": {"anyOf": [{"type": "boolean"}, {"type": "integer"}]},
    "mode": {"enum": ["a", "b"]},
}
SPACE: dict[str, Any] = {"lr": {"low": 1e-4, "high": 1, "log": True}, "width": {"low": 1, "high": 64}}


def question(sampler: str = "tpe", axes: Mapping[str, Any] = SPACE, **more: Any) -> Question:
    search = Search.model_validate({"sampler": sampler, "space": axes, **more})
    return Question("abc", search, SCHEMAS, epochs=9)


def kept(
    number: int,
    values: dict[str, Any],
    value: float | None = None,
    notes: Mapping[str, Any] | None = None,
    course: Course | None = None,
    state: TrialState | None = None,
) -> Kept:
    state = state or (TrialState.RUNNING if value is None else TrialState.COMPLETED)
    trial = SearchTrial(number=number, values=values, value=value, state=state, created=0.0)
    return Kept(trial, course or {}, notes or {})


def searched(request: Question, objective: Callable[[dict[str, Any]], float], trials: int) -> list[Kept]:
    """All trials of a search, of which the sampler sees only what the store keeps."""
    every: list[Kept] = []
    for number in range(trials):
        proposal = study.propose(request, every)
        every.append(kept(number, proposal.values, objective(proposal.values), proposal.notes))
    return every


def bowl(values: Mapping[str, Any]) -> float:
    return (
        -((space.place(Axis(low=1e-4, high=1, log=True), values["lr"]) - 0.75) ** 2)
        - ((values["width"] - 48) / 63) ** 2
    )


@pytest.mark.parametrize("sampler", ["tpe", "cma-es"])
def test_a_sampler_that_learns_comes_nearer_to_the_optimum(sampler: str) -> None:
    values = [one.trial.value or 0.0 for one in searched(question(sampler), bowl, 40)]
    assert sum(values[-15:]) > sum(values[:15]) / 2  # both are below 0


def test_a_search_made_anew_from_its_trials_goes_on_as_it_would_have(subtests: Any) -> None:
    for sampler in ("tpe", "cma-es", "random", "grid"):
        axes = {"lr": [0.1, 0.2, 0.3, 0.4], "width": {"low": 1, "high": 4}} if sampler == "grid" else SPACE
        with subtests.test(sampler=sampler):
            request = question(sampler, axes)
            every = searched(request, lambda values: values["lr"], 15)
            assert study.propose(request, every) == study.propose(request, every)
            assert len({str(one.trial.values) for one in every}) == 15


def test_a_grid_has_each_point_once_also_beside_trials_that_run() -> None:
    request = question("grid", {"mode": ["a", "b"], "width": {"low": 2, "high": 6, "step": 2}})
    assert space.planned(request.search, SCHEMAS) == 6
    every: list[Kept] = []
    for number in range(6):
        proposal = study.propose(request, every)
        every.append(kept(number, proposal.values, notes=proposal.notes))
    points = {(one.trial.values["mode"], one.trial.values["width"]) for one in every}
    assert points == {(mode, width) for mode in "ab" for width in (2, 4, 6)}


def test_values_are_those_of_the_declared_type() -> None:
    request = question("random", {**SPACE, "gate": [True, 1, None], "mode": ["a", "b"]})
    every = searched(request, lambda values: values["lr"], 40)
    assert all(type(one.trial.values["width"]) is int for one in every)
    assert all(1e-4 <= one.trial.values["lr"] <= 1 for one in every)
    assert {repr(one.trial.values["gate"]) for one in every} == {"True", "1", "None"}
    assert all(len(f"{one.trial.values['lr']:.12g}") <= 12 for one in every)


def test_a_step_that_has_no_short_decimal_is_found_again() -> None:
    for sampler in ("tpe", "random", "grid"):
        request = question(sampler, {"lr": {"low": 0.1, "high": 9.1, "step": 1 / 3}, "depth": "0..9:3"})
        every = searched(request, lambda values: values["lr"], 14)
        assert {round(3 * (one.trial.values["lr"] - 0.1), 6) % 1 for one in every} == {0.0}
        assert {one.trial.values["depth"] % 3 for one in every} == {0}


def test_failed_trials_are_told_and_never_stand_in_the_way() -> None:
    request = question()
    every = searched(request, bowl, 12)
    failed = [kept(12 + i, one.trial.values, state=TrialState.FAILED) for i, one in enumerate(every)]
    assert study.propose(request, [*every, *failed]).values.keys() == {"lr", "width"}


@pytest.mark.parametrize("pruner", ["median", "halving", "hyperband"])
def test_a_pruner_stops_what_is_far_behind_and_keeps_what_leads(pruner: str) -> None:
    request = question(pruner=pruner, warmup=1)
    every = [
        kept(i, {"lr": 0.1, "width": 1}, 0.9, course={1: 0.5, 2: 0.7, 3: 0.8 + 0.01 * i, 9: 0.9})
        for i in range(9)
    ]
    for i, one in enumerate(every):  # the rungs that they came to, as they came
        _, notes = study.pruned(request, [*every[:i], kept(i, {"lr": 0.1, "width": 1}, course=one.course)], i)
        every[i] = Kept(one.trial, one.course, notes)
    stops = []
    for course in ({1: 0.1, 2: 0.1, 3: 0.1}, {1: 0.9, 2: 0.95, 3: 0.99}):
        here = [*every, kept(9, {"lr": 0.1, "width": 1}, course=course)]
        stops.append(study.pruned(request, here, 9)[0])
    assert stops == [True, False]


def test_the_setting_that_decides_is_the_most_important_and_intervals_hold_the_estimate() -> None:
    request = question("random", {**SPACE, "mode": ["a", "b"]})
    every = searched(request, lambda values: space.place(request.search.space["lr"], values["lr"]), 60)
    result = importance.estimate(request, every)
    assert [result.settings[0].name, result.trials] == ["lr", 60]
    assert result.settings[0].low > 0.5
    assert sum(one.share for one in result.settings) == pytest.approx(1)
    few = importance.estimate(request, every[:9])
    assert (few.settings, few.note) == (
        [],
        "Importance is estimated from 10 completed trials on; there are 9.",
    )
    alike = [kept(i, one.trial.values, 1.0) for i, one in enumerate(every)]
    assert importance.estimate(request, alike).settings == []


def test_a_surface_is_between_the_trials_and_nothing_beyond_them() -> None:
    search = question(axes={"lr": {"low": 0, "high": 1}, "depth": {"low": 0, "high": 10}}).search
    corners = [(0.25, 0, 0.0), (0.75, 0, 1.0), (0.25, 10, 2.0), (0.75, 10, 3.0)]
    trials = [kept(i, {"lr": x, "depth": y}, z).trial for i, (x, y, z) in enumerate(corners)]
    result = surface.surface(search, trials, "lr", "depth")
    at = result.columns.index(0.5)
    assert result.values[at][at] == pytest.approx(1.5)
    assert result.values[at][0] is None
    line = [kept(i, {"lr": i / 9, "depth": i}, 1.0).trial for i in range(9)]
    assert surface.surface(search, line, "lr", "depth").values == []
    with pytest.raises(InvalidInput, match="y: expected another setting than x"):
        surface.surface(search, trials, "lr", "lr")
    with pytest.raises(InvalidInput, match="unknown setting 'momentum'"):
        surface.surface(search, trials, "momentum", "lr")
