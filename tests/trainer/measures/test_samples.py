"""Single examples of the validation split: which are followed, and what is known about each."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from recorded import Memory, PauseAt, Trained

from rhoscope.samples import Example, Samples
from rhoscope.torch.presence import Presence
from trainer.attempt import examples
from trainer.dataset import Dataset, Held
from trainer.measures.samples import Followed, choose

SMALL: dict[str, Any] = {
    "dataset": "synthetic",
    "train_size": 128,
    "batch_size": 16,
    "epochs": 2,
    "device": "cpu",
    "hidden": 8,
    "previews": True,
}


def split(classes: list[int], prefix: str = "e") -> Held:
    names = [f"{prefix}{i}" for i in range(len(classes))]
    return Held({"a": torch.zeros(len(classes), 1)}, torch.tensor(classes), names=names)


def records(sink: Memory) -> list[Samples]:
    return [Samples.model_validate(event.data) for event in sink.of("samples")]


def test_the_choice_takes_of_each_class_as_many_as_there_are_and_stays_the_same() -> None:
    classes = [0] * 90 + [1] * 7 + [2] * 3
    chosen = choose(split(classes), ("x", "y", "z"), 30)
    assert {label: chosen.labels.count(label) for label in "xyz"} == {"x": 20, "y": 7, "z": 3}
    assert list(chosen.rows) == sorted(set(chosen.rows))
    torch.manual_seed(7)
    assert choose(split(classes), ("x", "y", "z"), 30) == chosen
    more = choose(split([*classes, 0]), ("x", "y", "z"), 30)
    assert len(set(more.names) - set(chosen.names)) <= 1
    other = choose(split(classes, "f"), ("x", "y", "z"), 30)
    assert other.rows != chosen.rows
    assert len(choose(split([0, 1]), ("x", "y")).rows) == 2
    few = choose(split(list(range(50))), [str(i) for i in range(50)], 20)
    assert len(set(few.labels)) == 20


def test_a_record_holds_each_examples_probabilities_and_nothing_for_a_missing_modality() -> None:
    generator = torch.Generator().manual_seed(1)
    target = torch.randint(3, (40,), generator=generator)
    fused, audio, visual = (torch.randn(40, 3, generator=generator) for _ in range(3))
    there = torch.rand(40, generator=generator) < 0.6
    chosen = choose(split(target.tolist()), ("x", "y", "z"), 11)
    followed = Followed(chosen)
    for rows in torch.split(torch.arange(40), 7):
        presence = Presence({"audio": there[rows], "visual": torch.ones(len(rows), dtype=torch.bool)})
        followed.add(fused[rows], {"audio": audio[rows], "visual": visual[rows]}, target[rows], presence)
    record = followed.record(4)
    assert record is not None
    assert (record.epoch, record.names) == (4, list(chosen.names))
    for place, row in enumerate(chosen.rows):
        label = int(target[row])
        assert record.labels[place] == "xyz"[label]
        assert record.together[place] == pytest.approx(float(fused[row].softmax(0)[label]), abs=1e-4)
        assert record.alone["visual"][place] == pytest.approx(float(visual[row].softmax(0)[label]), abs=1e-4)
        value = record.alone["audio"][place]
        assert (value is not None) == bool(there[row])


def test_a_run_follows_the_same_examples_at_each_validation_and_shows_them_once() -> None:
    trained = Trained(SMALL | {"epochs": 4, "validate_every": 2})
    result = records(trained.sink)
    assert [record.epoch for record in result] == [1, 3]
    assert [event.step for event in trained.sink.of("samples")] == [16, 32]
    assert result[0].names == result[1].names
    assert len(result[0].names) == 200
    assert {result[0].labels.count(label) for label in "01234567"} == {25}
    assert set(result[0].alone) == {"fast", "slow"}
    shown = [Example.model_validate(event.data) for event in trained.sink.of("example")]
    assert sorted(example.name for example in shown) == sorted(result[0].names)
    assert {(part.modality, part.opened()[0]) for example in shown for part in example.parts} == {
        ("fast", "image/png"), ("slow", "image/png"),
    }  # fmt: skip
    other = Trained(SMALL | {"seed": 9, "epochs": 1, "previews": False})
    assert records(other.sink)[0].names == result[0].names
    assert other.sink.of("example") == []


def test_a_resumed_run_says_the_same_and_sends_no_preview_again(tmp_path: Path) -> None:
    whole = Trained(SMALL)
    first = Trained(SMALL, folder=tmp_path, controls=PauseAt(11))
    second = Trained(SMALL, attempt=2, folder=tmp_path)
    assert records(first.sink) + records(second.sink) == records(whole.sink)
    assert len(first.sink.of("example")) == 200
    assert second.sink.of("example") == []


def test_previews_that_fail_or_have_no_room_end_no_run(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: Dataset, split: Held, row: int) -> Any:
        raise OSError("the disk is gone")

    with monkeypatch.context() as patch:
        patch.setattr(Dataset, "preview", broken)
        trained = Trained(SMALL | {"epochs": 1})
    assert trained.outcome.state == "completed"
    (line,) = [event.data["line"] for event in trained.sink.of("log")]
    assert line.endswith("can't be shown: the disk is gone.")
    monkeypatch.setattr(examples, "PREVIEW_BYTES", 1000)
    assert 0 < len(Trained(SMALL | {"epochs": 1}).sink.of("example")) < 10


def test_a_modality_that_is_not_trained_on_has_neither_numbers_nor_a_preview() -> None:
    sink = Trained(SMALL | {"epochs": 1, "only": "slow"}).sink
    assert set(records(sink)[0].alone) == {"slow"}
    assert {part["modality"] for event in sink.of("example") for part in event.data["parts"]} == {"slow"}
    values = np.array(records(sink)[0].together, float)
    np.testing.assert_allclose(values, np.array(records(sink)[0].alone["slow"], float))
