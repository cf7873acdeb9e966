"""What training sees of a prepared folder: splits, crops, pictures and sound, the same wherever asked."""

from pathlib import Path
from typing import Any

import media
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from recorded import Trained

from rhoscope.errors import InvalidInput
from trainer.dataset import Split
from trainer.datasets.cremad import PARTS, CremaD, CremaDSettings
from trainer.datasets.kinetics_sounds import KineticsSounds
from trainer.datasets.vggsound import VGGSound
from trainer.disk.dataset import PreparedSettings
from trainer.disk.split import crop, segments
from trainer.prepare.__main__ import order_for
from trainer.prepare.conversion import prepare
from trainer.prepare.source import Clip, ranked, shares

SMALL = {"image_size": 16, "frames": 1}


def made(name: str, source: Path, out: Path, **changes: Any) -> Path:
    order, _ = order_for(name, source, out, "float32")
    prepare(type(order)(**{**vars(order), "shard": 64}), 1, changes.get("allow", 0.0))
    return out


@pytest.fixture(scope="module")
def cremad(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cremad")
    media.cremad(folder / "source", actors=10)
    names = [p.stem for p in sorted((folder / "source" / "AudioWAV").glob("*.wav"))]
    test = names[::7]
    media.cremad_lists(folder / "source", train=[n for n in names if n not in test], test=test)
    return made("cremad", folder / "source", folder / "out")


@pytest.fixture(scope="module")
def vggsound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("vggsound")
    return made("vggsound", media.vggsound(folder / "source", ("ant", "bee"), train=10), folder / "out")


def load(folder: Path, partition: str = "by-actor") -> tuple[CremaD, dict[str, Split]]:
    dataset = CremaD(CremaDSettings.model_validate({"folder": str(folder), "partition": partition, **SMALL}))
    return dataset, dataset.load()


def whole(split: Split, draw: tuple[int, int] | None = None) -> tuple[dict[str, torch.Tensor], torch.Tensor]:
    ((inputs, target),) = split.batches([torch.arange(len(split))], draw)
    return inputs, target


@pytest.mark.parametrize("partition", ["by-actor", "random-with-validation", "official-code"])
def test_no_clip_is_in_two_splits_and_none_is_lost(cremad: Path, partition: str) -> None:
    dataset, _ = load(cremad, partition)
    where = dataset.partition(dataset._shelves.clips)
    assert len(where) == 60
    assert set(where.values()) == {"train", "validation", "test"}


def test_by_actor_shares_no_actor_and_says_nothing(cremad: Path) -> None:
    dataset, _ = load(cremad, "by-actor")
    where = dataset.partition(dataset._shelves.clips)
    actors = {s: {c.group for c in dataset._shelves.clips if where[c.id] == s} for s in PARTS}
    assert {s: len(result) for s, result in actors.items()} == {"train": 8, "validation": 1, "test": 1}
    assert not actors["train"] & actors["test"]
    assert not actors["validation"] & (actors["train"] | actors["test"])
    assert dataset.remarks() == ()


@pytest.mark.parametrize("partition", ["random-with-validation", "official-code"])
def test_a_split_that_leaks_says_so_in_the_run(cremad: Path, partition: str) -> None:
    dataset, _ = load(cremad, partition)
    (answer,) = dataset.remarks()
    assert answer.startswith("This split leaks: ")
    assert "test clips" in answer
    help_text = CremaDSettings.model_fields["partition"].description or ""
    assert "official-code" in help_text
    assert "all 91 actors are on both sides" in help_text


def test_official_code_takes_the_lists_and_validates_on_a_part_of_train(cremad: Path) -> None:
    dataset, splits = load(cremad, "official-code")
    listed = {c.id for c in dataset._shelves.clips if c.split == "test"}
    where = dataset.partition(dataset._shelves.clips)
    assert {clip for clip, split in where.items() if split == "test"} == listed
    assert len(splits["test"]) == len(listed) == 9


@given(st.sets(st.text(min_size=1), min_size=1))
def test_where_a_clip_is_depends_on_nothing_but_its_name(names: set[str]) -> None:
    alone = {name: shares(name, PARTS) for name in names}
    assert alone == {name: shares(name, PARTS) for name in sorted(names, reverse=True)}
    assert set(alone.values()) <= set(PARTS)


def test_shares_are_what_they_say_over_many_names() -> None:
    result = [shares(str(n), PARTS) for n in range(20_000)]
    assert {s: result.count(s) / 20_000 for s in PARTS} == pytest.approx(PARTS, abs=0.01)
    groups = ranked(map(str, range(91)), PARTS)
    assert {s: list(groups.values()).count(s) for s in PARTS} == {"train": 73, "validation": 9, "test": 9}


def test_testing_is_the_same_every_time_and_training_differs_by_epoch(cremad: Path) -> None:
    _, splits = load(cremad)
    train = splits["train"]
    one, target = whole(train)
    two, _ = whole(train)
    assert all(torch.equal(x, two[m]) for m, x in one.items())
    drawn, again, later = (whole(train, draw)[0] for draw in ((0, 1), (0, 1), (0, 2)))
    assert torch.equal(drawn["visual"], again["visual"])
    assert not torch.equal(drawn["visual"], later["visual"])
    assert torch.equal(drawn["audio"], one["audio"])  # all of it is heard, always
    assert one["audio"].shape == (len(train), 1, 257, 188)
    assert one["visual"].shape == (len(train), 3, 1, 16, 16)
    assert target.tolist() == train.target.tolist()


def test_what_is_drawn_of_an_example_does_not_depend_on_its_batch(cremad: Path) -> None:
    """So that a run that goes on in the middle of an epoch, and one shared by processes, see the same."""
    train = load(cremad)[1]["train"]
    order = torch.randperm(len(train), generator=torch.Generator().manual_seed(3))
    together, _ = whole(train, (5, 7))
    for index, (inputs, target) in zip(order.split(7), train.batches(order.split(7), (5, 7)), strict=True):
        assert torch.equal(inputs["visual"], together["visual"][index])
        assert torch.equal(target, train.target[index])


def test_pictures_are_of_the_clip_they_belong_to(cremad: Path) -> None:
    """The recordings' maker gave each emotion a shade of red of its own."""
    inputs, target = whole(load(cremad)[1]["train"])
    red = (inputs["visual"][:, 0].mean((1, 2, 3)) * 0.229 + 0.485) * 255
    shades = torch.tensor([40.0 * number for number in range(6)])
    assert torch.equal((red[:, None] - shades).abs().argmin(1), target)


def test_an_example_is_called_as_its_clip_and_shown_as_it_was_stored(cremad: Path) -> None:
    """Whatever modalities are trained on, and however many pictures are seen of it."""
    dataset, splits = load(cremad)
    split = splits["validation"]
    assert len({split.name(row) for row in range(len(split))}) == len(split)
    assert split.name(2) == split.only(["audio"]).name(2)
    assert split.name(2).split("_")[2] == dataset.classes[int(split.target[2])]
    parts = {part.modality: part for part in dataset.preview(split, 2)}
    assert {m: part.opened()[0] for m, part in parts.items()} == {
        "audio": "image/png",
        "visual": "image/jpeg",
    }


def test_only_some_modalities_and_both_of_two_splits(cremad: Path) -> None:
    splits = load(cremad)[1]
    both = splits["train"] + splits["validation"]
    assert len(both) == len(splits["train"]) + len(splits["validation"]) == len(both.target)
    inputs, _ = whole(both.only(["audio"]))
    assert set(inputs) == {"audio"}


def test_part_of_the_sound_is_heard_any_in_training_and_the_middle_in_testing(vggsound: Path) -> None:
    dataset = VGGSound(PreparedSettings.model_validate({"folder": str(vggsound), **SMALL}))
    splits = dataset.load()
    sound = torch.from_numpy(np.array(dataset._shelves.sound(int(splits["test"].rows[0]))))  # type: ignore[attr-defined]
    heard = whole(splits["test"])[0]["audio"]
    assert heard.shape == (len(splits["test"]), 1, 129, 626)
    assert torch.equal(heard[0, 0], sound[:, 312 : 312 + 626])
    one, other = (whole(splits["train"], (0, epoch))[0]["audio"] for epoch in (0, 1))
    assert not torch.equal(one, other)


def test_lists_without_validation_give_a_tenth_of_train_and_test_is_the_lists(vggsound: Path) -> None:
    dataset = VGGSound(PreparedSettings.model_validate({"folder": str(vggsound), **SMALL}))
    clips = [Clip(f"c{n}", "ant", "", "", f"v{n // 2}", "test" if n < 20 else "train") for n in range(1000)]
    where = dataset.partition(clips)
    assert {clip for clip, split in where.items() if split == "test"} == {f"c{n}" for n in range(20)}
    assert sum(split == "validation" for split in where.values()) == pytest.approx(98, abs=35)
    assert all(where[f"c{n}"] == where[f"c{n + 1}"] for n in range(20, 1000, 2))  # one video, one split


@given(st.integers(1, 400), st.integers(1, 400), st.integers(0, 1000))
def test_a_crop_lies_within_the_picture_and_has_the_papers_area(width: int, height: int, seed: int) -> None:
    left, upper, right, lower = crop(width, height, np.random.default_rng(seed))
    assert 0 <= left < right <= width
    assert 0 <= upper < lower <= height
    if min(width, height) >= 64 and 3 / 4 <= width / height <= 4 / 3:
        assert 0.07 <= (right - left) * (lower - upper) / (width * height) <= 1.0
        assert 0.7 <= (right - left) / (lower - upper) <= 1.45


@given(st.integers(1, 12), st.integers(1, 12), st.integers(0, 100))
def test_pictures_are_drawn_one_from_each_part_in_order(stored: int, wanted: int, seed: int) -> None:
    for chance in (None, np.random.default_rng(seed)):
        shown = segments(stored, wanted, chance)
        assert len(shown) == wanted
        assert shown == sorted(shown)
        assert all(0 <= which < stored for which in shown)


def test_every_stored_picture_is_seen_sometimes() -> None:
    """The official code draws a choice and then always takes the first files."""
    seen = {which for seed in range(200) for which in segments(10, 3, np.random.default_rng(seed))}
    assert seen == set(range(10))


def test_a_folder_of_another_data_set_is_refused_with_the_command_that_makes_it(vggsound: Path) -> None:
    for folder in (vggsound, vggsound / "nowhere"):
        with pytest.raises(InvalidInput, match="rhoscope prepare kinetics-sounds --source DIR"):
            KineticsSounds(PreparedSettings(folder=str(folder)))


def test_a_run_on_disk_is_interrupted_and_resumed_to_the_same_bits(cremad: Path, tmp_path: Path) -> None:
    spec = {"dataset": "cremad", "folder": str(cremad), "partition": "by-actor", **SMALL, "device": "cpu"}
    encoders = {"audio": "convolutional", "visual": "mlp"}
    spec |= {"encoders": encoders, "strategy": "ogm-ge", "batch_size": 8, "keep_every": 3}
    straight = Trained({**spec, "epochs": 2}, folder=tmp_path / "run")
    for path in (tmp_path / "run").glob("*.pt"):
        if "-step-000000003-" not in path.name:
            path.unlink()
    second = Trained({**spec, "epochs": 2}, attempt=2, folder=tmp_path / "run")
    assert second.sink.steps()[0] == 3
    assert straight.outcome.state == second.outcome.state == "completed"
    assert all(torch.equal(w, second.weights()[n]) for n, w in straight.weights().items())


def test_a_leak_is_told_in_the_runs_log(cremad: Path) -> None:
    spec = {
        "dataset": "cremad",
        "folder": str(cremad),
        **SMALL,
        "epochs": 1,
        "batch_size": 16,
        "device": "cpu",
    }
    trained = Trained({**spec, "encoders": {"audio": "mlp", "visual": "mlp"}})
    assert any("This split leaks" in event.data["line"] for event in trained.sink.of("log"))
