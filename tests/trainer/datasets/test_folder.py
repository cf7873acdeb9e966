"""The `folder` data set, and the one that the documentation builds from scratch."""

import importlib.util
import os
import re
import struct
import tracemalloc
import wave
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import media
import numpy as np
import pytest
import torch
from folders import halved, huge, pets, talkative
from PIL import Image
from recorded import Trained

from rhoscope.errors import InvalidInput
from trainer.datasets.folder import Folder, FolderSettings
from trainer.inspection.contents import look
from trainer.plugins import load, sources
from trainer.prepare.enough import FEWEST, PARTS
from trainer.prepare.examples import ENDINGS
from trainer.prepare.source import ranked
from trainer.prepare.texts import words

BRIEF = {"dataset": "folder", "epochs": 2, "batch_size": 4, "device": "cpu", "seconds": 0.5, "thumbnail": 16}


def loaded(folder: Path, **settings: Any) -> Folder:
    return Folder(FolderSettings.model_validate({"folder": str(folder), "seconds": 0.5, **settings}))


def test_files_become_three_modalities_in_three_splits(tmp_path: Path) -> None:
    dataset = loaded(pets(tmp_path, text=True))
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
    trained = Trained({**BRIEF, "folder": str(pets(tmp_path, text=True)), "strategy": "ogm-ge", "alpha": 0.3})
    assert trained.outcome.state == "completed"
    assert {"rho.audio", "rho.visual", "rho.text"} <= trained.sink.names()


def test_examples_that_lack_a_file_are_trained_on_where_that_is_asked_for(tmp_path: Path) -> None:
    pets(tmp_path, text=True, each=12)
    for example in range(3):
        (tmp_path / "cat" / f"e{example}.jpg").unlink()
    for example in range(3, 11):
        (tmp_path / "dog" / f"e{example}.txt").unlink()
        (tmp_path / "cat" / f"e{example}.txt").unlink()
    without = loaded(tmp_path)
    assert list(without.modalities) == ["audio", "visual"]
    assert sum(map(len, without.load().values())) == 21
    dataset = loaded(tmp_path, incomplete=True)
    splits = dataset.load()
    assert list(dataset.modalities) == ["audio", "visual", "text"]
    assert sum(map(len, splits.values())) == 24
    present = [split.present for split in splits.values()]
    lacks = {m: sum(int((~p[m]).sum()) for p in present if p) for m in dataset.modalities}
    assert lacks == {"audio": 0, "visual": 3, "text": 16}
    sentence = "Of 24 examples 3 lack visual, 16 lack text: they are trained on what they have."
    assert sentence in dataset.remarks()
    given = {**BRIEF, "folder": str(tmp_path), "incomplete": True, "strategy": "ogm-ge"}
    trained = Trained(given)
    assert trained.outcome.state == "completed"
    assert all(np.isfinite(block.values).all() for block in trained.sink.blocks)
    with pytest.raises(InvalidInput, match="strategy 'agm' needs every modality of every example"):
        Trained(given | {"strategy": "agm"})


def test_examples_that_lack_something_are_left_out_and_counted(tmp_path: Path) -> None:
    pets(tmp_path, text=True, each=9)
    (tmp_path / "cat" / "e0.jpg").unlink()
    (tmp_path / "dog" / "e1.wav").write_bytes(b"")
    (tmp_path / "dog" / "e2.txt").write_bytes(b"\xff\xfe\xfa")
    dataset = loaded(tmp_path)
    assert sum(len(split) for split in dataset.load().values()) == 18 - 3
    assert dataset.remarks() == (
        "3 examples are left out: 1 without visual (cat/e0); 1 unreadable: file of zero length (dog/e1.wav); "
        "1 unreadable: a text that is not the UTF-16 that its first bytes promise (dog/e2.txt).",
    )


def test_modalities_are_those_that_are_there(tmp_path: Path) -> None:
    assert list(loaded(pets(tmp_path)).modalities) == ["audio", "visual"]


