"""Sources as people have them: links, other names, other lists; what is looked for, and what is there."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import media
import pytest

from rhoscope.errors import InvalidInput
from trainer.plugins import load
from trainer.prepare.__main__ import order_for
from trainer.prepare.conversion import prepare
from trainer.prepare.look import look
from trainer.prepare.source import Listing, rows
from trainer.prepare.tree import walk

LFS = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n"
IDS = [f"v00{number:04d}xxxxx" for number in (0, 1, 100, 101)]


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return media.video(tmp_path_factory.mktemp("clip") / "a.mp4", 1.0)


@pytest.fixture
def kinetics(tmp_path: Path, clip: Path) -> Path:
    """Two clips to train and two to test, of 5 to 15 seconds."""
    source = tmp_path / "source"
    for name, ids in (("train", IDS[:2]), ("validate", IDS[2:])):
        lines = ["label,youtube_id,time_start,time_end,split", *(f"bowling,{i},5,15,{name}" for i in ids)]
        for one in ids:
            place(clip, source / "clips" / f"{one}_000005_000015.mp4")
        (source / f"{name}.csv").write_text("\n".join(lines) + "\n")
    return source


def place(clip: Path, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(clip, path)


def listing(source: Path, name: str = "kinetics-sounds") -> Listing:
    result: Listing = load("dataset", name).listing(source)
    return result


def renamed(source: Path, name: Callable[[str], str]) -> None:
    for path in list(source.glob("clips/*.mp4")):
        path.rename(path.with_name(name(path.name[: len(IDS[0])])))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (lambda one: f"{one}.mp4", "here: 4 ID; they are read"),
        (lambda one: f"{one}_5_15.mp4", "here: 4 ID_START_END; they are read"),
        (lambda one: f"{one}_5000_15000.mp4", "here: 4 ID_START_END in milliseconds"),
        (lambda one: f"{one}_000005.mp4", "here: 4 ID_START of six digits"),
        (lambda one: f"{one}_000005_000015.MP4", "Capitals and spaces in endings are forgiven"),
        (lambda one: f"{one}_000005_000015.mov", "end in .mp4 as published, and here: 4 .mov"),
    ],
)
def test_clips_by_another_usual_name_are_read_and_it_is_said(
    kinetics: Path, name: Callable[[str], str], said: str
) -> None:
    renamed(kinetics, name)
    result = listing(kinetics)
    assert all(clip.video for clip in result.clips)
    assert result.unlisted == ()
    assert said in " ".join(result.remarks)


def test_a_missing_clip_says_what_was_looked_for_and_what_is_there(kinetics: Path, tmp_path: Path) -> None:
    (kinetics / "clips" / f"{IDS[0]}_000005_000015.mp4").rename(kinetics / "clips" / f"{IDS[0]}_7_17.mp4")
    lacking = next(clip for clip in listing(kinetics).clips if clip.group == IDS[0])
    said = f"looked for {IDS[0]}_000005_000015 or {IDS[0]}; there is {IDS[0]}_7_17.mp4"
    assert lacking.lacks == said
    order, _ = order_for("kinetics-sounds", kinetics, tmp_path / "out")
    with pytest.raises(InvalidInput, match=rf"no video file \(1\); .*no video file, {said}"):
        prepare(order, workers=1, allow_missing=0.0)


def test_pointers_of_git_lfs_are_called_that(kinetics: Path, tmp_path: Path) -> None:
    for path in kinetics.glob("clips/*"):
        path.write_text(LFS)
    order, _ = order_for("kinetics-sounds", kinetics, tmp_path / "out")
    with pytest.raises(
        InvalidInput, match=r"a Git LFS pointer and not the file itself; run git lfs pull \(4\)"
    ):
        prepare(order, workers=1, allow_missing=0.5)
    assert "a Git LFS pointer" in " ".join(look(kinetics).remarks)


@pytest.mark.parametrize("list_", ["train.csv", "validate.csv"])
def test_a_list_that_is_a_pointer_is_called_that(kinetics: Path, list_: str) -> None:
    (kinetics / list_).write_text(LFS)
    with pytest.raises(InvalidInput, match=rf"{list_} can't be read: it is a Git LFS pointer"):
        listing(kinetics)


def test_a_linked_folder_is_followed_and_a_loop_noticed(kinetics: Path, tmp_path: Path) -> None:
    (kinetics / "clips").rename(tmp_path / "elsewhere")
    (kinetics / "clips").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere" / "back").symlink_to(kinetics)
    result = listing(kinetics)
    assert all(clip.video for clip in result.clips)
    assert result.remarks == (
        "Links to folders that are read already, or that hold the link, are not followed: clips/back.",
    )


def test_links_that_multiply_end(tmp_path: Path) -> None:
    for number in range(30):
        (tmp_path / f"d{number}").mkdir()
        for name in "ab":
            (tmp_path / f"d{number}" / name).symlink_to(tmp_path / f"d{(number + 1) % 30}")
    (tmp_path / "d7" / "clip.mp4").write_bytes(b"")
    assert walk(tmp_path).files == ["d7/clip.mp4"]


def test_hidden_files_and_those_of_systems_are_no_recordings(tmp_path: Path) -> None:
    for name in (
        "__MACOSX/a.mp4",
        ".git/a.mp4",
        "x/._a.mp4",
        "x/@eaDir/a.mp4",
        "x/A .MP4",
        "$RECYCLE.BIN/a.mp4",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    assert walk(tmp_path).files == ["x/A .MP4"]


def test_labels_that_the_class_list_does_not_hold_are_counted_and_named(kinetics: Path) -> None:
    with (kinetics / "train.csv").open("a") as file:
        file.writelines(f"juggling,w00000{n}xxxxx,5,15,train\n" for n in range(7))
        file.write("tap dance,w00001xxxxx,5,15,train\n")
    result = listing(kinetics)
    assert len(result.clips) == 4
    assert result.remarks == (
        "8 lines are left out, whose 2 labels are not in the class list: "
        "'tap dance' (1; is it 'tap dancing'?), 'juggling' (7).",
    )
    assert "'juggling' (7)" in " ".join(look(kinetics).remarks)


def test_a_class_list_of_ones_own(kinetics: Path) -> None:
    with (kinetics / "train.csv").open("a") as file:
        file.write("juggling,w0000001xxxxx,5,15,train\n")
    (kinetics / "classes.txt").write_text("\ufeffclass\r\nBowling\r\n\r\njuggling\r\n")
    result = listing(kinetics)
    assert result.classes == ("Bowling", "juggling")
    assert len(result.clips) == 5
    assert "classes.txt gives 2 classes." in result.remarks


def test_labels_of_the_lists_are_the_classes_where_none_is_one_of_the_31(kinetics: Path) -> None:
    for name, ids in (("train", IDS[:2]), ("validate", IDS[2:])):
        rows = [f"{label},{one},5,15,{name}" for label, one in zip(("Zither", "harp"), ids, strict=True)]
        text = "\n".join(["label,youtube_id,time_start,time_end,split", *rows])
        (kinetics / f"{name}.csv").write_text(text)
    result = listing(kinetics)
    assert result.classes == ("Zither", "harp")
    assert "None of the lists' labels is one of the 31 classes: their own 2 are used." in result.remarks
    assert sorted(clip.label for clip in result.clips) == ["Zither", "Zither", "harp", "harp"]


@pytest.mark.parametrize("names", [("train.csv", "test.csv"), ("my_train.txt", "my_test.txt")])
@pytest.mark.parametrize(
    "line", ["{0}_000005,10,bowling", "{0}_5,10,Bowling", "{0}_000005_000015,10,bowling"]
)
def test_lists_of_the_authors_are_read(kinetics: Path, names: tuple[str, str], line: str) -> None:
    whole = listing(kinetics)
    for old, name, ids in zip(("train.csv", "validate.csv"), names, (IDS[:2], IDS[2:]), strict=True):
        (kinetics / old).unlink()
        (kinetics / name).write_text("\r\n".join(line.format(one) for one in ids) + "\r\n\r\n")
    assert listing(kinetics) == whole


def write(text: str, encoding: str = "utf-8") -> Callable[[Path], Any]:
    return lambda path: path.write_bytes(text.encode(encoding))


ROWS = [["label", "youtube_id", "time_start", "time_end", "split"]]
ROWS += [["bowling", one, "5", "15", "train"] for one in IDS[:2]]


@pytest.mark.parametrize(
    "make",
    [
        write("\r\n".join(map(",".join, ROWS)) + "\r\n\r\n \r\n"),
        write("\r".join(map(",".join, ROWS))),
        write("\n\n# a comment\n" + "\n".join(map(",".join, ROWS))),
        write("\n".join(map(";".join, ROWS))),
        write("\n".join(map("\t".join, ROWS))),
        write("\n".join(map(",".join, ROWS)), "utf-16"),
        write("\n".join(map(",".join, ROWS)), "utf-8-sig"),
        write("\n".join(map("|".join, ROWS))),
        write("sep=;\r\n" + "\r\n".join(map(";".join, ROWS))),
        write("SEP=,\r\n" + "\r\n".join(map(",".join, ROWS))),
        write("\n".join(map(",".join, ROWS)) + "\n\x1a"),
        write("\n".join(map(",".join, ROWS)) + "\n,,,,\n"),
    ],
)
def test_a_list_is_the_same_whatever_program_wrote_it(kinetics: Path, make: Callable[[Path], Any]) -> None:
    whole = listing(kinetics)
    make(kinetics / "train.csv")
    assert listing(kinetics) == whole


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("w0;30;cat, purring;train\nw1;0;dog;test\n", "cat, purring"),
        ("w0,30,cat; purring,train\nw1,0,dog,test\n", "cat; purring"),
        ("w0;30,5;cat;train\nw1;0,5;dog;test\n", "cat"),
        ("w0,30,cat;a;b;c;d,train\nw1,0,dog,test\n", "cat;a;b;c;d"),
    ],
)
def test_columns_are_parted_by_the_mark_that_parts_all_lines(tmp_path: Path, text: str, label: str) -> None:
    (tmp_path / "list.csv").write_text(text)
    first, _ = rows(tmp_path / "list.csv", ("clip", "start", "label", "split"))
    assert (first["clip"], first["label"], first["split"]) == ("w0", label, "train")


@pytest.mark.parametrize(
    ("audio", "video", "said"),
    [
        ("{}.WAV", "{}.flv", "forgiven: AudioWAV/1001_DFA_ANG_XX.WAV"),
        ("{}.wav", "{}.mp4", "end in .flv as published, and here: 2 .mp4"),
        ("{}.mp3", "{}.FLV", "end in .wav as published, and here: 2 .mp3"),
    ],
)
def test_crema_d_with_other_endings(tmp_path: Path, audio: str, video: str, said: str) -> None:
    for name in ("1001_DFA_ANG_XX", "1002_DFA_SAD_XX"):
        for folder, pattern in (("AudioWAV", audio), ("videoflash", video)):
            path = tmp_path / folder / pattern.format(name)
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(b"")
    result = listing(tmp_path, "cremad")
    assert [(tmp_path / c.audio).is_file() and (tmp_path / c.video).is_file() for c in result.clips] == [
        True
    ] * 2
    assert said in " ".join(result.remarks)


def test_a_source_without_the_folder_says_what_it_holds(tmp_path: Path) -> None:
    (tmp_path / "AudioMP3").mkdir()
    with pytest.raises(InvalidInput, match=r"no folder AudioWAV in .*, which holds AudioMP3"):
        listing(tmp_path, "cremad")
