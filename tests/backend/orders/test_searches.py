"""The check of a search before it is launched: each mistake in one sentence, at its field."""

from typing import Any

import pytest
from pydantic import ValidationError

from backend.launching.inspections import Inspections
from backend.orders import searches
from rhoscope.catalog import Catalog
from rhoscope.errors import InvalidInput
from rhoscope.plugin import Plugin
from rhoscope.runs import SweepSpec
from rhoscope.search import Search
from rhoscope.validation import invalid

ALPHA = {"low": 0.1, "high": 2.0}
NOBODY: Any = None
PROGRAM = Plugin(
    kind="program",
    name="net",
    title="net",
    help="A network.",
    settings={"width": {"type": "integer", "default": 8, "live": True}},
)


class Here:
    """An application whose workers are not asked: no data of these searches varies."""

    def inspections(self) -> Inspections:
        return Inspections(NOBODY, NOBODY)


def checked(catalog: Catalog, body: dict[str, Any]) -> Search:
    """The search as it would be launched. Raises: InvalidInput."""
    here: Any = Here()
    try:
        spec = SweepSpec.model_validate(body)
    except ValidationError as error:
        raise invalid(error) from error
    search = searches.checked(here, catalog, spec)[0].search
    assert search
    return search


def body(**search: Any) -> dict[str, Any]:
    return {"base": {"strategy": "ogm-ge"}, "search": {"space": {"alpha": ALPHA}, "trials": 3} | search}


@pytest.mark.parametrize(
    ("search", "words"),
    [
        ({"space": {}}, "at least 1 item"),
        ({"space": {"alpha": {"low": 2, "high": 1}}}, "the range is empty: low 2 must be below high 1"),
        ({"space": {"alpha": {"low": 1, "high": 1}}}, "the range is empty"),
        ({"space": {"alpha": {"low": 0, "high": 1, "log": True}}}, "begins above 0, not at 0"),
        ({"space": {"alpha": {"low": 0.1, "high": 1, "log": True, "step": 0.1}}}, "has no step"),
        ({"space": {"alpha": {"low": 0.1, "high": 1, "step": 0}}}, "the step 0 must be above 0"),
        ({"space": {"alpha": {"low": 0.1}}}, "expected low and high, or choices"),
        ({"space": {"alpha": []}}, "expected low and high, or choices"),
        ({"space": {"alpha": {"low": 0.1, "high": 1, "choices": [1]}}}, "choices stand alone"),
        ({"space": {"alpha": {"low": 0.1, "high": 1e9}}}, "expected a number from"),
        ({"space": {"alpha": {"low": "NaN", "high": 1}}}, "finite"),
        ({"space": {"alpha": ["x"]}}, "expected a number"),
        ({"space": {"alhpa": ALPHA}}, "did you mean 'alpha'?"),
        ({"space": {"name": ["a", "b"]}}, "unknown setting 'name'"),
        ({"space": {"seed": {"low": 0, "high": 9}}}, "give the sweep's seeds instead"),
        ({"space": {"epochs": {"low": 1.5, "high": 9}}}, "must be whole numbers"),
        ({"space": {"strategy": {"low": 0, "high": 1}}}, "give choices instead of a range"),
        ({"space": {"strategy": ["joint", "ogme"]}}, "unknown strategy 'ogme'"),
        ({"space": {"drop": {"low": 0, "high": 1}}}, "has no range; give choices"),
        ({"space": {"tau": ALPHA}}, "search.space.tau"),
        ({"trials": 0}, "greater than or equal to 1"),
        ({"trials": 1001}, "less than or equal to 1000"),
        ({"budget_minutes": 0}, "greater than 0"),
        ({"parallel": 0}, "greater than or equal to 1"),
        ({"sampler": "bayes"}, "'tpe', 'cma-es', 'random' or 'grid'"),
        ({"pruner": "asha"}, "'none', 'median', 'halving' or 'hyperband'"),
        ({"sampler": "cma-es"}, "CMA-ES needs at least two settings with a range"),
        ({"sampler": "cma-es", "space": {"alpha": [1, 2], "lr": [0.1, 0.2]}}, "CMA-ES needs at least two"),
        ({"sampler": "grid"}, "a grid needs choices, or a range with a step"),
        ({"space": {"alpha": {"low": -1e308, "high": 1e308}}}, "the range is too wide"),
        ({"space": {"alpha": "0..1:1e-300"}}, "the step 1e-300 is too small"),
        (
            {"sampler": "grid", "space": {"alpha": "0..1:1e-5"}},
            "a grid needs choices",
        ),
        (
            {"sampler": "grid", "space": {n: list(range(1, 60)) for n in ("alpha", "epochs", "batch_size")}},
            "a grid of 205,379 points is more than the maximum of 10,000",
        ),
        ({"series": "val.acuracy", "direction": "maximize"}, "did you mean 'val.accuracy'?"),
        ({"series": "throughput"}, "give the direction of 'throughput'"),
        ({"what": 1}, "search.what"),
    ],
)
def test_a_mistake_in_a_search_is_one_sentence(catalog: Catalog, search: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        checked(catalog, body(**search))
    assert words in refusal.value.detail
    assert refusal.value.errors
    assert "\n" not in refusal.value.detail


def test_settings_of_a_users_program_are_searched_and_what_it_lacks_is_refused() -> None:
    catalog = Catalog(version="1", plugins=[PROGRAM])
    base = {"program": "net"}
    space = {"width": {"low": 4, "high": 64, "log": True}}
    assert checked(catalog, {"base": base, "search": {"space": space}}).trials == 20
    for more, words in (
        ({"seeds": [0, 1]}, "seeds: program 'net' has no setting 'seed'"),
        ({"search": {"space": {"strategy": ["joint"]}}}, "unknown setting 'strategy'"),
        ({"search": {"space": {"width": [4.5]}}}, "expected a whole number"),
    ):
        with pytest.raises(InvalidInput, match=words):
            checked(catalog, {"base": base, "search": {"space": space}, **more})


def test_choices_are_read_by_their_type_and_a_grid_has_as_many_trials_as_points(catalog: Catalog) -> None:
    space = {"alpha": ["0.1", "0.80", 0.8], "epochs": "2..6:2", "strategy": "ogm, ogm-ge"}
    search = checked(catalog, body(sampler="grid", space=space, trials=None))
    assert search.space["alpha"].choices == [0.1, 0.8]
    assert search.trials == 12


@pytest.mark.parametrize(
    ("space", "least", "most"),
    [
        ({"alpha": ALPHA}, 24 * 23, 24 * 23),
        ({"epochs": {"low": 3, "high": 10}}, 3 * 23, 10 * 23),
        ({"epochs": {"low": 3, "high": 10}, "batch_size": [16, 64]}, 3 * 23, 10 * 93),
        ({"dataset": ["av-digits", "synthetic"]}, 24 * 18, 24 * 23),
        ({"epochs": [2, 5], "protocol": ["this", "official-code"]}, None, None),
    ],
)
def test_the_forecast_counts_the_shortest_and_the_longest_run_of_the_space(
    catalog: Catalog, space: dict[str, Any], least: int | None, most: int | None
) -> None:
    spec = SweepSpec.model_validate(body(space=space))
    all_of_them = None if most is None else 6 * most
    expected = {"least_steps": least, "steps": most, "steps_in_all": all_of_them}
    assert searches.lengths(catalog, spec, 6) == expected