def test_where_an_example_is_does_not_depend_on_other_classes(tmp_path: Path) -> None:
    pets(tmp_path)
    before = {name: len(split) for name, split in loaded(tmp_path).load().items()}
    (tmp_path / "emu").mkdir()
    for path in list((tmp_path / "dog").iterdir()):
        (tmp_path / "emu" / path.name).write_bytes(path.read_bytes())
    after = loaded(tmp_path).load()
    assert {name: len(split) // 3 * 2 for name, split in after.items()} == before


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda f: f / "nowhere", "there is no folder .* where the worker looks"),
        (lambda f: media.wav(f / "a.wav"), "is a file; the folder that holds the data is expected"),
        (lambda f: Path("a\0b"), "can't be read: embedded null byte"),
        (lambda f: Path("x" * 5000), "can't be read: File name too long"),
        (lambda f: Path("~nobody-of-this-name/pets"), "can't be resolved"),
        (lambda f: Path("nowhere"), "a relative name starts at the worker's directory"),
        (lambda f: f, "at least 2 classes"),
        (lambda f: [(f / c).mkdir() for c in "ab"] and f, "no class has a file"),
        (lambda f: pets(f, each=2), "cat has too few whole examples: 2 of 2, .* at least 6; the same .* dog"),
        (
            lambda f: pets(f / "train") and pets(f / "test") and f,
            r"folders and no files \(test/cat, ",
        ),
        (lambda f: pets(f) and [p.unlink() for p in f.glob("dog/*")] and f, "at least 2 classes; found cat"),
    ],
)
def test_a_folder_that_will_not_do_is_refused_in_a_sentence(tmp_path: Path, make: Any, why: str) -> None:
    with pytest.raises(InvalidInput, match=why):
        loaded(make(tmp_path)).load()


def unheard(path: Path) -> None:
    """A recording of float samples, one of which is NaN."""
    samples = np.zeros(8000, "<f4")
    samples[4000] = np.nan
    body = samples.tobytes()
    form = struct.pack("<HHIIHH", 3, 1, 16_000, 64_000, 4, 32)
    chunks = b"fmt " + struct.pack("<I", 16) + form + b"data" + struct.pack("<I", len(body)) + body
    path.write_bytes(b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks)


