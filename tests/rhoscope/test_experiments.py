"""An experiment is planned whole and checked before anything runs; its report says what its seeds allow."""

import csv
import math
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from hypothesis import strategies as st

from rhoscope.catalog import Catalog
from rhoscope.cli import experiment as command
from rhoscope.errors import InvalidInput, NotFound
from rhoscope.experiments import data_sets, plan
from rhoscope.experiments.averages import band, binned
from rhoscope.experiments.execution import BINS, Result
from rhoscope.experiments.plan import Experiment, cells
from rhoscope.experiments.report import lines, write
from rhoscope.runs import Run
from rhoscope.series import Series
from rhoscope.states import RunState
from trainer.plugins import describe

FINITE = st.floats(-1e3, 1e3)
PLAN: dict[str, Any] = {
    "name": "two",
    "title": "Two & more",
    "question": "Does 50 % help?",
    "base": {"dataset": "synthetic"},
    "baseline": "joint",
    "seeds": [0, 1, 2, 3],
    "measures": {"test.accuracy": "Test accuracy (%)"},
    "curves": ["rho.audio"],
    "rows": [
        {"label": "joint", "run": {"strategy": "joint"}},
        {"label": "OGM α", "run": {"strategy": "ogm"}},
    ],
}
RHO = Series(name="rho.audio", title="Discrepancy ratio", unit="1", formula="f", help="h", scale="log")


def results(accuracies: dict[str, list[float | None]]) -> list[Result]:
    """Runs that ended with these test accuracies; None: it failed."""
    result = []
    for cell in cells(Experiment.model_validate(PLAN)):
        accuracy = accuracies[cell.row.label][cell.seed]
        run = Run(
            id=f"{cell.row.label}-{cell.seed}",
            name="",
            spec=cell.spec,
            settings={},
            state=RunState.FAILED if accuracy is None else RunState.COMPLETED,
            reason="The loss was not a finite number." if accuracy is None else "",
            attempt=1,
            created=0,
            modalities=["audio", "visual"],
            series=[RHO],
            last={} if accuracy is None else {"test.accuracy": accuracy},
        )
        result.append(Result(cell, run, {"rho.audio": np.linspace(1, 2, BINS)}))
    return result


CATALOG = describe()
EMBEDDED = data_sets.named(["all"], CATALOG)
FREE = [name for name in plan.names() if plan.load(name).base.get("dataset", "synthetic") != "synthetic"]


@pytest.mark.parametrize("name", plan.names())
def test_every_experiment_that_comes_with_rhoscope_can_be_launched_as_it_is(name: str) -> None:
    planned = data_sets.filled(plan.load(name), CATALOG)
    assert len(plan.check(planned, CATALOG)) == len(planned.rows) * len(planned.seeds)


@pytest.mark.parametrize("dataset", EMBEDDED)
@pytest.mark.parametrize("name", FREE)
def test_every_experiment_runs_on_every_embedded_data_set_with_its_own_modalities(
    name: str, dataset: str
) -> None:
    planned = data_sets.filled(data_sets.on(plan.load(name), dataset), CATALOG)
    cells = plan.check(planned, CATALOG)
    assert {cell.spec.dataset for cell in cells} == {dataset}
    texts = str(planned.model_dump())
    assert "{m}" not in texts
    assert "{dataset}" not in texts
    facts = CATALOG.find("dataset", dataset)
    assert facts is not None
    assert {m for m in facts.facts["modalities"] if f"rho.{m}" in planned.curves} == set(
        facts.facts["modalities"]
    )
    assert planned.name == (name if dataset == "av-digits" else f"{name}-{dataset}")


def test_rows_that_need_every_modality_are_left_out_and_named_where_some_lack_it() -> None:
    raw = data_sets.on(plan.load("strategies"), "digit-views")
    planned = data_sets.filled(raw, CATALOG)
    labels = {row.label for row in planned.rows}
    assert {"Concatenation", "OGM-GE", "Modality-Drop (zernike)"} <= labels
    assert "AGM" not in labels
    assert planned.reading.endswith(", UMT.")
    assert "lack modalities: AGM, " in planned.reading
    complete = raw.model_copy(update={"base": raw.base | {"missing": 0}})
    assert "AGM" in {row.label for row in data_sets.filled(complete, CATALOG).rows}


