"""A search: from the form, on its sweep's page, and in its report."""

from collections.abc import Callable

import pytest
from instrument import Instrument
from playwright.sync_api import Page, expect
from searched import searched

from dashboard import checking, launching, recipes, searching
from rhoscope.catalog import Catalog
from rhoscope.errors import FieldError, InvalidInput
from rhoscope.runs import SweepSpec
from rhoscope.search import Axis, Search

FORM = {"dataset": "av-digits", "fusion": "concat", "strategy": "ogm-ge", "seed": "0-2", "epochs": "3"}
SPACE = "alpha = 0.1..2\nlr: 0.001..0.1:log\n"


def test_a_space_in_the_form_is_a_search_with_the_seeds_of_each_trial(catalog: Catalog) -> None:
    typed = {**FORM, "search.space": SPACE, "search.trials": "7", "search.pruner": "median", "lr": "0.3"}
    spec = launching.spec_of(launching.order(catalog, typed))
    assert isinstance(spec, SweepSpec)
    space = {"alpha": Axis(low=0.1, high=2), "lr": Axis(low=0.001, high=0.1, log=True)}
    assert spec.search == Search(space=space, trials=7, pruner="median", parallel=1)
    assert (spec.seeds, spec.grid, spec.points) == ([0, 1, 2], {}, [])
    assert spec.base.settings["epochs"] == 3
    assert "lr" not in spec.base.settings


def test_several_values_and_strategies_of_the_form_are_choices_of_the_search(catalog: Catalog) -> None:
    several = {"also.strategy.joint": "true", "epochs": "3, 6", "alpha": "0.5"}
    spec = launching.spec_of(launching.order(catalog, {**FORM, **several, "search.space": "lr = 0.1, 0.2"}))
    assert isinstance(spec, SweepSpec)
    assert spec.search
    axes = {name: axis.choices for name, axis in spec.search.space.items()}
    assert axes == {
        "epochs": [3, 6],
        "strategy": ["ogm-ge", "joint"],
        "alpha": [0.5],
        "lr": ["0.1", "0.2"],
    }


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"search.space": "alpha"}, "search.space", "is not of the form setting = low..high"),
        ({"search.space": "alpha = 1..2\nalpha = 3..4"}, "search.space", "alpha is given twice"),
        ({"search.space": "alpha = 2..1"}, "search.space", "alpha: '2..1' is invalid: the range is empty"),
        ({"search.space": "alpha = 0..1:log"}, "search.space", "begins above 0"),
        ({"search.trials": "0"}, "search.trials", "greater than or equal to 1"),
        ({"search.trials": "many"}, "search.trials", "integer"),
        (
            {"search.sampler": "cma-es", "search.space": "alpha = 0..1"},
            "search.space",
            "at least two settings",
        ),
    ],
)
def test_a_mistake_is_said_at_its_field(
    catalog: Catalog, changes: dict[str, str], field: str, words: str
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        launching.order(catalog, {**FORM, "search.space": SPACE, **changes})
    result = launching.misfits(refusal.value.errors)
    assert list(result) == [field]
    assert words in result[field]


def test_what_the_api_refuses_is_said_at_the_space() -> None:
    errors = [FieldError(field="search.space.alhpa", message="unknown setting 'alhpa'")]
    assert launching.misfits(errors) == {"search.space": "alhpa: unknown setting 'alhpa'"}


def test_the_form_of_a_search_is_kept_in_the_address_and_as_code(catalog: Catalog) -> None:
    typed = {**searching.DEFAULTS, **FORM, "search.space": SPACE}
    assert checking.changed(catalog, typed)["search.space"] == SPACE
    texts = recipes.recipes(launching.order(catalog, typed), recipes.Place("http://lab:8000"))
    assert "client.sweep(" in texts["python"]
    assert texts["yaml"].startswith("# RHOSCOPE_API_URL=http://lab:8000 rhoscope search FILE.yaml")
    assert "rhoscope search search.yaml" in texts["cli"]
    assert '"seeds": [0, 1, 2]' in texts["curl"]


@pytest.mark.e2e
@pytest.mark.timeout(300)
def test_the_page_of_a_search_and_its_report(
    instrument: Instrument, fresh: Callable[[int, int], Page]
) -> None:
    sweep = searched(instrument)
    for width, scheme in ((1280, "light"), (390, "dark")):
        page = fresh(width, 900)
        page.emulate_media(color_scheme=scheme)
        page.goto(f"{instrument.url}/sweeps?sweep={sweep}")
        expect(page.locator(".sweep-progress")).to_contain_text("16 of 16 trials · completed")
        expect(page.locator(".search-card")).to_have_count(5)
        expect(page.locator(".trial-line")).to_have_count(14)
        expect(page.get_by_label("Importance", exact=True).locator("rect")).to_have_count(3)
        expect(page.get_by_label("val.accuracy over alpha and lr").locator("circle")).to_have_count(14)
        page.get_by_label("Setting upward").select_option("batch_size")
        expect(page.get_by_label("val.accuracy over alpha and batch_size")).to_be_visible()
        page.get_by_label("Setting across").select_option("batch_size")
        expect(page.locator(".search-view")).to_contain_text("Choose two different settings.")
        page.get_by_label("Setting of the slice").select_option("lr")
        expect(page.get_by_label("val.accuracy against lr")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    page = fresh(1280, 720)
    page.set_content(instrument.client.report([], sweep=sweep))
    expect(page.locator("#search-best")).to_contain_text("The best is trial")
    expect(page.locator("#search-methods")).to_contain_text("16 trials were chosen by tpe (Optuna)")
    expect(page.locator("#search .chart")).to_have_count(5)
    expect(page.locator("#search .trial-line")).to_have_count(14)


@pytest.mark.e2e
@pytest.mark.timeout(300)
def test_a_search_is_launched_from_the_form_stopped_and_gone_on_with(
    instrument: Instrument, page: Page
) -> None:
    page.goto(instrument.url)
    page.locator("#search-group summary").click()
    page.locator("[id='setting-search.space']").fill("alpha = 0.1..2")
    page.locator("[id='setting-search.trials']").fill("3")
    expect(page.locator("#launch")).to_have_text("Launch 3 runs")
    expect(page.locator("#search-count")).to_have_text("1 searched")
    page.locator("#launch").click()
    page.wait_for_url("**/sweeps?sweep=*")
    expect(page.locator(".sweep-progress")).to_contain_text("0 of 3 trials · running")
    page.locator("[data-action='stop-sweep']").click()
    expect(page.locator(".sweep-progress")).to_contain_text("stopped")
    page.get_by_role("button", name="Go on").click()
    expect(page.locator(".sweep-progress")).to_contain_text("running")
    page.locator("[data-action='stop-sweep']").click()