def slow(path: Path) -> None:
    """A recording of one sample a second."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(1)
        file.writeframes(bytes(2000))


LFS = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n"
SDP = "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 5004 RTP/AVP 0\n"
PLAYLIST = "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nhttp://127.0.0.1:9/a.ts\n#EXT-X-ENDLIST\n"

ODD: dict[str, tuple[str, Callable[[Path], object], str]] = {
    "a picture of 200 megapixels": ("e0.png", huge, "more than 100 megapixels"),
    "a picture of 120 megapixels, which Pillow takes": (
        "e0.png",
        lambda p: Image.new("1", (12_000, 10_000)).save(p),
        "more than 100 megapixels",
    ),
    "a comment of 2 MB": ("e0.png", talkative, "can't be decoded"),
    "half a picture": ("e0.jpg", halved, "can't be decoded: image file is truncated"),
    "a recording in name only": (
        "e0.wav",
        lambda p: p.write_bytes(b"RIFF\0\0\0\0WAVE" + bytes(99)),
        "unreadable",
    ),
    "a picture in name only": ("e0.jpg", lambda p: p.write_text("miaow"), "can't be decoded"),
    "a web page for a picture": ("e0.jpg", lambda p: p.write_text("<html>404</html>"), "a web page and not"),
    "a pointer of Git LFS": ("e0.jpg", lambda p: p.write_text(LFS), "a Git LFS pointer and not the file"),
    "a recording of Git LFS": ("e0.wav", lambda p: p.write_text(LFS), "a Git LFS pointer and not the file"),
    "a text of Git LFS": ("e0.txt", lambda p: p.write_text(LFS), "a Git LFS pointer and not the file"),
    "a pointer of git-annex": ("e0.jpg", lambda p: p.write_text("/annex/objects/x"), "a git-annex pointer"),
    "a session description": ("e0.wav", lambda p: p.write_text(SDP), "no recording"),
    "a playlist": ("e0.mp3", lambda p: p.write_text(PLAYLIST), "can't be decoded"),
    "a list of recordings": (
        "e0.wav",
        lambda p: p.write_text("ffconcat version 1.0\nfile a\n"),
        "no recording",
    ),
    "PostScript": ("e0.jpg", lambda p: p.write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n"), "PostScript"),
    "a text in half UTF-16": ("e0.txt", lambda p: p.write_bytes(b"\xff\xfe\xfa"), "not the UTF-16"),
    "a picture named a text": ("e0.txt", lambda p: p.write_bytes(bytes(range(256))), "no text"),
    "an empty picture": ("e0.jpg", lambda p: p.write_bytes(b""), "zero length"),
    "a web page with a mark": (
        "e0.jpg",
        lambda p: p.write_bytes(b"\xef\xbb\xbf<!-- x --><!DOCTYPE html><p>404"),
        "a web page",
    ),
    "a server's XML": (
        "e0.jpg",
        lambda p: p.write_text("<?xml version='1.0'?><Error>"),
        "a server's error",
    ),
    "a server's JSON": ("e0.wav", lambda p: p.write_text('{"error": "gone"}'), "a server's error"),
    "a picture of a phone": (
        "e0.jpg",
        lambda p: p.write_bytes(b"\0\0\0\x18ftypheic" + b"\0" * 99),
        "a picture in HEIC",
    ),
    "a drawing": ("e0.png", lambda p: p.write_text("<svg xmlns='http://www.w3.org/2000/svg'/>"), "a drawing"),
    "a link in a circle": ("e0.jpg", lambda p: p.symlink_to(p.name), "leads nowhere"),
    "an endless device": ("e0.wav", lambda p: p.symlink_to("/dev/zero"), "no regular file"),
    "a wave the other way around": ("e0.wav", lambda p: p.write_bytes(b"RIFX" + bytes(99)), "RIFX"),
    "a sample a second": ("e0.wav", slow, "1 samples a second, which are no sound"),
    "a link that leads nowhere": ("e0.jpg", lambda p: p.symlink_to("gone.jpg"), "no such file"),
    "a pipe": ("e0.jpg", os.mkfifo, "no regular file"),
    "a text of 17 MiB": ("e0.txt", lambda p: p.write_bytes(b"a " * 9 * 2**20), "more than 16 MiB"),
    "samples that are no numbers": ("e0.wav", unheard, "not finite numbers"),
}


ENDINGS_OF = {ending: modality for modality, endings in ENDINGS.items() for ending in endings}


@pytest.mark.parametrize("case", ODD)
def test_one_odd_file_is_left_out_with_its_name_and_reason(tmp_path: Path, case: str) -> None:
    name, make, reason = ODD[case]
    pets(tmp_path, text=True)
    for path in tmp_path.glob(f"cat/{Path(name).stem}.*"):
        if ENDINGS_OF[path.suffix] == ENDINGS_OF[Path(name).suffix]:
            path.unlink()
    make(tmp_path / "cat" / name)
    dataset = loaded(tmp_path)
    assert sum(len(split) for split in dataset.load().values()) == 13
    (remark,) = dataset.remarks()
    assert remark.startswith("1 example is left out: 1 unreadable: ")
    assert f"(cat/{name})" in remark
    assert reason in remark
    assert remark.isprintable()


def test_a_refusal_names_what_is_wrong_with_the_others(tmp_path: Path) -> None:
    pets(tmp_path, each=12)
    for number in range(7):
        (tmp_path / "cat" / f"e{number}.jpg").write_text("<html>404</html>")
    (tmp_path / "cat" / "e8.wav").unlink()
    (tmp_path / "README.txt").write_text("beside the classes")
    (tmp_path / "cat" / "README.txt").write_text("among the examples")
    with pytest.raises(InvalidInput) as refused:
        loaded(tmp_path).load()
    for words_ in (
        "class cat has too few whole examples: 4 of 12",
        "a web page and not the file itself; download it again (cat/e0.jpg, cat/e1.jpg, cat/e2.jpg, ...)",
        "1 without audio (cat/e8)",
        "No text is read: only 1 of 25 examples has it (cat/README.txt)",
    ):
        assert words_ in refused.value.detail


def test_six_examples_are_enough_and_every_number_above_is(tmp_path: Path) -> None:
    for count in range(FEWEST, 40):
        parts = Counter(ranked((f"c/{n}" for n in range(count)), PARTS).values())
        assert set(parts) == set(PARTS), count
    splits = loaded(pets(tmp_path, each=FEWEST)).load()
    assert {name: len(split) for name, split in splits.items()} == {"train": 8, "validation": 2, "test": 2}


def test_a_recording_of_many_hours_costs_no_more_than_its_first_seconds(tmp_path: Path) -> None:
    pets(tmp_path)
    rate, seconds = 8000, 3600
    with wave.open(str(tmp_path / "cat" / "e0.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        for _ in range(seconds):
            file.writeframes(bytes(2 * rate))
    tracemalloc.start()
    try:
        loaded(tmp_path).load()
        assert tracemalloc.get_traced_memory()[1] < 20 * 2**20
    finally:
        tracemalloc.stop()


def test_what_it_may_give_is_known_before_anything_is_read(tmp_path: Path) -> None:
    dataset = loaded(pets(tmp_path))
    assert dataset.most_training() == len(dataset.load()["train"]) == 10


def test_words_are_counted_in_places_that_never_change() -> None:
    assert np.flatnonzero(words("woof")).tolist() == np.flatnonzero(words("Woof!")).tolist()
    assert words("woof woof").max() == pytest.approx(np.log(3))
    assert words("").sum() == 0


def test_the_data_set_that_the_documentation_builds_from_scratch_trains(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = (Path(__file__).parents[3] / "docs" / "how-to" / "own-data-list.md").read_text()
    (code,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    (tmp_path / "animals.py").write_text(code)
    described = importlib.util.spec_from_file_location("animals", tmp_path / "animals.py")
    assert described is not None
    assert described.loader is not None
    module = importlib.util.module_from_spec(described)
    described.loader.exec_module(module)
    known = {**sources("dataset"), "animals": lambda: module.Animals}
    monkeypatch.setattr("trainer.plugins.sources", lambda kind: known if kind == "dataset" else sources(kind))
    rows = ["path,class,split"]
    for split in ("train", "validation", "test"):
        sounds = sorted(pets(tmp_path / "data" / split, text=True, each=4).glob("*/*.wav"))
        rows += [f"{split}/{path.parent.name}/{path.stem},{path.parent.name},{split}" for path in sounds]
    (tmp_path / "data" / "list.csv").write_text("\n".join(rows) + "\n")
    given = {"dataset": "animals", "folder": str(tmp_path / "data"), "epochs": 2, "batch_size": 4}
    trained = Trained({**given, "device": "cpu", "strategy": "ogm-ge", "previews": True})
    assert trained.outcome.state == "completed", trained.outcome.reason
    assert {"rho.audio", "rho.visual", "rho.text"} <= trained.sink.names()
    shown = [event.data for event in trained.sink.of("example")]
    assert [[part["kind"] for part in one["parts"]] for one in shown] == [["sound", "image", "text"]] * 8
    assert shown[0]["name"].startswith("validation/")


def test_a_relative_folder_names_the_workers_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    pets(tmp_path / "pets")
    pets(tmp_path / "few", each=2)
    where = f"a relative name starts at the worker's directory, {tmp_path}"
    for folder in ("few", "gone", "."):
        with pytest.raises(InvalidInput, match=re.escape(where)):
            Folder(FolderSettings(folder=folder))
    cremad, localization = load("dataset", "cremad"), load("dataset", "ave-localization")
    with pytest.raises(InvalidInput, match=re.escape(where)):
        cremad(cremad.Settings(folder="pets"))
    opened = localization(localization.Settings(folder="pets"))
    with pytest.raises(InvalidInput, match=re.escape(where)):
        opened.load()
    assert look("folder", {"folder": "pets"}).remarks == [
        f"The relative folder 'pets' is {tmp_path / 'pets'} on the worker."
    ]


def test_the_check_of_a_launch_tells_of_the_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pets(tmp_path, text=True)
    monkeypatch.setattr("trainer.inspection.contents.GLANCE_S", 60.0)
    unheard(tmp_path / "cat" / "e0.wav")
    (tmp_path / "dog" / "e1.txt").write_bytes("Hündin".encode("cp1252"))
    assert look("folder", {"folder": str(tmp_path), "seconds": 0.5, "thumbnail": 8}).remarks == [
        "1 example is left out: 1 unreadable: samples that are not finite numbers (cat/e0.wav).",
        "Noticed while reading: 1 taken for a text in cp1252 (dog/e1.txt).",
    ]
