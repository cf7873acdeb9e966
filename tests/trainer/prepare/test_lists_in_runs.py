"""What a run says of an official split that lacks something, and what it refuses, from the folder alone."""

import json
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import h5py
import media
import numpy as np
import nursery
import pytest
from nursery import RHOSCOPE
from recorded import Trained

from rhoscope.errors import InvalidInput
from trainer.dataset import FromFolder
from trainer.datasets.ave import AVE
from trainer.datasets.ave_localization import AVELocalization
from trainer.datasets.cremad import CremaD, CremaDSettings
from trainer.disk.dataset import PreparedSettings
from trainer.prepare import layout
from trainer.prepare.__main__ import order_for
from trainer.prepare.conversion import prepare

SMALL = {"image_size": 16, "frames": 1}


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """CREMA-D's 60 clips of ten actors, without lists."""
    return media.cremad(tmp_path_factory.mktemp("cremad") / "source", actors=10)


@pytest.fixture(scope="module")
def clips(source: Path) -> list[str]:
    return [path.stem for path in sorted((source / "AudioWAV").glob("*.wav"))]


@pytest.fixture
def mine(source: Path, tmp_path: Path) -> Path:
    """A copy that a test may change."""
    return Path(shutil.copytree(source, tmp_path / "source"))


def made(name: str, source: Path, allow: float = 0.0) -> Path:
    out = source.with_name("out")
    order, _ = order_for(name, source, out)
    prepare(order, workers=1, allow_missing=allow)
    return out


def cremad(folder: Path, partition: str = "official-code") -> CremaD:
    return CremaD(CremaDSettings.model_validate({"folder": str(folder), "partition": partition, **SMALL}))


def aged(folder: Path) -> Path:
    """The folder as a version before the counts of lists wrote it."""
    manifest = json.loads((folder / "manifest.json").read_text())
    del manifest["listed"], manifest["unlisted"]
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder


def unlist(folder: Path, split: str) -> Path:
    """The folder as it was prepared before a missing list was refused."""
    for path in folder.glob("shard-?????.json"):
        shard = json.loads(path.read_text())
        for clip in shard["clips"]:
            clip["split"] = "" if clip["split"] == split else clip["split"]
        path.write_text(json.dumps(shard))
    return aged(folder)


def unrecorded(source: Path, names: Iterable[str]) -> None:
    for name in names:
        (source / "AudioWAV" / f"{name}.wav").write_bytes(b"")


def report(*arguments: Any) -> str:
    command = [RHOSCOPE, "prepare", *map(str, arguments)]
    called = nursery.run(command, text=True)
    assert called.returncode == 0, called.stderr
    return " ".join(called.stdout.split())


def test_clips_in_no_list_are_left_out_and_the_run_and_the_command_say_so(
    mine: Path, clips: list[str]
) -> None:
    media.cremad_lists(mine, train=clips[:45], test=clips[45:51])
    answer = report("cremad", "--source", mine, "--out", mine.with_name("out"))
    said = "9 clips are in no official list and left out of the official split: "
    said += f"{clips[51]}, {clips[52]}, {clips[53]} and 6 more."
    assert said in answer
    assert said in report("--check", mine.with_name("out"))
    for folder in (mine.with_name("out"), aged(mine.with_name("out"))):
        dataset = cremad(folder)
        splits = dataset.load()
        assert len(splits["test"]) == 6
        assert len(splits["train"]) + len(splits["validation"]) == 45
        assert said in dataset.remarks()
    by_actor = cremad(mine.with_name("out"), "by-actor")
    assert sum(map(len, by_actor.load().values())) == 60
    assert by_actor.remarks() == ()


