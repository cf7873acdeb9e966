"""Official lists that are incomplete or contradict each other or the files: refused, never filled up."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import media
import nursery
import pytest
from nursery import RHOSCOPE

from rhoscope.errors import InvalidInput
from trainer.plugins import load
from trainer.prepare.source import Listing

Edit = Callable[[Path], Any]


@pytest.fixture(scope="module")
def made(models: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A whole source of each data set."""
    place = tmp_path_factory.mktemp("sources")
    for name in media.PUBLISHED:
        shutil.copytree(models(name), place / name)
    names = names_in(place / "cremad")
    media.cremad_lists(place / "cremad", train=names[:9], test=names[9:])
    return place


def names_in(source: Path) -> list[str]:
    return [path.stem for path in sorted((source / "AudioWAV").glob("*.wav"))]


def listing(name: str, made: Path, tmp_path: Path, *edits: Edit) -> Listing:
    source = shutil.copytree(made / name, tmp_path / "source")
    for edit in edits:
        edit(source)
    result: Listing = load("dataset", name).listing(source)
    return result


def write(file: str, text: str) -> Edit:
    return lambda source: (source / file).write_text(text)


def add(file: str, *lines: str) -> Edit:
    return lambda source: (source / file).write_text((source / file).read_text() + "\n".join(lines) + "\n")


def change(file: str, old: str, new: str) -> Edit:
    def edit(source: Path) -> None:
        text = (source / file).read_text()
        assert old in text
        (source / file).write_text(text.replace(old, new, 1))

    return edit


def remove(file: str) -> Edit:
    return lambda source: (source / file).unlink()


