"""Tables that are trained without servers are the runs they name, and nothing is trained twice."""

import csv
import re
import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import yaml
from kept import recalled
from recorded import Trained

from backend.verdict.verdict import judge
from rhoscope.errors import InvalidInput

SCRIPT = Path(__file__).parents[2] / "docs" / "results" / "train.py"
SMALL: dict[str, Any] = {"dataset": "synthetic", "train_size": 64, "epochs": 3, "batch_size": 32}
TABLE: dict[str, Any] = {
    "title": "Small",
    "question": "?",
    "base": {**SMALL, "previews": False},
    "seeds": [0, 1, 2],
    "curves": [],
    "cross": {
        "reference": {"strategy": "joint"},
        "also": {"baseline_epochs": 1, "probe_every": 1},
        "over": [{"fusion": ["concat"], "strategy": ["ogm"]}],
    },
}


@pytest.fixture(scope="module")
def script() -> dict[str, Any]:
    return runpy.run_path(str(SCRIPT))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, script: dict[str, Any]) -> Path:
    """A table whose six runs were trained; `runs` holds them."""
    place = tmp_path_factory.mktemp("results")
    (place / "small.yaml").write_text(yaml.safe_dump(TABLE))
    threads = torch.get_num_threads()
    script["main"]([str(place / "small.yaml"), str(place / "runs"), "--out", str(place / "out")])
    torch.set_num_threads(threads)
    return place


def test_false_alarms_are_counted_over_every_run_of_a_folder(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = place / "verdicts.md"
    count = SCRIPT.parent / "verdicts" / "count.py"
    monkeypatch.setattr("sys.argv", ["count.py", str(place / "runs"), "--out", str(out)])
    runpy.run_path(str(count), run_name="__main__")
    page = out.read_text()
    assert "\n6 runs of the tables" in page
    assert "(0 runs of the folder have none)" in page
    assert re.findall(r"\| synthetic, concat · (\w+) \| (\d) \|", page) == [("joint", "3"), ("ogm", "3")]
    spoken = re.findall(r"\| [\w-]+ \| (\d+) \| (\d+) \| (\d+) \| \d+ \|", page)
    sums = re.search(r"spoke (\d+) times\. (\d+) times\s.*?\*\*(\d+) times they were not", page, re.DOTALL)
    assert sums is not None
    spoke, wrong, open_ = (sum(int(row[column]) for row in spoken) for column in range(3))
    assert tuple(map(int, sums.groups())) == (spoke, spoke - open_, wrong)


def test_a_table_holds_what_each_run_of_it_reached(place: Path, script: dict[str, Any]) -> None:
    with (place / "out" / "runs.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["row"], row["seed"]) for row in rows] == [
        (f"concat · {s}", str(seed)) for seed in range(3) for s in ("joint", "ogm")
    ]
    assert {row["state"] for row in rows} == {"completed"}
    alone = Trained({**SMALL, "fusion": "concat", "strategy": "ogm", "seed": 2}).sink.sparse()
    assert float(rows[-1]["test.accuracy"]) == alone["test.accuracy"][-1]
    assert "concat · ogm" in (place / "out" / "report.md").read_text()
    assert not (place / "out" / "prediction.md").exists()  # one data set leaves none to predict


def test_curves_of_a_run_are_those_that_a_prediction_reads(place: Path, script: dict[str, Any]) -> None:
    _, cells = script["planned"](str(place / "small.yaml"))
    result = script["read"](cells[0], place / "runs")
    assert result.run.modalities == ["fast", "slow"]
    steps = result.curves["rho.fast"]
    assert len(steps) == 6
    assert np.isfinite(steps).all()
    shortfall = result.curves["shortfall.fast"]
    known = np.flatnonzero(np.isfinite(shortfall))
    assert known.tolist() == [2, 4, 5]  # a value after both steps of an epoch stands behind them


def test_a_verdict_can_be_read_of_every_run(place: Path) -> None:
    for path in (place / "runs").glob("*.json"):
        history = recalled(path.with_suffix(".npz"))
        assert history.steps == 6
        assert {"rho.fast", "test.accuracy", "effective_step.fast"} <= history.curves.keys()
        assert judge(history)


def test_what_is_there_is_not_trained_again_and_what_another_trains_is_left_to_it(
    place: Path, script: dict[str, Any]
) -> None:
    table, cells = script["planned"](str(place / "small.yaml"))
    del table
    runs = sorted((place / "runs").glob("*.json"))
    times = [path.stat().st_mtime_ns for path in runs]
    assert len(script["complete"](cells, place / "runs")) == len(runs) == 6
    assert [path.stat().st_mtime_ns for path in runs] == times
    other = place / "other"
    other.mkdir()
    for cell in cells:
        (other / f"{cell.key(1)}.begun").touch()
    with pytest.raises(InvalidInput, match="6 runs are still being trained by another process"):
        script["main"]([str(place / "small.yaml"), str(other), "--out", str(place / "late")])
    assert not (place / "late").exists()
