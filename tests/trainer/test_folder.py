"""The `folder` data set, and the one that the documentation builds from scratch."""

import importlib.util
import re
from pathlib import Path
from typing import Any

import media
import numpy as np
import pytest
import torch
from PIL import Image
from recorded import Trained

from rhoscope.errors import InvalidInput
from trainer.datasets.folder import Folder, FolderSettings, words
from trainer.plugins import sources

BRIEF = {"dataset": "folder", "epochs": 2, "batch_size": 4, "device": "cpu", "seconds": 0.5, "thumbnail": 16}


def filled(folder: Path, *, text: bool = True, each: int = 7) -> Path:
    """Two classes that differ in pitch, shade and word."""
    for number, name in enumerate(("cat", "dog")):
        for example in range(each):
            media.wav(folder / name / f"e{example}.wav", 0.5, pitch=300 + 300 * number)
            Image.new("RGB", (20, 30), (200 * number, 50, 50)).save(folder / name / f"e{example}.jpg")
            if text:
                (folder / name / f"e{example}.txt").write_text(f"it says {('miaow', 'woof')[number]}")
    return folder


def loaded(folder: Path, **settings: Any) -> Folder:
    return Folder(FolderSettings.model_validate({"folder": str(folder), "seconds": 0.5, **settings}))


def test_files_become_three_modalities_in_three_splits(tmp_path: Path) -> None:
    dataset = loaded(filled(tmp_path))
    splits = dataset.load()
    assert dataset.classes == ("cat", "dog")
    assert list(dataset.modalities) == ["audio", "visual", "text"]
    assert {name: len(split) for name, split in splits.items()} == {"train": 10, "validation": 2, "test": 2}
    ((inputs, target),) = splits["train"].batches([torch.arange(10)])
    assert {m: tuple(x.shape[1:]) for m, x in inputs.items()} == {
        m: facts.shape for m, facts in dataset.modalities.items()
    }
    assert set(target.tolist()) == {0, 1}
    assert all(x.isfinite().all() for x in inputs.values())


def test_a_run_trains_on_it_with_no_other_word(tmp_path: Path) -> None:
    trained = Trained({**BRIEF, "folder": str(filled(tmp_path)), "strategy": "ogm-ge", "alpha": 0.3})
    assert trained.outcome.state == "completed"
    assert {"rho.audio", "rho.visual", "rho.text"} <= trained.sink.names()


def test_examples_that_lack_something_are_left_out_and_counted(tmp_path: Path) -> None:
    filled(tmp_path, each=9)
    (tmp_path / "cat" / "e0.jpg").unlink()
    (tmp_path / "dog" / "e1.wav").write_bytes(b"")
    (tmp_path / "dog" / "e2.txt").write_bytes(b"\xff\xfe\xfa")
    dataset = loaded(tmp_path)
    assert sum(len(split) for split in dataset.load().values()) == 18 - 3
    (told,) = dataset.remarks()
    assert told.startswith("3 examples are left out: cat/e0 has no visual; dog/e1 can't be read")


def test_modalities_are_those_that_are_there(tmp_path: Path) -> None:
    assert list(loaded(filled(tmp_path, text=False)).modalities) == ["audio", "visual"]


def test_where_an_example_is_does_not_depend_on_other_classes(tmp_path: Path) -> None:
    filled(tmp_path)
    before = {name: len(split) for name, split in loaded(tmp_path).load().items()}
    (tmp_path / "emu").mkdir()
    for path in list((tmp_path / "dog").iterdir()):
        (tmp_path / "emu" / path.name).write_bytes(path.read_bytes())
    after = loaded(tmp_path).load()
    assert {name: len(split) // 3 * 2 for name, split in after.items()} == before


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda f: f / "nowhere", "there is no folder"),
        (lambda f: f, "at least 2 classes"),
        (lambda f: [(f / c).mkdir() for c in "ab"] and f, "no class has a file"),
        (lambda f: filled(f, each=2), "too few whole examples"),
    ],
)
def test_a_folder_that_will_not_do_is_refused_in_a_sentence(tmp_path: Path, make: Any, why: str) -> None:
    with pytest.raises(InvalidInput, match=why):
        loaded(make(tmp_path)).load()


def test_words_are_counted_in_places_that_never_change() -> None:
    assert np.flatnonzero(words("woof")).tolist() == np.flatnonzero(words("Woof!")).tolist()
    assert words("woof woof").max() == pytest.approx(np.log(3))
    assert words("").sum() == 0


def test_the_data_set_that_the_documentation_builds_from_scratch_trains(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = (Path(__file__).parents[2] / "docs" / "datasets.md").read_text()
    (code,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    (tmp_path / "animals.py").write_text(code)
    described = importlib.util.spec_from_file_location("animals", tmp_path / "animals.py")
    assert described is not None
    assert described.loader is not None
    module = importlib.util.module_from_spec(described)
    described.loader.exec_module(module)
    known = {**sources("dataset"), "animals": lambda: module.Animals}
    monkeypatch.setattr("trainer.plugins.sources", lambda kind: known if kind == "dataset" else sources(kind))
    for split in ("train", "validation", "test"):
        filled(tmp_path / "data" / split, each=4)
    given = {"dataset": "animals", "folder": str(tmp_path / "data"), "epochs": 2, "batch_size": 4}
    trained = Trained({**given, "device": "cpu", "strategy": "ogm-ge"})
    assert trained.outcome.state == "completed", trained.outcome.reason
    assert {"rho.audio", "rho.visual", "rho.text"} <= trained.sink.names()