def test_a_table_on_all_data_sets_has_a_report_for_each(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    written: list[tuple[str, Path]] = []

    def write(planned: Experiment, _: Any, target: Path, __: str) -> list[Path]:
        written.append((planned.base["dataset"], target))
        return []

    class Api:
        def catalog(self) -> Catalog:
            return CATALOG

    monkeypatch.setattr(command, "client", lambda: nullcontext(Api()))
    monkeypatch.setattr(command, "_reporting", lambda: (lambda *_: [], write))
    command.experiment("alpha", dataset=["all"], folder=tmp_path)
    command.experiment("alpha", dataset=["smartwatch"], folder=tmp_path / "here")
    command.experiment("alpha", set_=["dataset=smartwatch"])
    assert written == [
        ("av-digits", tmp_path / "alpha"),
        ("digit-views", tmp_path / "alpha-digit-views"),
        ("smartwatch", tmp_path / "alpha-smartwatch"),
        ("smartwatch", tmp_path / "here"),
        ("smartwatch", Path("results") / "alpha"),
    ]


@pytest.mark.parametrize("name", ["imagenet", "synthetic", "folder"])
def test_a_data_set_that_no_table_can_be_on_is_refused_with_those_that_do(name: str) -> None:
    with pytest.raises(InvalidInput, match="av-digits, digit-views, smartwatch") as refused:
        data_sets.named(["all", name], CATALOG)
    assert refused.value.errors[0].field == "dataset"


def test_one_run_in_two_tables_is_the_same_run() -> None:
    first, *_ = cells(Experiment.model_validate(PLAN))
    other, *_ = cells(Experiment.model_validate({**PLAN, "name": "other", "title": "Other"}))
    assert first.key(1) == other.key(1)
    assert len({cell.key(1) for cell in cells(Experiment.model_validate(PLAN))}) == 8
    assert first.key(1) != first.key(2)


def test_nothing_is_launched_when_a_row_does_not_fit_and_all_of_them_are_named() -> None:
    rows = [{"label": "a", "run": {"alpha": -1}}, {"label": "b", "run": {"strategy": "nonsense"}}]
    wrong = Experiment.model_validate({**PLAN, "rows": rows, "baseline": "a"})
    with pytest.raises(InvalidInput) as refused:
        plan.check(wrong, describe())
    assert {error.field.split(":")[0] for error in refused.value.errors} == {"a", "b"}


def test_an_unknown_experiment_is_refused_with_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="strategies"):
        plan.load("nonsense")
    with pytest.raises(NotFound):
        plan.load(str(tmp_path / "none.yaml"))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"baseline": "nobody"}, "no row 'nobody'"),
        ({"seeds": []}, "seeds"),
        ({"color": "red"}, "color"),
        ({"rows": [PLAN["rows"][0]] * 2}, "same label"),
    ],
)
def test_a_file_that_is_no_experiment_is_refused_by_the_field(
    tmp_path: Path, changes: dict[str, Any], said: str
) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(yaml.safe_dump({**PLAN, **changes}))
    with pytest.raises(InvalidInput, match=said):
        plan.load(str(path))


def test_curves_on_a_log_axis_are_averaged_as_ratios() -> None:
    steps = np.arange(4, dtype=np.int32)
    edges = np.array([0.0, 4.0])
    assert binned(steps, np.array([0.1, 10, 0.1, 10]), edges, log=True) == pytest.approx([1.0])
    middle, low, high = band(np.array([[0.5], [2.0]]), log=True)
    assert middle == pytest.approx([1.0])
    assert low * high == pytest.approx([1.0])


def test_values_that_are_not_finite_do_not_spoil_a_bin() -> None:
    steps = np.arange(3, dtype=np.int32)
    values = np.array([1.0, math.nan, math.inf])
    assert binned(steps, values, np.array([0.0, 3.0]), log=False) == pytest.approx([1.0])


def test_a_failed_run_is_left_out_of_the_pairs_and_named() -> None:
    table = lines(
        Experiment.model_validate(PLAN),
        results({"joint": [0.5, 0.6, 0.7, 0.6], "OGM α": [0.6, None, 0.8, 0.7]}),
    )
    joint, ogm = table
    assert (joint.seeds, ogm.seeds) == (4, 3)
    assert joint.difference is None
    assert ogm.difference is not None
    assert ogm.difference.mean == pytest.approx(0.1)
    assert ogm.difference_text == "+10.0 [10.0, 10.0]"
    assert ogm.ended_badly == ("seed 1: failed. The loss was not a finite number.",)


def test_one_seed_and_a_seed_named_twice_are_said_in_the_report(tmp_path: Path) -> None:
    experiment = Experiment.model_validate({**PLAN, "seeds": [0, 0]})
    assert [cell.seed for cell in plan.cells(experiment)] == [0, 0]  # one for each of the two rows
    four = results({"joint": [0.5, 0.5, 0.5, 0.5], "OGM α": [0.6, 0.6, 0.6, 0.6]})
    write(experiment, [one for one in four if one.cell.seed == 0], tmp_path, "rhoscope experiment two")
    for name in ("report.md", "report.html"):
        text = (tmp_path / name).read_text()
        assert "1 seed (0; named again and counted once: 0)" in text
        assert "1 common seed can't tell a difference from chance" in text.replace("&#39;", "'")


def test_the_report_says_the_same_in_every_format(tmp_path: Path) -> None:
    experiment = Experiment.model_validate(PLAN)
    result = results({"joint": [0.5, 0.6, 0.7, 0.6], "OGM α": [0.6, None, 0.8, 0.7]})
    names = {path.name for path in write(experiment, result, tmp_path, "rhoscope experiment two")}
    assert names == {"rho-audio.svg", "report.md", "report.html", "table.tex", "table.csv", "runs.csv"}
    for name in ("report.md", "report.html", "table.tex"):
        text = (tmp_path / name).read_text()
        assert "60.0" in text
        assert "+10.0 [10.0, 10.0]" in text
    assert "seed 1: failed" in (tmp_path / "report.md").read_text()
    assert "Two &amp; more" in (tmp_path / "report.html").read_text()
    assert r"OGM $\alpha$" in (tmp_path / "table.tex").read_text()
    assert "http" not in (tmp_path / "report.html").read_text().replace("http://www.w3.org", "")
    with (tmp_path / "runs.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["state"] for row in rows].count("failed") == 1
    assert len(rows) == 8


def test_an_experiment_answers_to_its_number_in_the_paper() -> None:
    assert plan.load("paper-table-2") == plan.load("strategies")
