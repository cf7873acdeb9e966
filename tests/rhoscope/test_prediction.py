"""Prediction: what predicts on other data sets is found, noise is not, and the numbers are the runs'."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rhoscope.errors import InvalidInput
from rhoscope.experiments import plan
from rhoscope.experiments.crossing import Crossing
from rhoscope.experiments.execution import Result
from rhoscope.experiments.plan import Experiment, cells
from rhoscope.experiments.prediction import Case, by_strategy, early, predict
from rhoscope.experiments.prediction_report import cases, text, write
from rhoscope.runs import Run
from rhoscope.states import RunState

DRAWS = 79
MODALITIES = ("audio", "visual")
TABLE: dict[str, Any] = {
    "name": "two",
    "title": "Two sets",
    "question": "?",
    "seeds": [0, 1, 2],
    "cross": {
        "reference": {"strategy": "joint"},
        "also": {"probe_every": 4},
        "over": [{"dataset": ["av-digits", "synthetic"], "fusion": ["concat", "sum"], "strategy": ["ogm"]}],
    },
}


def cells_of(sets: Sequence[str], settings: int, effect: float, flipped: str = "") -> list[Case]:
    """Cells whose gain follows `rho`, the other way round on the data set `flipped`, and never `trend`."""
    dice = np.random.default_rng(0)
    made = []
    for dataset in sets:
        for setting in range(settings):
            rho, trend = dice.normal(size=2)
            slope = -effect if dataset == flipped else effect
            made += [
                Case(dataset, str(setting), s, {"rho": rho, "trend": trend}, slope * rho + dice.normal(), 6)
                for s in ("ogm", "agm")
            ]
    return made


def test_a_quantity_that_predicts_on_every_data_set_is_certain_and_noise_is_not() -> None:
    result = {f.quantity: f for f in predict(cells_of(("a", "b", "c"), 12, 3.0), DRAWS)}
    assert result.keys() == {"rho", "trend", "all together"}
    rho, trend = result["rho"], result["trend"]
    assert rho.certain
    assert 0.7 < rho.correlation.low < rho.correlation.mean < rho.correlation.high <= 1
    assert rho.auc.low > 0.7
    assert set(rho.correlation.each) == {"a", "b", "c"}
    together = result["all together"]
    assert together.certain
    assert np.isnan([together.correlation.low, together.auc.high]).all()  # of a fit none is known to cover
    assert not trend.certain
    assert trend.correlation.low < 0 < trend.correlation.high or trend.correlation.mean < 0


def test_a_direction_is_never_learned_on_the_data_set_it_is_judged_on() -> None:
    """Two sets that say the opposite of each other predict each other wrongly."""
    rho = predict(cells_of(("a", "b"), 12, 3.0, flipped="b"), DRAWS)[0]
    assert rho.correlation.mean < -0.7
    assert rho.auc.mean < 0.3
    assert not rho.certain


def test_of_nothing_few_quantities_come_out_as_certain() -> None:
    """Cells of a setting share its quantities, so exchanging single cells would find too many."""
    dice = np.random.default_rng(1)
    wrong = 0
    for _ in range(12):
        made = []
        for dataset in ("a", "b"):
            for setting in range(7):
                x, shared = dice.normal(size=2)
                made += [Case(dataset, str(setting), s, {"rho": x}, shared, 6) for s in ("ogm", "agm")]
        wrong += predict(made, 39)[0].certain
    assert wrong <= 3


def test_a_strategy_alone_has_findings_of_its_own_corrected_for_all_of_them() -> None:
    """Here OGM gains with rho, and AGM by chance."""
    dice = np.random.default_rng(2)
    made = [
        Case(case.dataset, case.setting, case.strategy, case.quantities, gain, 6)
        for case in cells_of(("a", "b", "c"), 12, 3.0)
        for gain in [case.gain if case.strategy == "ogm" else dice.normal()]
    ]
    result = by_strategy(made, 19)
    assert set(result) == {"agm", "ogm"}
    rho = {strategy: findings[0] for strategy, findings in result.items()}
    assert rho["ogm"].quantity == rho["agm"].quantity == "rho"
    assert rho["ogm"].cells == 36
    assert rho["ogm"].p_holm == pytest.approx(6 * rho["ogm"].p)  # three quantities of two strategies
    assert rho["ogm"].correlation.low > 0.5
    assert not rho["agm"].certain
    assert by_strategy([case for case in made if case.dataset == "a"], 19) == {}


def test_one_gain_among_losses_gives_no_auc() -> None:
    made = [Case(d, str(n), "ogm", {"rho": n}, 1.0 if n == 5 else -n, 6) for d in "ab" for n in range(8)]
    result = predict(made, 19)[0]
    assert np.isnan([result.auc.mean, result.auc.low, result.auc.high]).all()
    assert np.isfinite(result.correlation.mean)


def test_one_data_set_is_refused_in_a_sentence() -> None:
    with pytest.raises(InvalidInput, match=r"at least 2 data sets with three common seeds; found 1\."):
        predict(cells_of(("a",), 5, 1.0))


def test_early_quantities_are_those_of_the_first_third() -> None:
    late = [9.0] * 7
    curves = {
        "rho.audio": np.array([1.0, np.e, np.e**2, np.e**3, np.e**4, *late]),
        "rho.visual": np.array([0.5] * 5 + [99.0] * 7),
        "gap.audio": np.array([np.nan, 0.1, np.nan, np.nan, 0.2, *late]),
        "shortfall.audio": np.array([np.nan] * 4 + [0.05, *late]),
        "shortfall.visual": np.array([np.nan] * 4 + [0.4, *late]),
        "grad_norm.audio": np.array([4.0] * 5 + late),
        "grad_norm.visual": np.array([1.0] * 5 + late),
        "probe.accuracy.visual": np.array([np.nan] * 4 + [0.6, *late]),
        "val.accuracy.visual": np.array([0.1, 0.2, 0.25, 0.28, 0.3, *late]),
    }
    assert early(curves, MODALITIES) == pytest.approx(
        {
            "rho": 2.0,
            "trend": 4.0,
            "leader's gap": 0.2,
            "behind alone": 0.4,
            "gradient ratio": np.log(4),
            "probe gap": 0.3,
        }
    )
    assert early({"rho.audio": curves["rho.audio"]}, ("audio",)) == {}


def results(experiment: Experiment) -> list[Result]:
    """Runs of which OGM gains 10 points with concat, and loses as many with sum, where rho is smaller."""
    result = []
    for cell in cells(experiment):
        concat, ogm = cell.spec.fusion == "concat", cell.spec.strategy == "ogm"
        accuracy = 0.5 + 0.01 * cell.seed + ogm * ((0.1 if concat else -0.1) + 0.001 * cell.seed)
        run = Run(
            id=f"{cell.row.label}-{cell.seed}",
            name="",
            spec=cell.spec,
            settings={},
            state=RunState.COMPLETED,
            attempt=1,
            created=0,
            modalities=list(MODALITIES),
            last={"test.accuracy": accuracy},
        )
        rho = np.full(9, 4.0 if concat else 1.5)
        result.append(Result(cell, run, {} if ogm else {"rho.audio": rho, "rho.visual": 1 / rho}))
    return result


def test_cells_are_the_paired_gains_of_each_setting_beside_its_joint_runs(tmp_path: Path) -> None:
    experiment = Experiment.model_validate(TABLE)
    result = cases(experiment, results(experiment))
    assert {(c.dataset, c.setting, c.strategy) for c in result} == {
        (d, f"{d} · {f}", "ogm") for d in ("av-digits", "synthetic") for f in ("concat", "sum")
    }
    first = result[0]
    assert (first.pairs, first.gain) == (3, pytest.approx(0.101))
    assert first.quantities == pytest.approx({"rho": np.log(4), "trend": 0}, abs=1e-9)
    paths = write(result, tmp_path, draws=19)
    assert [path.name for path in paths] == ["prediction.md", "prediction.csv", "cells.csv"]
    page = paths[0].read_text()
    assert "4 cells (data set, fusion, optimizer, strategy) of 4 settings on 2 data sets" in page
    assert "With 4 settings, fewer than 20, intervals are too narrow." in page
    assert "| rho | mean of log ρ of the leader" in page
    assert "| av-digits | ogm | 2 | 1 | +0.1 |" in page
    assert "| ogm | rho | 4 |" in page
    assert "**Nothing here predicts the gain**" in page  # four settings can't show anything
    with paths[2].open(newline="") as file:
        assert [row["strategy"] for row in csv.DictReader(file)] == ["ogm"] * 4


def test_a_certain_finding_is_said_first() -> None:
    made = cells_of(("a", "b", "c"), 12, 3.0)
    page = text(made, predict(made, DRAWS), by_strategy(made[:2], 19))
    assert "**Predicts the gain** on a data set it was not fitted on: rho, all together." in page
    assert "Nothing is known of: trend." in page
    assert "Strategy by strategy" not in page


def test_a_crossing_lists_each_combination_once_after_its_reference() -> None:
    crossing = Crossing.model_validate(
        {
            "reference": {"strategy": "joint"},
            "over": [{"fusion": ["sum"], "strategy": ["ogm", "joint", "agm"]}],
        }
    )
    assert [row["label"] for row in crossing.rows()] == ["sum · joint", "sum · ogm", "sum · agm"]
    assert {row["baseline"] for row in crossing.rows()} == {"sum · joint"}
    experiment = Experiment.model_validate(TABLE)
    alike = {row.label: row.run for row in experiment.rows}
    assert alike["av-digits · sum · joint"]["probe_every"] == 4
    assert "probe_every" not in alike["av-digits · sum · ogm"]
    less = {**experiment.model_dump(), "rows": experiment.model_dump()["rows"][:2]}
    assert Experiment.model_validate(less).rows == experiment.rows[:2]
    with pytest.raises(ValueError, match="either rows or cross"):
        Experiment.model_validate({**TABLE, "rows": [{"label": "a"}, {"label": "b"}]})


def test_the_table_that_comes_with_rhoscope_has_data_sets_to_leave_out() -> None:
    assert len({row.run["dataset"] for row in plan.load("predict").rows}) >= 2