def test_what_an_official_split_lacks_is_in_the_runs_log(mine: Path, clips: list[str]) -> None:
    media.cremad_lists(mine, train=clips[:45], test=clips[45:51])
    unrecorded(mine, [clips[0], clips[45]])
    spec = {"dataset": "cremad", "folder": str(made("cremad", mine, 0.1)), "partition": "official-code"}
    spec |= {**SMALL, "epochs": 1, "batch_size": 16, "device": "cpu"}
    trained = Trained({**spec, "encoders": {"audio": "mlp", "visual": "mlp"}})
    log = "\n".join(event.data["line"] for event in trained.sink.of("log"))
    assert "9 clips are in no official list" in log
    assert (
        "The official split is incomplete (test: 5 of 6 listed clips, train: 44 of 45 listed clips), so that "
        "accuracy does not compare with published numbers." in log
    )


def test_a_whole_official_split_says_nothing_of_lists(mine: Path, clips: list[str]) -> None:
    test = clips[::7]
    media.cremad_lists(mine, train=[name for name in clips if name not in test], test=test)
    folder = made("cremad", mine)
    assert CremaD.gaps_of(folder) == ()
    dataset = cremad(folder)
    dataset.load()
    (leak,) = dataset.remarks()
    assert leak.startswith("This split leaks")


def test_classes_without_a_clip_are_said(mine: Path, clips: list[str]) -> None:
    test = [name for name in clips if "_ANG_" in name or "_HAP_" in name]
    media.cremad_lists(mine, train=[name for name in clips if name not in test], test=test)
    dataset = cremad(made("cremad", mine))
    dataset.load()
    said = "The official split leaves classes without a clip: 2 of 6 in train (HAP, ANG), 4 of 6 in test "
    said += "(NEU, SAD, FEA and 1 more)."
    assert said in dataset.remarks()
    assert said in report("--check", mine.with_name("out"))


@pytest.mark.parametrize("lost", ["train", "test"])
def test_a_folder_prepared_with_one_list_is_refused_by_the_run(
    lost: str, mine: Path, clips: list[str]
) -> None:
    """54 of its 60 clips were filled up at random, nine of them as test clips."""
    media.cremad_lists(mine, train=clips[6:], test=clips[:6])
    folder = unlist(made("cremad", mine), lost)
    with pytest.raises(
        InvalidInput, match=rf"no clip of the official {lost} split, since {lost}.csv was not"
    ):
        cremad(folder).load()
    assert sum(map(len, cremad(folder, "by-actor").load().values())) == 60


def test_without_lists_nine_to_one_is_said(mine: Path) -> None:
    answer = report("cremad", "--source", mine, "--out", mine.with_name("out"))
    assert "The source has no official lists (train.csv and test.csv)" in answer
    for folder in (mine.with_name("out"), aged(mine.with_name("out"))):
        dataset = cremad(folder)
        assert sum(map(len, dataset.load().values())) == 60
        assert any(
            "partition official-code splits its clips 9 : 1 at random instead" in answer
            for answer in dataset.remarks()
        )


def test_a_split_none_of_whose_clips_can_be_read_is_refused(mine: Path, clips: list[str]) -> None:
    media.cremad_lists(mine, train=clips[6:], test=clips[:6])
    unrecorded(mine, clips[:6])
    why = "of the 6 clips that test.csv names for the test split none could be prepared"
    with pytest.raises(InvalidInput, match=why):
        cremad(made("cremad", mine, 0.2)).load()


def test_clips_in_no_list_never_stand_in_for_listed_ones(mine: Path, clips: list[str]) -> None:
    media.cremad_lists(mine, train=clips[:6], test=clips[6:12])
    unrecorded(mine, clips[:12])
    folder = made("cremad", mine, 0.5)
    with pytest.raises(InvalidInput, match=r"of the 6 clips that train.csv names"):
        cremad(folder).load()
    answer = report("--check", folder)
    assert "test: 0 of 6 listed clips, train: 0 of 6 listed clips" in answer
    assert "48 clips are in no official list" in answer


def test_too_few_clips_for_a_split_are_refused_with_the_counts(mine: Path, clips: list[str]) -> None:
    media.cremad_lists(mine, train=clips[:2], test=clips[2:4])
    why = r"validation split \(2 in train, 2 in test\): there are only 4 clips \(speakers or recordings: 1\)"
    with pytest.raises(InvalidInput, match=why):
        cremad(made("cremad", mine)).load()


