"""`rhoscope prepare`: true-to-layout sources in, prepared folders out; resumable, honest about gaps."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import media
import numpy as np
import nursery
import psutil
import pytest
from instrument import is_alive, wait_for
from nursery import RHOSCOPE

from rhoscope.errors import Conflict, Corrupt, InvalidInput, NotFound
from trainer.datasets.ave import AVE
from trainer.datasets.kinetics_sounds import KineticsSounds
from trainer.plugins import load
from trainer.prepare import layout
from trainer.prepare.__main__ import main, names, order_for
from trainer.prepare.conversion import prepare
from trainer.prepare.layout import Manifest

Publish = Callable[[str], Path]
COUNTS = {"cremad": 12, "kinetics-sounds": 12, "vggsound": 12, "ave": 16}


def prepared(name: str, source: Path, out: Path, allow: float = 0.0, **changes: Any) -> Manifest:
    order, _ = order_for(name, source, out, changes.get("dtype", "float16"), shard=4)
    return prepare(order, workers=1, allow_missing=allow)


def test_every_source_of_the_paper_can_be_prepared() -> None:
    assert set(names()) == set(media.PUBLISHED)


@pytest.mark.parametrize("name", media.PUBLISHED)
def test_a_source_becomes_a_folder_whose_manifest_counts_it(
    name: str, publish: Publish, tmp_path: Path
) -> None:
    source = publish(name)
    manifest = prepared(name, source, tmp_path / "out")
    cls = load("dataset", name)
    assert (
        manifest.clips == COUNTS[name] == sum(manifest.by_class.values()) == sum(manifest.by_split.values())
    )
    assert manifest.skipped == manifest.noted == ()
    assert manifest.plan.shards == -(-COUNTS[name] // 4)
    assert set(manifest.versions) == {"av", "numpy", "pillow"}
    assert layout.check(tmp_path / "out") == manifest
    sounds = np.load(tmp_path / "out" / "shard-00000.audio.npy", mmap_mode="r")
    assert sounds.shape == (4, *cls.hearing.shape)
    assert sounds.dtype == np.float16
    if cls.classes:
        assert manifest.plan.classes == cls.classes


def test_preparing_again_changes_nothing_and_other_wishes_are_refused(
    publish: Publish, tmp_path: Path
) -> None:
    source = publish("ave")
    first = prepared("ave", source, tmp_path / "out")
    assert prepared("ave", source, tmp_path / "out") == first
    with pytest.raises(Conflict, match="another dtype"):
        prepared("ave", source, tmp_path / "out", dtype="float32")
    other = media.ave(tmp_path / "other", ("Bark", "Bus"), (5, 2, 2))
    with pytest.raises(Conflict, match="clips and shards and listing_sha256"):
        prepared("ave", other, tmp_path / "out")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.tex").touch()
    with pytest.raises(Conflict, match=r"not empty \(thesis.tex"):
        prepared("ave", source, tmp_path / "mine")


def test_bad_files_are_left_out_with_the_reason_and_odd_ones_are_noted(tmp_path: Path) -> None:
    source = media.cremad(tmp_path / "source", actors=3)
    sounds, videos = source / "AudioWAV", source / "VideoFlash"
    (sounds / "1001_DFA_ANG_XX.wav").unlink()
    (videos / "1001_DFA_DIS_XX.flv").write_bytes(b"")
    media.cut(videos / "1001_DFA_FEA_XX.flv", 0.5)
    media.wav(sounds / "1002_DFA_ANG_XX.wav", seconds=0)
    media.wav(sounds / "1002_DFA_DIS_XX.wav", rate=8000)
    media.wav(sounds / "1003_ÄÖÜ_ANG_XX.wav")
    media.video(videos / "1003_ÄÖÜ_ANG_XX.flv", 2.0, pitch=None, codec="flv")
    manifest = prepared("cremad", source, tmp_path / "out", allow=0.3)
    assert {note.clip: note.reason.split(": ", 1)[1].split(" after")[0] for note in manifest.skipped} == {
        "1001_DFA_ANG_XX": "no such file",
        "1001_DFA_DIS_XX": "file of zero length",
        "1001_DFA_FEA_XX": "video breaks off",
        "1002_DFA_ANG_XX": "audio of zero length",
    }
    assert {note.clip: note.reason for note in manifest.noted} == {
        "1002_DFA_DIS_XX": "audio at 8000 Hz where 16000 Hz are usual; resampled",
        "1003_ÄÖÜ_ANG_XX": "a name beyond ASCII",
    }
    assert manifest.clips == 19 - 4
    answer = (tmp_path / "out" / "skipped.csv").read_text(encoding="utf-8").splitlines()
    assert len(answer) == 5
    assert answer[0] == "clip,reason"


def test_a_file_whose_name_is_no_text_is_prepared_and_one_of_a_desktop_is_ignored(tmp_path: Path) -> None:
    source = media.cremad(tmp_path / "source", actors=1)
    for folder, ending in (("AudioWAV", "wav"), ("VideoFlash", "flv")):
        first = sorted((source / folder).iterdir())[0]
        first.rename(os.fsdecode(os.fsencode(source / folder) + b"/1001_caf\xe9_ANG_XX." + ending.encode()))
        (source / folder / f"._1001_DFA_SAD_XX.{ending}").write_bytes(b"Mac OS X")
    manifest = prepared("cremad", source, tmp_path / "out")
    assert manifest.clips == 6
    assert [note.clip for note in manifest.noted] == ["1001_caf\N{REPLACEMENT CHARACTER}_ANG_XX"]


def test_a_clip_that_kills_the_process_is_left_out_and_costs_no_other(tmp_path: Path) -> None:
    source = media.cremad(tmp_path / "source", actors=2)
    media.wav(source / "AudioWAV" / "1001_DFA_FEA_XX.wav", seconds=media.DEADLY)
    order, _ = order_for("cremad", source, tmp_path / "out", shard=3)
    manifest = prepare(replace(order, hearing=media.Deadly(8000, 1, 64, 64)), workers=2, allow_missing=0.1)
    (note,) = manifest.skipped
    assert note.clip == "1001_DFA_FEA_XX"
    assert "ends the process" in note.reason
    assert manifest.clips == 11
    assert layout.check(tmp_path / "out") == manifest


def test_a_clip_without_a_sound_track_is_left_out(publish: Publish, tmp_path: Path) -> None:
    source = publish("vggsound")
    media.video(next((source / "video").glob("*.mp4")), pitch=None)
    manifest = prepared("vggsound", source, tmp_path / "out", allow=0.2)
    assert [note.reason.split(": ")[-1] for note in manifest.skipped] == ["no audio track"]


def test_too_much_missing_is_refused_and_the_reasons_named(publish: Publish, tmp_path: Path) -> None:
    source = publish("kinetics-sounds")
    for path in sorted((source / "clips" / "singing").glob("*.mp4")):
        path.unlink()
    with pytest.raises(InvalidInput, match=r"6 of 12 clips can't be used \(50.0%; 20.0% are allowed\)"):
        prepared("kinetics-sounds", source, tmp_path / "out", allow=0.2)
    with pytest.raises(NotFound, match="begun and not finished"):
        layout.read_manifest(tmp_path / "out")
    assert len((tmp_path / "out" / "skipped.csv").read_text().splitlines()) == 7
    assert prepared("kinetics-sounds", source, tmp_path / "out", allow=0.6).by_class["singing"] == 0


def test_ids_of_classes_do_not_depend_on_what_is_on_disk(tmp_path: Path) -> None:
    source = media.vggsound(tmp_path / "source", ("zither", "ant", "bee"))
    for path in (source / "video").glob("w01*"):
        path.unlink()
    assert prepared("vggsound", source, tmp_path / "out", allow=0.5).plan.classes == ("ant", "bee", "zither")


def test_a_clip_far_longer_than_its_data_sets_is_noted(publish: Publish, tmp_path: Path) -> None:
    source = publish("vggsound")
    media.video(next((source / "video").glob("*.mp4")), 16.0)
    (note,) = prepared("vggsound", source, tmp_path / "out").noted
    assert note.reason == "lasts 16 s where 10 s are usual; is it cut?"


def test_kinetics_validation_list_is_tested_on_also_where_there_is_a_test_list(
    publish: Publish, tmp_path: Path
) -> None:
    source = publish("kinetics-sounds")
    before = KineticsSounds.listing(source)
    (source / "test.csv").write_text("label,youtube_id,time_start,time_end,split\nsinging,x,0,10,test\n")
    assert KineticsSounds.listing(source) == before


def test_a_video_of_two_events_is_two_clips_and_a_header_is_none(publish: Publish, tmp_path: Path) -> None:
    source = publish("ave")
    answer = (source / "trainSet.txt").read_text()
    twice = answer.splitlines()[0]
    (source / "trainSet.txt").write_text(f"Category&VideoID&Quality&StartTime&EndTime\n{answer}{twice}\n")
    with (source / "testSet.txt").open("a") as file:
        file.write(twice.replace("Bark", "Bus") + "\n")
    clips = AVE.listing(source).clips
    assert len(clips) == len({clip.id for clip in clips}) == COUNTS["ave"] + 1
    assert {c.split for c in clips if c.group == twice.split("&")[1]} == {"train", "test"}


def test_a_damaged_folder_is_found_out_and_says_how_to_mend_it(publish: Publish, tmp_path: Path) -> None:
    out = tmp_path / "out"
    prepared("ave", publish("ave"), out)
    path = out / "shard-00001.audio.npy"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with pytest.raises(Corrupt, match=r"shard-00001.audio.npy .* delete shard-00001"):
        layout.check(out)
    for name in (*out.glob("shard-00001.*"), out / "manifest.json"):
        name.unlink()
    prepared("ave", tmp_path / "source", out)
    layout.check(out)
    (out / "shard-00000.pictures.npy").unlink()
    with pytest.raises(Corrupt, match="missing"):
        layout.check(out)
    (out / "manifest.json").write_text("{}")
    with pytest.raises(Corrupt, match="not what rhoscope wrote"):
        layout.read_manifest(out)


@pytest.mark.parametrize(
    ("name", "break_it", "why"),
    [
        ("cremad", lambda s: (s / "VideoFlash").rename(s / "Videos"), "no folder VideoFlash"),
        ("cremad", lambda s: media.wav(s / "AudioWAV" / "hello.wav"), "'hello' is no CREMA-D clip"),
        ("kinetics-sounds", lambda s: (s / "validate.csv").unlink(), "should hold Kinetics' lists"),
        (
            "kinetics-sounds",
            lambda s: (s / "train.csv").write_text("a,b\n1,2\n"),
            "should have the columns label",
        ),
        ("vggsound", lambda s: (s / "vggsound.csv").unlink(), "vggsound.csv is not there"),
        ("vggsound", lambda s: (s / "vggsound.csv").write_text("x,1,y\n"), "3 columns where 4 were expected"),
        ("ave", lambda s: (s / "valSet.txt").write_text("Zebra&x&good&0&10\n"), "'Zebra' is none of AVE's"),
    ],
)
def test_a_source_that_is_not_as_published_is_refused_in_a_sentence(
    name: str, break_it: Any, why: str, publish: Publish, tmp_path: Path
) -> None:
    source = publish(name)
    break_it(source)
    with pytest.raises(InvalidInput, match=why):
        prepared(name, source, tmp_path / "out")


class TestCommand:
    """The process that `rhoscope prepare` starts, and the command itself."""

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "trainer.prepare", *arguments]
        return nursery.begin(command, stdout=subprocess.PIPE, text=True, start_new_session=True)

    def test_a_kill_ends_all_processes_and_costs_only_what_was_at_hand(self, tmp_path: Path) -> None:
        source, out = media.cremad(tmp_path / "source", actors=20), tmp_path / "out"
        arguments = ["cremad", "--source", str(source), "--out", str(out), "--workers", "2", "--shard", "5"]
        first = self.start(*arguments)
        while first.poll() is None and not list(out.glob("shard-?????.json")):
            time.sleep(0.002)
        those = psutil.Process(first.pid).children(recursive=True)
        assert len(those) >= 2
        first.kill()
        first.wait()
        if first.stdout:
            first.stdout.close()
        wait_for(lambda: not any(map(is_alive, those)), 60, "the end of its processes")
        done = {path: path.stat().st_mtime_ns for path in out.glob("shard-*.json")}
        assert 0 < len(done) < 24
        assert not (out / "manifest.json").exists()
        second = self.start(*arguments)
        said = [json.loads(line) for line in second.communicate()[0].splitlines()]
        assert second.returncode == 0
        assert said[1] == {"kind": "progress", "shards": len(done), "skipped": 0}
        assert said[-1]["clips"] == 120
        assert all(path.stat().st_mtime_ns == before for path, before in done.items())
        whole, _ = order_for("cremad", source, tmp_path / "whole", shard=5)
        assert said[-1]["sha256"] == prepare(whole, workers=2, allow_missing=0.0).sha256

    def test_the_command_shows_what_came_of_it_and_finds_damage(self, tmp_path: Path) -> None:
        source = media.ave(tmp_path / "source", ("Bark", "Bus"))

        def call(*arguments: str) -> subprocess.CompletedProcess[str]:
            return nursery.run([RHOSCOPE, "prepare", *arguments], text=True)

        made = call("ave", "--source", str(source), "--out", str(tmp_path / "out"))
        assert made.returncode == 0
        assert "16 of 16" in made.stdout
        assert f"folder={tmp_path / 'out'}" in made.stdout
        assert "16 of 16" in call("--check", str(tmp_path / "out")).stdout
        (tmp_path / "out" / "shard-00000.audio.npy").unlink()
        damaged = call("--check", str(tmp_path / "out"))
        assert damaged.returncode == 2
        assert "shard-00000.audio.npy is missing" in " ".join(damaged.stderr.split())
        assert "Traceback" not in damaged.stderr

    @pytest.mark.parametrize(
        ("wrong", "why"),
        [
            ([], "takes a data set's name, --source and --out"),
            (["avé", "--source", ".", "--out", "x"], "'avé' is not a data set that can be prepared"),
            (["ave", "--source", "no", "--out", "x"], "There is no folder no"),
            (["--check", "."], "holds no prepared data set"),
        ],
    )
    def test_a_mistake_is_one_sentence(
        self, wrong: list[str], why: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sys, "argv", ["prepare", *wrong])
        assert main() == 2
        (answer,) = capsys.readouterr().out.splitlines()
        assert json.loads(answer)["kind"] == "refused"
        assert why in json.dumps(json.loads(answer), ensure_ascii=False)
