"""Which files make an example, which modalities a folder has, and what is said of everything else."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainer.prepare.examples import Collection, Omission, collect, summary


def touch(folder: Path, *names: str) -> None:
    """Empty files; nothing is read here."""
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"")


@pytest.fixture
def pets(tmp_path: Path) -> Path:
    """Twelve examples of each of two classes, heard and seen."""
    touch(tmp_path, *(f"{c}/e{n}.{e}" for c in ("cat", "dog") for n in range(12) for e in ("wav", "jpg")))
    return tmp_path


def rename(folder: Path, old: str, new: str) -> None:
    (folder / old).rename(folder / new)


def without(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).unlink()


STRAYS: dict[str, tuple[Callable[[Path], None], str]] = {
    "a readme": (lambda f: touch(f, "cat/README.txt"), "No text is read: only 1 of 25 examples has it"),
    "a readme in each class": (
        lambda f: touch(f, "cat/README.txt", "dog/README.txt"),
        "No text is read: only 2 of 26 examples have it (cat/README.txt, dog/README.txt)",
    ),
    "captions of a few": (
        lambda f: touch(f, *(f"cat/e{n}.txt" for n in range(12))),
        "No text is read: only 12 of 24 examples have it",
    ),
    "a version control's folder": (lambda f: touch(f, ".git/HEAD", ".git/a.jpg"), "no classes: .git"),
    "an archiver's folder": (lambda f: touch(f, "__MACOSX/._e0.jpg"), "no classes: __MACOSX"),
    "a notebook's folder": (
        lambda f: touch(f, ".ipynb_checkpoints/e0.jpg"),
        "no classes: .ipynb_checkpoints",
    ),
    "thumbnails": (
        lambda f: touch(f, *(f".thumbnails/{n}.jpg" for n in range(8))),
        "no classes: .thumbnails",
    ),
    "a class without files": (
        lambda f: (f / "emu").mkdir(),
        "Folders without an example are no classes: emu",
    ),
    "a folder of notes": (
        lambda f: touch(f, "docs/notes.txt"),
        "Folders without an example are no classes: docs",
    ),
    "other kinds of file": (
        lambda f: touch(f, "cat/e0.json", "dog/a.srt"),
        "not read: 1 .json (cat/e0.json), 1 .srt (dog/a.srt)",
    ),
    "a folder in a class": (
        lambda f: touch(f, "cat/more/e99.wav"),
        "Folders inside classes are not read: cat/more",
    ),
    "an ending in capitals": (lambda f: rename(f, "cat/e0.jpg", "cat/e0.JPG"), "forgiven: cat/e0.JPG"),
    "a name in capitals": (lambda f: rename(f, "cat/e0.jpg", "cat/E0.JPG"), "differ only in capitals"),
    "a space before the ending": (lambda f: rename(f, "cat/e0.wav", "cat/e0 .wav"), ""),
    "a space in an ending": (lambda f: rename(f, "cat/e0.wav", "cat/e0. wav"), "forgiven: cat/e0. wav"),
    "a space after an ending": (lambda f: rename(f, "cat/e0.wav", "cat/e0.wav "), "forgiven: cat/e0.wav"),
    "a hard space after an ending": (
        lambda f: rename(f, "cat/e0.wav", "cat/e0.wav\u00a0"),
        "forgiven: cat/e0.wav",
    ),
    "a word processor's lock": (lambda f: touch(f, "cat/~$e0.txt"), ""),
    "folders of systems": (
        lambda f: touch(f, "$RECYCLE.BIN/a.jpg", "@eaDir/a.jpg", "lost+found/a.jpg", "#recycle/a.wav"),
        "no classes: #recycle, $RECYCLE.BIN, @eaDir",
    ),
    "a folder of Windows": (
        lambda f: touch(f, "System Volume Information/a.jpg"),
        "no classes: System Volume Information",
    ),
    "a hidden folder in a class": (lambda f: touch(f, "cat/@eaDir/e0.jpg/thumb.jpg", "cat/.git/HEAD"), ""),
    "a link back": (lambda f: (f / "all").symlink_to(f), "are no classes: all"),
    "a link to a class": (lambda f: (f / "mice").symlink_to(f / "dog"), "mice (the folder of dog)"),
    "a link in a circle": (lambda f: (f / "emu").symlink_to("emu"), "not followed: emu"),
    "a link through a file": (lambda f: (f / "emu").symlink_to("cat/e0.jpg/emu"), "not followed: emu"),
    "a link in a circle in a class": (lambda f: (f / "cat" / "emu").symlink_to("emu"), "(cat/emu)"),
    "folders of network drives": (
        lambda f: touch(f, "@Recycle/a.jpg", "#snapshot/a.jpg", "@eaDir /a.jpg", "~snapshot/a.wav"),
        "no classes: #snapshot, @Recycle, @eaDir",
    ),
    "an unseen letter in a name": (lambda f: rename(f, "cat/e0.wav", "cat/\ufeffe0\u200b.wav"), ""),
    "a mark of direction in a class": (lambda f: rename(f, "cat", "\u200fcat\u200f"), ""),
    "a link to nowhere": (lambda f: (f / "emu").symlink_to(f / "gone"), "not followed: emu"),
    "another kind of picture": (lambda f: rename(f, "cat/e0.jpg", "cat/e0.webp"), ""),
    "litter": (lambda f: touch(f, "cat/Thumbs.db", "cat/.DS_Store", "cat/desktop.ini"), ""),
    "two pictures of one name": (lambda f: touch(f, "cat/e0.png"), "cat/e0.png (e0.jpg is)"),
}


@pytest.mark.parametrize("case", STRAYS)
def test_strays_cost_no_example_and_are_said(pets: Path, case: str) -> None:
    make, remark = STRAYS[case]
    make(pets)
    result = collect(pets)
    assert result.modalities == ("audio", "visual")
    assert {label: len(examples) for label, examples in result.examples.items()} == {"cat": 12, "dog": 12}
    assert result.omissions == []
    assert remark in " ".join(result.remarks)
    assert bool(result.remarks) == bool(remark)


LACKING: dict[str, tuple[Callable[[Path], None], str]] = {
    "one recording more": (lambda f: touch(f, "cat/notification.wav"), "1 without visual (cat/notification)"),
    "pictures deleted": (
        lambda f: without(f, *(f"cat/e{n}.jpg" for n in range(5))),
        "5 without visual (cat/e0, cat/e1, cat/e10, ...)",
    ),
    "pictures of a kind that is not read": (
        lambda f: [rename(f, f"cat/e{n}.jpg", f"cat/e{n}.svg") for n in range(2)],
        "2 without visual (cat/e0, cat/e1)",
    ),
}


@pytest.mark.parametrize("case", LACKING)
def test_examples_that_lack_a_modality_are_counted_by_reason(pets: Path, case: str) -> None:
    make, reasons = LACKING[case]
    make(pets)
    result = collect(pets)
    assert result.modalities == ("audio", "visual")
    assert summary(result.omissions).replace("cat/e2, ...", "cat/e10, ...") == reasons


def test_a_name_that_is_not_utf_8_leaves_its_file_out_and_is_written_with_its_bytes(pets: Path) -> None:
    (pets / "cat" / "caf\udce9.wav").write_bytes(b"")
    result = collect(pets)
    assert summary(result.omissions) == "1 with a name that is not UTF-8 (cat/caf\\xe9.wav)"
    (pets / "caf\udce9").mkdir()
    (pets / "caf\udce8").mkdir()
    for name in ("caf\udce9", "caf\udce8"):
        touch(pets, f"{name}/a.wav", f"{name}/a.jpg")
    assert set(collect(pets).examples) == {"cat", "dog", "caf\\xe9", "caf\\xe8"}


def test_names_are_compared_in_one_unicode_form(pets: Path) -> None:
    touch(pets, "cat/caf\u00e9.wav", "cat/cafe\u0301.jpg")
    result = collect(pets)
    assert len(result.examples["cat"]) == 13
    assert result.omissions == []


def test_a_class_whose_name_is_written_in_two_ways_is_one(pets: Path) -> None:
    touch(pets, *(f"caf\u00e9/e{n}.wav" for n in range(6)), *(f"cafe\u0301/e{n}.jpg" for n in range(6)))
    result = collect(pets)
    assert {label: len(these) for label, these in result.examples.items()} == {
        "cat": 12,
        "caf\u00e9": 6,
        "dog": 12,
    }
    assert "written in two ways are one class: caf\u00e9" in result.remarks[0]


def test_classes_that_differ_in_capitals_stay_two_and_are_said(pets: Path) -> None:
    touch(pets, *(f"Cat/e{n}.{e}" for n in range(6) for e in ("wav", "jpg")))
    result = collect(pets)
    assert set(result.examples) == {"cat", "Cat", "dog"}
    assert "differ only in capitals are separate ones: Cat, cat" in result.remarks[0]


def test_linked_classes_and_files_count(pets: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    farther = tmp_path_factory.mktemp("farther")
    touch(farther, *(f"e{n}.{e}" for n in range(6) for e in ("wav", "jpg")))
    (pets / "emu").symlink_to(farther)
    without(pets, "cat/e0.jpg")
    (pets / "cat" / "e0.jpg").symlink_to(farther / "e0.jpg")
    result = collect(pets)
    assert {label: len(these) for label, these in result.examples.items()} == {"cat": 12, "dog": 12, "emu": 6}
    assert result.remarks == []


def test_no_modality_that_most_have_is_said_with_the_counts(tmp_path: Path) -> None:
    touch(tmp_path, *(f"{c}/a{n}.wav" for c in "xy" for n in range(9)))
    touch(tmp_path, *(f"{c}/b{n}.jpg" for c in "xy" for n in range(9)))
    result = collect(tmp_path)
    assert result.modalities == ()
    assert "more than half of 36 examples (audio 18, visual 18)" in result.remarks[0]


def test_many_strays_of_many_classes_are_a_few_sentences(tmp_path: Path) -> None:
    for c in range(200):
        touch(tmp_path, *(f"c{c}/e{n}.{e}" for n in range(6) for e in ("wav", "jpg", "png", "json")))
    remarks = collect(tmp_path).remarks
    assert len(remarks) == 2
    assert all(len(remark) < 200 for remark in remarks)


@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from(["r1", "r2", "r3"])), max_size=40))
def test_a_summary_counts_everything_once(given_: list[tuple[str, str]]) -> None:
    answer = summary([Omission(label, f"{label}/x", reason) for label, reason in given_])
    counts = [int(part.split()[0]) for part in answer.split("; ") if part]
    assert sum(counts) == len(given_)
    assert counts == sorted(counts, reverse=True)


def test_nothing_at_all_is_an_empty_collection(tmp_path: Path) -> None:
    assert collect(tmp_path) == Collection()