def test_aves_validation_list_is_never_made_up_from_train(tmp_path: Path) -> None:
    source = media.ave(tmp_path / "source", ("Bark", "Bus"), (10, 1, 2))
    for path in (source / "AVE").glob("a??1*"):
        path.write_bytes(b"")
    with pytest.raises(InvalidInput, match=r"of the 2 clips that valSet.txt names for the validation split"):
        AVE(PreparedSettings.model_validate({"folder": str(made("ave", source, 0.2)), **SMALL})).load()


def test_recordings_in_no_list_are_said_by_the_run(publish: Callable[[str], Path]) -> None:
    source = publish("ave")
    media.video(source / "AVE" / "stranger.mp4")
    folder = made("ave", source)
    assert layout.read_manifest(folder).unlisted == ("stranger",)
    dataset = AVE(PreparedSettings.model_validate({"folder": str(folder), **SMALL}))
    dataset.load()
    left_out, classless = dataset.remarks()
    assert left_out == "1 clip is in no official list and left out of the official split: stranger."
    assert classless.startswith(
        "The official split leaves classes without a clip: 26 of 28 in train (Accordion,"
    )


def test_an_older_folder_that_lacks_clips_says_so(publish: Callable[[str], Path]) -> None:
    source = publish("ave")
    next((source / "AVE").glob("a0?0*")).write_bytes(b"")
    folder = aged(made("ave", source, 0.1))
    assert any(
        line.startswith("1 of the source's 16 clips could not be prepared") for line in AVE.gaps_of(folder)
    )
    made("ave", source, 0.1)  # the same call again adds the counts
    assert "train: 7 of 8 listed clips" in AVE.gaps_of(folder)[0]


class TestLocalization:
    """Lists of rows in AVE's published features."""

    def loaded(self, folder: Path, **orders: Any) -> AVELocalization:
        media.ave_features(folder)
        for name, rows in orders.items():
            with h5py.File(folder / f"{name}_order.h5", "w") as file:
                file["order"] = np.array(rows)
        dataset = AVELocalization(FromFolder(folder=str(folder)))
        self.sizes = {name: len(split) for name, split in dataset.load().items()}
        return dataset

    @pytest.mark.parametrize(
        ("orders", "why"),
        [
            ({"test": [12, 13, 14]}, "row 12 is both in val_order.h5 and in test_order.h5"),
            ({"test": [0, 1, 2, 14]}, r"row 0 is both in train_order.h5 and in test_order.h5 \(2 more clips"),
            (
                {"test": [-1, 14]},
                "test_order.h5 should name rows of labels.h5, from 0 to 15; found 1 .* as -1",
            ),
            ({"test": [14.5]}, "test_order.h5 should name rows of labels.h5"),
            ({"val": [16]}, "val_order.h5 should name rows of labels.h5, from 0 to 15; found 1 .* as 16"),
            ({"train": np.zeros(0, int)}, "train_order.h5 should name rows .* found none"),
            ({"train": [b"0", b"1"]}, "train_order.h5 should name rows .* found none"),
        ],
    )
    def test_a_contradiction_is_refused(self, orders: dict[str, Any], why: str, tmp_path: Path) -> None:
        with pytest.raises(InvalidInput, match=why):
            self.loaded(tmp_path, **orders)

    def test_a_missing_list_is_refused_by_name(self, tmp_path: Path) -> None:
        dataset = self.loaded(tmp_path)
        (tmp_path / "val_order.h5").unlink()
        with pytest.raises(InvalidInput, match=r"val_order.h5 can't be read, since it is not in "):
            dataset.load()

    def test_a_row_twice_counts_once_and_rows_in_no_list_are_said(self, tmp_path: Path) -> None:
        dataset = self.loaded(tmp_path, test=[14.0, 13.0, 14.0])
        assert self.sizes == {"train": 10, "validation": 3, "test": 2}
        left_out, classless = dataset.remarks()
        assert left_out == "1 row is in no official list and left out of the official split: 15."
        assert classless.startswith(
            "The official split leaves classes without a clip: 26 of 29 in train (event 2,"
        )
