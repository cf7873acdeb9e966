"""Forks through the API, the command line and the page: a curve that begins where its parent's was left."""

from typing import Any

import pytest
from instrument import Instrument

from rhoscope.errors import InvalidInput
from rhoscope.runs import Run
from rhoscope.states import RunState

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]
SPEC: dict[str, Any] = {
    "dataset": "synthetic",
    "train_size": 128,
    "batch_size": 16,
    "epochs": 4,
    "strategy": "ogm-ge",
}


@pytest.fixture(scope="module")
def parent(instrument: Instrument) -> Run:
    return instrument.until(instrument.client.launch(SPEC).id, timeout_s=120)


def curve(instrument: Instrument, run: str, series: str) -> dict[int, float]:
    (result,) = instrument.client.series(run, [series], points=100_000).series
    return dict(zip(result.steps, result.values, strict=True))


def test_a_fork_continues_its_parents_curve_with_the_change_in_force(
    instrument: Instrument, parent: Run
) -> None:
    step = max(c.step for c in instrument.client.checkpoints(parent.id) if c.kept and c.step < parent.step)
    request = instrument.cli("fork", parent.id, "--step", str(step), "--set", "alpha=0")
    assert request.returncode == 0, request.stderr
    child = instrument.until(request.stdout.strip(), timeout_s=120)
    assert child.state is RunState.COMPLETED, child.reason
    assert (child.parent, child.parent_step) == (parent.id, step)
    assert child.settings["alpha"] == 0
    before, after = curve(instrument, parent.id, "loss"), curve(instrument, child.id, "loss")
    assert list(after) == list(range(parent.step))
    assert all(after[s] == before[s] for s in range(step))
    k = curve(instrument, child.id, "k.fast")
    assert all(k[s] == 1 for s in range(step, parent.step))
    epochs = curve(instrument, child.id, "val.accuracy")
    assert len(epochs) == 4


def test_a_fork_of_a_fork_shows_the_whole_line(instrument: Instrument, parent: Run) -> None:
    child = instrument.until(instrument.client.fork(parent.id, {"settings": {"epochs": 5}}).id, timeout_s=120)
    grandchild = instrument.client.fork(child.id, {"strategy": "joint", "settings": {"epochs": 6}})
    done = instrument.until(grandchild.id, timeout_s=120)
    assert done.state is RunState.COMPLETED, done.reason
    assert list(curve(instrument, done.id, "loss")) == list(range(done.step))
    own = instrument.client.series(done.id, ["loss"], points=100_000)
    assert len(own.series[0].steps) == done.step == 48


def test_a_fork_that_does_not_fit_is_refused_and_nothing_is_queued(
    instrument: Instrument, parent: Run
) -> None:
    before = instrument.client.runs().total
    for changes, field in (
        ({"step": 0}, "step"),
        ({"settings": {"alpha": -1}}, "alpha"),
        ({"strategy": "nonsense"}, "strategy"),
    ):
        with pytest.raises(InvalidInput) as refused:
            instrument.client.fork(parent.id, changes)
        assert field in refused.value.errors[0].field
    assert instrument.client.runs().total == before


def test_asking_twice_with_one_key_makes_one_fork(instrument: Instrument, parent: Run) -> None:
    first = instrument.client.fork(parent.id, {"settings": {"epochs": 5}}, "fork-key")
    assert instrument.client.fork(parent.id, {"settings": {"epochs": 5}}, "fork-key").id == first.id
    instrument.client.stop(first.id)