ONE, TWO, THREE = "1001_DFA_ANG_XX", "1001_DFA_DIS_XX", "1001_DFA_FEA_XX"
KINETICS = "label,youtube_id,time_start,time_end,split\n"
REFUSED: dict[str, tuple[str, Edit, str]] = {
    "cremad-no-train-list": (
        "cremad",
        remove("train.csv"),
        "lists train.csv and test.csv; train.csv is not there",
    ),
    "cremad-no-test-list": (
        "cremad",
        remove("test.csv"),
        "lists train.csv and test.csv; test.csv is not there",
    ),
    "cremad-empty-list": ("cremad", write("train.csv", ""), "train.csv names no clip of CREMA-D"),
    "cremad-blank-list": (
        "cremad",
        write("test.csv", "\ufeff\r\n , \r\n"),
        "test.csv names no clip of CREMA-D",
    ),
    "cremad-only-a-header": (
        "cremad",
        write("test.csv", "clip,emotion\n"),
        "test.csv names no clip of CREMA-D",
    ),
    "cremad-another-sets-list": (
        "cremad",
        write("test.csv", "---g-f_I2yQ,people marching\n"),
        "test.csv: '---G-F_I2YQ' is no CREMA-D clip",
    ),
    "cremad-list-of-no-file": (
        "cremad",
        write("test.csv", "1091_DFA_ANG_XX,ANG\n1091_DFA_SAD_XX,SAD\n"),
        "test.csv names no clip that has a recording",
    ),
    "cremad-in-both": (
        "cremad",
        add("test.csv", f"{ONE},ANG"),
        f"{ONE} is both in train.csv and in test.csv; a clip has one split",
    ),
    "cremad-three-in-both": (
        "cremad",
        add("test.csv", f"{ONE},ANG", f"AudioWAV/{TWO}.wav,DIS", f"{THREE.lower()},fear"),
        rf"{ONE} is both in train.csv and in test.csv \(2 more clips likewise\)",
    ),
    "cremad-two-labels": (
        "cremad",
        add("train.csv", f"{ONE},SAD"),
        f"train.csv names {ONE} twice, as 'ANG' and as 'SAD'",
    ),
    "cremad-label-against-name": (
        "cremad",
        change("train.csv", f"{ONE},ANG", f"{ONE},HAP"),
        f"train.csv says that {ONE} is 'HAP', and its name says 'ANG'; correct",
    ),
    "cremad-labels-shifted": (
        "cremad",
        write("test.csv", "1002_DFA_HAP_XX,SAD\n1002_DFA_NEU_XX,HAP\n1002_DFA_SAD_XX,NEU\n"),
        r"test.csv says that 1002_DFA_HAP_XX is 'SAD', and its name says 'HAP' \(2 more clips likewise\)",
    ),
    "cremad-unknown-label": (
        "cremad",
        change("train.csv", f"{ONE},ANG", f"{ONE},joy"),
        "train.csv: 'joy' is none of CREMA-D's emotions: NEU, HAP, SAD, FEA, DIS, ANG",
    ),
    "cremad-open-quote": (
        "cremad",
        change("train.csv", f"{ONE},", f'{ONE},"'),
        "is none of CREMA-D's emotions",
    ),
    "cremad-no-name": ("cremad", add("train.csv", ",ANG"), "train.csv: the line ',ANG' has no clip"),
    "kinetics-no-train-list": (
        "kinetics-sounds",
        remove("train.csv"),
        r"; train.csv \(or my_train.txt, or train.txt\) is not there",
    ),
    "kinetics-no-test-list": (
        "kinetics-sounds",
        remove("validate.csv"),
        r"; validate.csv \(or val.csv, or test.csv, or my_test.txt, or test.txt\) is not there",
    ),
    "kinetics-list-of-other-classes": (
        "kinetics-sounds",
        write("validate.csv", KINETICS + "abseiling,v020100xxxxx,0,10,validate\n"),
        "validate.csv names no clip of Kinetics-Sounds' classes",
    ),
    "kinetics-only-a-header": (
        "kinetics-sounds",
        write("train.csv", KINETICS),
        "train.csv names no clip of Kinetics-Sounds' classes",
    ),
    "kinetics-in-both": (
        "kinetics-sounds",
        add("validate.csv", "bowling,v000000xxxxx,0,10,validate"),
        "v000000xxxxx_000000_000010 is both in train.csv and in validate.csv",
    ),
    "kinetics-two-labels": (
        "kinetics-sounds",
        add("train.csv", "abseiling,v000000xxxxx,0,10,train"),
        "train.csv names v000000xxxxx_000000_000010 twice, as 'bowling' and as 'abseiling'",
    ),
    "kinetics-label-against-folder": (
        "kinetics-sounds",
        change("train.csv", "bowling,v000001xxxxx", "singing,v000001xxxxx"),
        "train.csv says that v000001xxxxx_000001_000011 is 'singing', and its folder says 'bowling'",
    ),
    "kinetics-list-under-anothers-name": (
        "kinetics-sounds",
        lambda source: shutil.copy(source / "train.csv", source / "validate.csv"),
        "validate.csv: the column split of v000000xxxxx says 'train'",
    ),
    "kinetics-list-of-no-file": (
        "kinetics-sounds",
        write("validate.csv", KINETICS + "bowling,elsewhere,0,10,validate\n"),
        "validate.csv names no clip that has a recording",
    ),
    "kinetics-endless-clip": (
        "kinetics-sounds",
        add("train.csv", "bowling,v000000xxxxx,0,inf,train"),
        "train.csv: v000000xxxxx should have seconds as time_start and time_end; found 0 and inf",
    ),
    "vggsound-no-list": (
        "vggsound",
        remove("vggsound.csv"),
        "VGGSound's list vggsound.csv; vggsound.csv is not there",
    ),
    "vggsound-no-test-clip": (
        "vggsound",
        write("vggsound.csv", "w000000yyyyy,0,cat purring,train\n"),
        "vggsound.csv, for its test split, names no clip of VGGSound",
    ),
    "vggsound-in-both": (
        "vggsound",
        add("vggsound.csv", "w000000yyyyy,0,cat purring,test"),
        r"w000000yyyyy_000000 is both in vggsound.csv \(train\) and in vggsound.csv \(test\)",
    ),
    "vggsound-two-labels": (
        "vggsound",
        add("vggsound.csv", "w000000yyyyy,0,ant,train"),
        "vggsound.csv names w000000yyyyy_000000 twice, as 'cat purring' and as 'ant'",
    ),
    "vggsound-unknown-split": (
        "vggsound",
        add("vggsound.csv", "w000009yyyyy,0,ant,val"),
        "the last of them train or test; found w000009yyyyy, 0, ant, val",
    ),
    "vggsound-odd-digit": (
        "vggsound",
        add("vggsound.csv", "w000009yyyyy,²,ant,train"),
        "found w000009yyyyy, ²",
    ),
    "vggsound-label-against-folder": (
        "vggsound",
        lambda source: (source / "video").rename(source / "cat_purring"),
        "vggsound.csv says that w010000yyyyy_000000 is 'dog barking, far', and its folder says 'cat purring'",
    ),
    "ave-no-train-list": ("ave", remove("trainSet.txt"), "; trainSet.txt is not there"),
    "ave-no-validation-list": (
        "ave",
        remove("valSet.txt"),
        "AVE's lists trainSet.txt, valSet.txt and testSet.txt; valSet.txt is not there",
    ),
    "ave-empty-list": ("ave", write("testSet.txt", "\n"), "testSet.txt names no clip of AVE"),
    "ave-in-two-lists": (
        "ave",
        add("testSet.txt", "Bark&a000000zzzzz&good&0&10"),
        r"a000000zzzzz \(Bark, second 0 to 10\) is both in trainSet.txt and in testSet.txt",
    ),
    "ave-list-of-no-file": (
        "ave",
        write("valSet.txt", "Bark&elsewhere&good&0&10\n"),
        "valSet.txt names no clip that has a recording",
    ),
    "ave-unknown-event": (
        "ave",
        add("valSet.txt", "Zebra&a000000zzzzz&good&0&10"),
        "valSet.txt: 'Zebra' is none of AVE's 28 events: Accordion, ",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_lists_that_contradict_or_lack_something_are_refused(case: str, made: Path, tmp_path: Path) -> None:
    name, edit, why = REFUSED[case]
    with pytest.raises(InvalidInput, match=why) as caught:
        listing(name, made, tmp_path, edit)
    assert "\n" not in caught.value.detail


@pytest.mark.parametrize(
    "case", ["cremad-no-train-list", "kinetics-in-both", "vggsound-two-labels", "ave-no-validation-list"]
)
def test_the_command_refuses_in_one_sentence(case: str, made: Path, tmp_path: Path) -> None:
    name, edit, why = REFUSED[case]
    source = shutil.copytree(made / name, tmp_path / "source")
    edit(source)
    command = [RHOSCOPE, "prepare", name, "--source", str(source), "--out", str(tmp_path / "out")]
    called = nursery.run(command, text=True)
    assert called.returncode == 2
    assert called.stdout == ""
    answer = " ".join(called.stderr.split())
    assert why.rsplit("; ", maxsplit=1)[-1] in answer
    assert "Traceback" not in answer
    assert not (tmp_path / "out").exists()


PLAIN = f"{ONE},ANG\n{TWO},DIS\n{THREE},FEA\n"
SPELLINGS = {
    "a line twice": f"{PLAIN}{ONE},ANG\n",
    "Windows' line ends": PLAIN.replace("\n", "\r\n"),
    "a byte order mark": f"\ufeff{PLAIN}",
    "no last line end": PLAIN.strip(),
    "blank lines": f"\n{ONE},ANG\n\n{TWO},DIS\n  \n{THREE},FEA\n\n\n",
    "a header": f"clip,emotion\n{PLAIN}",
    "another header": f"\ufeffFile Name, Label\r\n{PLAIN}",
    "endings": f"{ONE}.flv,ANG\n{TWO}.wav,DIS\n{THREE}.WAV,FEA\n",
    "paths": f"VideoFlash/{ONE}.flv,ANG\nC:\\CREMA-D\\{TWO}.wav,DIS\n./{THREE},FEA\n",
    "small letters": PLAIN.lower(),
    "words": f"{ONE},anger\n{TWO},Disgust\n{THREE},FEARFUL\n",
    "spaces": f" {ONE} , ANG \n{TWO},DIS\n{THREE},FEA\n",
    "empty columns at the end": PLAIN.replace("\n", ",,\n"),
    "empty columns of a spreadsheet": f"sep=;\n{PLAIN}".replace(",", ";")
    .replace("\n", ";;\n")
    .replace(";;", "", 1),
    "simple quotes": "".join(
        f"'{clip}','{label}'\n" for clip, label in (line.split(",") for line in PLAIN.split())
    ),
    "typographic quotes": "".join(f"“{line.replace(',', '”,“')}”\n" for line in PLAIN.split()),
    "quotes": f'"{ONE}","ANG"\n"{TWO}","DIS"\n{THREE},FEA\n',
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_list_is_the_same_however_it_is_written(spelling: str, made: Path, tmp_path: Path) -> None:
    plain = listing("cremad", made, tmp_path / "plain", write("train.csv", PLAIN))
    assert sum(clip.split == "train" for clip in plain.clips) == 3
    written = write("train.csv", SPELLINGS[spelling])
    assert listing("cremad", made, tmp_path / "other", written) == plain


@pytest.mark.parametrize(
    ("name", "edits"),
    [
        ("kinetics-sounds", [add("train.csv", "", "bowling,v000000xxxxx,0,10,train", "")]),
        ("kinetics-sounds", [change("train.csv", "v000000xxxxx", "train/v000000xxxxx.mp4")]),
        (
            "kinetics-sounds",
            [change("validate.csv", ",validate", ",val"), change("train.csv", "bowling", "Bowling")],
        ),
        ("vggsound", [add("vggsound.csv", "", "w000000yyyyy,0,cat purring,train", "")]),
        ("vggsound", [change("vggsound.csv", "", "# YouTube ID,start seconds,label,train/test split\r\n")]),
        ("vggsound", [change("vggsound.csv", "w000000yyyyy", "w000000yyyyy.mp4")]),
        ("ave", [add("trainSet.txt", "", "Bark&a000000zzzzz&good&0&10")]),
        ("ave", [change("testSet.txt", "", "\ufeffCategory&VideoID&Quality&StartTime&EndTime\n")]),
        ("ave", [change("testSet.txt", "Bark", "bark")]),
    ],
)
def test_harmless_differences_change_no_clip(
    name: str, edits: list[Edit], made: Path, tmp_path: Path
) -> None:
    assert listing(name, made, tmp_path / "other", *edits) == listing(name, made, tmp_path / "plain")


def test_without_any_list_cremad_has_no_split(made: Path, tmp_path: Path) -> None:
    result = listing("cremad", made, tmp_path, remove("train.csv"), remove("test.csv"))
    assert {clip.split for clip in result.clips} == {""}
    assert len(result.clips) == 12


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("kinetics-sounds", "clips/singing/stranger_000000_000010.mp4"),
        ("vggsound", "video/stranger_000000.mp4"),
        ("ave", "AVE/stranger.mp4"),
    ],
)
def test_recordings_in_no_list_are_no_clips_and_are_counted(
    name: str, place: str, made: Path, tmp_path: Path
) -> None:
    before = listing(name, made, tmp_path / "plain")
    after = listing(name, made, tmp_path / "more", write(place, "never decoded"))
    assert after.clips == before.clips
    assert before.unlisted == ()
    assert after.unlisted == (Path(place).stem,)


def test_a_video_of_two_events_in_two_lists_stays_two_clips(made: Path, tmp_path: Path) -> None:
    result = listing("ave", made, tmp_path, add("testSet.txt", "Bus&a000000zzzzz&good&2&5"))
    both = [(clip.label, clip.split) for clip in result.clips if clip.group == "a000000zzzzz"]
    assert both == [("Bark", "train"), ("Bus", "test")]
