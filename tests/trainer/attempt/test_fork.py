"""A fork goes on from another run's checkpoint: as if it were that run, but for what was changed."""

import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from recorded import Trained

from rhoscope.commands import Command
from rhoscope.errors import Conflict, NotFound
from trainer.attempt.controls import Controls
from trainer.checkpoints.checkpoint import Checkpoints
from trainer.checkpoints.storage import Folder

SPEC: dict[str, Any] = {
    "strategy": "ogm-ge",
    "dataset": "synthetic",
    "train_size": 64,
    "batch_size": 16,
    "epochs": 4,
    "device": "cpu",
    "effects_every": 1,
}
STEP = 12


@pytest.fixture
def parent(tmp_path: Path) -> Trained:
    return Trained(SPEC, folder=tmp_path / "parent")


def fork(folder: Path, step: int = STEP, **changes: Any) -> Trained:
    """A run from the parent's checkpoint at `step`."""
    (name,) = [n for n in Checkpoints(Folder(folder / "parent"), 1).names() if f"-step-{step:09d}-" in n]
    origin = {"run": "parent", "step": step, "checkpoint": name}
    return Trained({**SPEC, "origin": origin, **changes}, folder=folder / "child")


def test_a_fork_without_changes_is_the_parent_bit_for_bit(parent: Trained, tmp_path: Path) -> None:
    child = fork(tmp_path)
    assert child.sink.steps() == list(range(STEP, 16))
    for name in ("loss", "rho.fast", "k.fast", "noise.fast"):
        assert np.array_equal(child.sink.series(name), parent.sink.series(name)[STEP:]), name
    pairs = zip(parent.weights().values(), child.weights().values(), strict=True)
    assert all(torch.equal(a, b) for a, b in pairs)


def test_a_change_is_in_force_from_the_first_step_of_the_fork(parent: Trained, tmp_path: Path) -> None:
    child = fork(tmp_path, alpha=0.0)
    assert np.all(child.sink.series("k.fast") == 1)
    assert child.session.parts.values()["alpha"] == 0
    assert child.sink.series("rho.fast")[0] == parent.sink.series("rho.fast")[STEP]
    assert not np.array_equal(child.sink.series("loss")[1:], parent.sink.series("loss")[STEP + 1 :])


def test_a_fork_may_train_longer_and_with_another_strategy(parent: Trained, tmp_path: Path) -> None:
    child = fork(tmp_path, strategy="joint", epochs=6)
    assert child.sink.steps() == list(range(STEP, 24))
    assert "noise.fast" not in child.sink.names()
    assert "gap" in child.sink.sparse()


def test_a_fork_that_is_interrupted_goes_on_from_its_own_checkpoint(parent: Trained, tmp_path: Path) -> None:
    whole = fork(tmp_path, alpha=0.3)
    again = Trained({**SPEC, "alpha": 0.3}, attempt=2, folder=tmp_path / "child")
    assert again.sink.steps() == []
    pairs = zip(whole.weights().values(), again.weights().values(), strict=True)
    assert all(torch.equal(a, b) for a, b in pairs)


def test_a_checkpoint_of_another_network_is_refused_in_words(parent: Trained, tmp_path: Path) -> None:
    with pytest.raises(Conflict, match="another network"):
        fork(tmp_path, fusion="sum")


def test_a_checkpoint_that_is_gone_is_said_so(parent: Trained, tmp_path: Path) -> None:
    name = f"attempt-0001-step-000000001-{'0' * 64}.pt"
    origin = {"run": "parent", "step": 1, "checkpoint": name}
    with pytest.raises(NotFound, match="newer ones have replaced it"):
        Trained({**SPEC, "origin": origin}, folder=tmp_path / "child")


def test_a_checkpoint_that_a_fork_waits_for_is_kept_however_long_it_waits(tmp_path: Path) -> None:
    controls = Controls()
    controls.add(Command(id="1", verb="keep", step=4, time=time.time()))
    Trained({**SPEC, "epochs": 9}, folder=tmp_path / "parent", controls=controls)
    child = fork(tmp_path, step=4, epochs=2)
    assert child.sink.steps() == list(range(4, 8))


def test_the_state_before_a_live_change_is_kept_to_fork_from(tmp_path: Path) -> None:
    """What if I had not: the fork from just before a change is the run without it."""
    never = Trained(SPEC, folder=tmp_path / "never")
    controls = Controls()
    controls.add(Command(id="1", verb="set", settings={"alpha": 0.0}, time=time.time()))
    changed = Trained(SPEC, folder=tmp_path / "parent", controls=controls)
    answer = changed.sink.of("checkpoint")
    assert answer[0].step == 0
    there = set(Checkpoints(Folder(tmp_path / "parent"), 1).names())
    assert set(answer[-1].data["kept"]) < there
    assert any("-step-000000000-" in name for name in answer[-1].data["kept"])
    child = fork(tmp_path, step=0)
    assert np.array_equal(child.sink.series("loss"), never.sink.series("loss"))
    assert not np.array_equal(changed.sink.series("loss"), never.sink.series("loss"))
