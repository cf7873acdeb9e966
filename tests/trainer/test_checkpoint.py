"""A checkpoint is whole, is what was written, and is written only by the attempt that owns the run."""

import os
from pathlib import Path

import pytest
import torch
from recorded import Trained

from rhoscope.errors import Conflict, Corrupt
from trainer.checkpoint import Checkpoints, load
from trainer.session import LostLease

SPEC = {
    "strategy": "ogm",
    "dataset": "synthetic",
    "train_size": 64,
    "batch_size": 16,
    "epochs": 4,
    "device": "cpu",
}


def claimed(folder: Path, attempt: int = 1) -> Checkpoints:
    checkpoints = Checkpoints(folder, attempt)
    checkpoints.claim()
    return checkpoints


def state(step: int) -> dict[str, object]:
    return {"step": step, "weights": {"w": torch.arange(5) + step}}


def test_what_was_written_reads_back_with_its_hash_in_its_name(tmp_path: Path) -> None:
    checkpoints = claimed(tmp_path)
    written = checkpoints.save(state(3), 3)
    assert written.sha256 in written.path.name
    assert written.bytes == written.path.stat().st_size
    found = checkpoints.latest()
    assert found is not None
    assert torch.equal(found["weights"]["w"], torch.arange(5) + 3)
    assert list(tmp_path.glob("*.part")) == []


def step_of(name: str) -> int:
    return int(name.split("-")[3])


def test_the_newest_two_and_the_precious_ones_are_kept_and_one_more_lingers(tmp_path: Path) -> None:
    """The lingering one was told as kept a moment ago: a fork may have been asked for from it."""
    checkpoints = claimed(tmp_path)
    for step in range(1, 7):
        written = checkpoints.save(state(step), step, precious={2})
    assert [step_of(name) for name in written.kept] == [6, 5, 2]
    assert sorted(step_of(path.name) for path in checkpoints.paths()) == [2, 4, 5, 6]


def test_the_same_step_saved_twice_leaves_one_file(tmp_path: Path) -> None:
    checkpoints = claimed(tmp_path)
    checkpoints.save(state(3), 3)
    second = checkpoints.save({"step": 3, "other": 1}, 3)
    assert checkpoints.paths() == [second.path]
    checkpoints.save({"step": 3, "other": 1}, 3)
    assert len(checkpoints.paths()) == 1


@pytest.mark.parametrize("damage", ["torn", "changed", "empty"])
def test_a_damaged_checkpoint_is_refused_with_a_sentence_and_the_one_before_it_used(
    damage: str, tmp_path: Path
) -> None:
    checkpoints = claimed(tmp_path)
    checkpoints.save(state(1), 1)
    newest = checkpoints.save(state(2), 2).path
    content = newest.read_bytes()
    newest.write_bytes(
        {"torn": content[: len(content) // 2], "changed": content[:-9] + b"x" + content[-8:], "empty": b""}[
            damage
        ]
    )
    with pytest.raises(Corrupt, match=newest.name[:30]):
        load(newest)
    refused: list[str] = []
    found = checkpoints.latest(refused)
    assert found is not None
    assert found["step"] == 1
    assert len(refused) == 1
    assert "torn or changed" in refused[0]


def test_a_file_under_another_name_is_not_taken_for_a_checkpoint(tmp_path: Path) -> None:
    checkpoints = claimed(tmp_path)
    written = checkpoints.save(state(1), 1).path
    other = written.with_name("attempt-0001-step-000000009.pt")
    written.rename(other)
    with pytest.raises(Corrupt, match="not a checkpoint's name"):
        load(other)


def test_a_checkpoint_that_would_run_code_is_not_loaded(tmp_path: Path) -> None:
    class Evil:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return os.system, ("touch /tmp/never",)

    written = claimed(tmp_path).save({"evil": Evil()}, 1)
    with pytest.raises(Exception, match=r"weights_only|Weights only"):
        load(written.path)


def test_an_earlier_attempt_can_neither_claim_nor_write_once_a_later_one_has_claimed(tmp_path: Path) -> None:
    zombie = claimed(tmp_path, 1)
    zombie.save(state(1), 1)
    claimed(tmp_path, 2)
    with pytest.raises(Conflict, match="Attempt 2"):
        zombie.save(state(2), 2)
    with pytest.raises(Conflict, match="Attempt 2"):
        zombie.claim()
    assert [p.name.split("-")[3] for p in zombie.paths()] == ["000000001"]


def test_a_later_attempt_goes_on_from_an_earlier_ones_checkpoint_and_its_own_come_first(
    tmp_path: Path,
) -> None:
    claimed(tmp_path, 1).save(state(9), 9)
    second = claimed(tmp_path, 2)
    assert (second.latest() or {})["step"] == 9
    second.save(state(4), 4)
    assert (second.latest() or {})["step"] == 4


def test_a_half_written_file_of_a_killed_attempt_is_cleared_away(tmp_path: Path) -> None:
    claimed(tmp_path, 1)
    (tmp_path / "attempt-0001-step-000000004.part").write_bytes(b"half")
    claimed(tmp_path, 2)
    assert list(tmp_path.glob("*.part")) == []


def test_a_run_whose_newest_checkpoint_is_damaged_goes_on_from_the_one_before_and_says_so(
    tmp_path: Path,
) -> None:
    whole = Trained(SPEC, folder=tmp_path)
    newest = Checkpoints(tmp_path, 1).paths()[0]
    newest.write_bytes(b"damaged")
    again = Trained(SPEC, attempt=2, folder=tmp_path)
    assert again.sink.steps() == list(range(12, 16))
    assert "The one before it is used" in again.sink.of("log")[0].data["line"]
    assert all(
        torch.equal(a, b) for a, b in zip(whole.weights().values(), again.weights().values(), strict=True)
    )


def test_a_full_disk_costs_the_checkpoint_but_not_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("trainer.checkpoint.os.fsync", full)
    folder = tmp_path / "run"
    folder.mkdir()
    monkeypatch.setattr(Checkpoints, "claim", lambda _self: None)
    trained = Trained(SPEC, folder=folder)
    assert trained.outcome.state == "completed"
    assert "No space left" in trained.sink.of("log")[0].data["line"]
    assert list(folder.iterdir()) == []


def test_a_run_that_was_taken_over_ends_at_its_next_checkpoint(tmp_path: Path) -> None:
    claimed(tmp_path, 2)
    with pytest.raises(LostLease):
        Trained(SPEC, attempt=1, folder=tmp_path)
