"""An experiment through the real job engine: interrupted, taken up again, reported."""

from collections.abc import Sequence
from pathlib import Path

import pytest
import yaml
from instrument import Instrument

from rhoscope.experiments.execution import conduct
from rhoscope.experiments.plan import Experiment
from rhoscope.runs import Run
from rhoscope.states import RunState

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

PLAN = {
    "name": "small",
    "title": "Small",
    "question": "Does it run?",
    "base": {"dataset": "synthetic", "train_size": 128, "batch_size": 32, "epochs": 2},
    "baseline": "joint",
    "seeds": [0, 1],
    "curves": ["rho.fast"],
    "rows": [{"label": "joint", "run": {"strategy": "joint"}}, {"label": "OGM", "run": {"strategy": "ogm"}}],
}


class Interrupted(Exception):
    pass


def test_an_interrupted_experiment_goes_on_with_the_runs_it_has(instrument: Instrument) -> None:
    seen: list[Run] = []

    def interrupt(runs: Sequence[Run]) -> None:
        seen.extend(runs)
        raise Interrupted

    experiment = Experiment.model_validate(PLAN)
    with pytest.raises(Interrupted):
        conduct(instrument.client, experiment, interrupt)
    results = conduct(instrument.client, experiment)
    assert [r.run.id for r in results] == [run.id for run in seen]
    assert instrument.client.runs().total == 4
    assert {r.run.state for r in results} == {RunState.COMPLETED}
    assert all("test.accuracy" in r.run.last for r in results)


def test_a_stopped_run_is_trained_anew_and_the_report_is_written(
    instrument: Instrument, tmp_path: Path
) -> None:
    slow = {**PLAN, "base": {**PLAN["base"], "seed": 0, "step_delay_ms": 50}, "seeds": [7]}
    plan = tmp_path / "slow.yaml"
    plan.write_text(yaml.safe_dump({k: v for k, v in slow.items() if k != "name"}))
    first: list[Run] = []

    def stop_one(runs: Sequence[Run]) -> None:
        first.extend(runs)
        instrument.client.stop(runs[0].id)
        raise Interrupted

    with pytest.raises(Interrupted):
        conduct(instrument.client, Experiment.model_validate({**slow, "name": "slow"}), stop_one)
    instrument.until(first[0].id)
    done = instrument.cli("experiment", str(plan), "--out", str(tmp_path / "out"))
    assert done.returncode == 0, done.stderr
    assert "| OGM |" in (tmp_path / "out" / "report.md").read_text()
    ids = (tmp_path / "out" / "runs.csv").read_text()
    assert first[0].id not in ids
    assert first[1].id in ids


def test_an_experiment_that_does_not_fit_is_one_sentence(instrument: Instrument) -> None:
    refused = instrument.cli("experiment", "strategies", "--set", "alpha=-1")
    assert refused.returncode == 2
    assert "alpha" in refused.stderr
    assert "Traceback" not in refused.stderr
