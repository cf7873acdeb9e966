"""A checkpoint is whole, is what was written, and is written only by the attempt that owns the run."""

import os
import uuid
from pathlib import Path

import pytest
import torch
from recorded import Trained

from rhoscope.errors import Conflict, Corrupt, InvalidInput, NotFound
from trainer.attempt.session import LostLease
from trainer.checkpoints.checkpoint import Checkpoints, load
from trainer.checkpoints.storage import Folder, Place

SPEC = {
    "strategy": "ogm",
    "dataset": "synthetic",
    "train_size": 64,
    "batch_size": 16,
    "epochs": 4,
    "device": "cpu",
}


@pytest.fixture(params=["folder", "memory", "local"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """A folder; and through fsspec what has no disk, and what has one."""
    address = {
        "folder": f"file://{tmp_path}/run",
        "memory": f"memory://{uuid.uuid4().hex}/run",
        "local": f"local://{tmp_path}/run",
    }
    return Place.at(address[request.param])


def claimed(place: Place, attempt: int = 1) -> Checkpoints:
    checkpoints = Checkpoints(place, attempt)
    checkpoints.claim()
    return checkpoints


def state(step: int) -> dict[str, object]:
    return {"step": step, "weights": {"w": torch.arange(5) + step}}


def rewrite(place: Place, name: str, content: bytes) -> None:
    """Damage a file behind everybody's back."""
    with place.bench("damaged") as part:
        part.write_bytes(content)
        place.remove(name)
        place.deliver(part, name)


def test_what_was_written_reads_back_with_its_hash_in_its_name(place: Place) -> None:
    checkpoints = claimed(place)
    written = checkpoints.save(state(3), 3)
    assert written.sha256 in written.name
    assert written.address.endswith(f"/run/{written.name}")
    with place.fetched(written.name) as path:
        assert written.bytes == path.stat().st_size
    result = checkpoints.latest()
    assert result is not None
    assert torch.equal(result["weights"]["w"], torch.arange(5) + 3)


def step_of(name: str) -> int:
    return int(name.split("-")[3])


def test_the_newest_two_and_those_worth_more_are_kept_and_one_more_lingers(place: Place) -> None:
    """The lingering one was told as kept a moment ago: a fork may have been asked for from it."""
    checkpoints = claimed(place)
    for step in range(1, 7):
        written = checkpoints.save(state(step), step, lambda step: step == 2)
    assert [step_of(name) for name in written.kept] == [6, 5, 2]
    assert sorted(map(step_of, checkpoints.names())) == [2, 4, 5, 6]


def test_the_same_step_saved_twice_leaves_one_file(place: Place) -> None:
    checkpoints = claimed(place)
    checkpoints.save(state(3), 3)
    second = checkpoints.save({"step": 3, "other": 1}, 3)
    assert checkpoints.names() == [second.name]
    checkpoints.save({"step": 3, "other": 1}, 3)
    assert len(checkpoints.names()) == 1


@pytest.mark.parametrize("damage", ["torn", "changed", "empty"])
def test_a_damaged_checkpoint_is_refused_with_a_sentence_and_the_one_before_it_used(
    damage: str, place: Place
) -> None:
    checkpoints = claimed(place)
    checkpoints.save(state(1), 1)
    newest = checkpoints.save(state(2), 2).name
    with place.fetched(newest) as path:
        content = path.read_bytes()
    damaged = {
        "torn": content[: len(content) // 2],
        "changed": content[:-9] + b"x" + content[-8:],
        "empty": b"",
    }
    rewrite(place, newest, damaged[damage])
    with pytest.raises(Corrupt, match=newest[:30]):
        load(place, newest)
    refused: list[str] = []
    result = checkpoints.latest(refused)
    assert result is not None
    assert result["step"] == 1
    assert len(refused) == 1
    assert "torn or changed" in refused[0]


def test_a_file_under_another_name_is_not_taken_for_a_checkpoint(tmp_path: Path) -> None:
    written = claimed(Folder(tmp_path)).save(state(1), 1)
    other = "attempt-0001-step-000000009.pt"
    (tmp_path / written.name).rename(tmp_path / other)
    with pytest.raises(Corrupt, match="not a checkpoint's name"):
        load(Folder(tmp_path), other)


def test_a_checkpoint_that_is_gone_is_said_so(place: Place) -> None:
    with pytest.raises(NotFound, match="newer ones have replaced it"):
        load(place, f"attempt-0001-step-000000009-{'0' * 64}.pt")


def test_a_checkpoint_that_would_run_code_is_not_loaded(place: Place) -> None:
    class Evil:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return os.system, ("touch /tmp/never",)

    written = claimed(place).save({"evil": Evil()}, 1)
    with pytest.raises(Exception, match=r"weights_only|Weights only"):
        load(place, written.name)


def test_an_earlier_attempt_can_neither_claim_nor_write_once_a_later_one_has_claimed(place: Place) -> None:
    zombie = claimed(place, 1)
    zombie.save(state(1), 1)
    claimed(place, 2)
    with pytest.raises(Conflict, match="Attempt 2"):
        zombie.save(state(2), 2)
    with pytest.raises(Conflict, match="Attempt 2"):
        zombie.claim()
    assert [step_of(name) for name in zombie.names()] == [1]


def test_a_later_attempt_goes_on_from_an_earlier_ones_checkpoint_and_its_own_come_first(place: Place) -> None:
    claimed(place, 1).save(state(9), 9)
    second = claimed(place, 2)
    assert (second.latest() or {})["step"] == 9
    second.save(state(4), 4)
    assert (second.latest() or {})["step"] == 4


@pytest.mark.parametrize("scheme", ["file", "local"])
def test_a_half_written_file_of_a_killed_attempt_is_cleared_away(scheme: str, tmp_path: Path) -> None:
    place = Place.at(f"{scheme}://{tmp_path}")
    claimed(place, 1)
    (tmp_path / "attempt-0001-step-000000004.part").write_bytes(b"half")
    assert place.names() == ["attempt-0001.claim"]
    claimed(place, 2)
    assert list(tmp_path.glob("*.part")) == []


@pytest.mark.parametrize("address", ["nowhere://bucket/there", "abfs://container/there"])
def test_an_address_that_nothing_reads_is_refused_by_name(address: str) -> None:
    with pytest.raises(InvalidInput, match=r"RHOSCOPE_CHECKPOINT_URL.*expected a path"):
        Place.at(address)


def test_a_run_whose_newest_checkpoint_is_damaged_goes_on_from_the_one_before_and_says_so(
    tmp_path: Path,
) -> None:
    whole = Trained(SPEC, folder=tmp_path)
    newest = Checkpoints(Folder(tmp_path), 1).names()[0]
    (tmp_path / newest).write_bytes(b"damaged")
    again = Trained(SPEC, attempt=2, folder=tmp_path)
    assert again.sink.steps() == list(range(12, 16))
    assert "The previous one is used" in again.sink.of("log")[0].data["line"]
    assert all(
        torch.equal(a, b) for a, b in zip(whole.weights().values(), again.weights().values(), strict=True)
    )


@pytest.mark.parametrize(
    ("policy", "steps"),
    [
        ({"keep_best": False}, [12, 16]),
        ({"keep_best": False, "keep_last": 3}, [8, 12, 16]),
        ({"keep_best": False, "keep_every": 3}, [3, 6, 9, 12, 15, 16]),
        ({"keep_best": False, "keep_every": 8, "keep_last": 1}, [8, 16]),
    ],
)
def test_what_is_kept_is_a_setting(policy: dict[str, object], steps: list[int], tmp_path: Path) -> None:
    """The last N, and every K steps; an epoch here has four."""
    trained = Trained({**SPEC, **policy}, folder=tmp_path)
    answer = trained.sink.of("checkpoint")[-1].data["kept"]
    assert sorted(map(step_of, answer)) == steps


def test_the_best_epochs_checkpoint_stays(tmp_path: Path) -> None:
    trained = Trained({**SPEC, "keep_last": 1, "epochs": 8}, folder=tmp_path)
    best = trained.session.progress.best_step
    assert best is not None
    answer = trained.sink.of("checkpoint")[-1].data["kept"]
    assert sorted(map(step_of, answer)) == sorted({best, 32})


def test_a_run_goes_on_bit_for_bit_from_a_checkpoint_inside_an_epoch(tmp_path: Path) -> None:
    whole = Trained({**SPEC, "keep_every": 3}, folder=tmp_path)
    for name in Checkpoints(Folder(tmp_path), 1).names():
        if step_of(name) > 9:
            (tmp_path / name).unlink()
    again = Trained({**SPEC, "keep_every": 3}, attempt=2, folder=tmp_path)
    assert again.sink.steps() == list(range(9, 16))
    pairs = zip(whole.weights().values(), again.weights().values(), strict=True)
    assert all(torch.equal(a, b) for a, b in pairs)


def test_a_disk_that_refuses_costs_the_checkpoint_but_not_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("trainer.checkpoints.storage.os.fsync", full)
    folder = tmp_path / "run"
    folder.mkdir()
    monkeypatch.setattr(Checkpoints, "claim", lambda _self: None)
    trained = Trained(SPEC, folder=folder)
    assert trained.outcome.state == "completed"
    assert "No space left" in trained.sink.of("log")[0].data["line"]
    assert list(folder.iterdir()) == []


def test_a_run_that_was_taken_over_ends_at_its_next_checkpoint(tmp_path: Path) -> None:
    claimed(Folder(tmp_path), 2)
    with pytest.raises(LostLease):
        Trained(SPEC, attempt=1, folder=tmp_path)
