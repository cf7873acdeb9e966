"""A look at a folder says what a run would use, leave out and refuse; what it is, it sees itself."""

import json
import sys
from pathlib import Path

import media
import numpy as np
import pytest
from folders import floats, pets
from PIL import Image
from typer.testing import CliRunner

from rhoscope.cli import app
from rhoscope.errors import InvalidInput
from trainer.prepare.__main__ import order_for
from trainer.prepare.conversion import prepare
from trainer.prepare.look import look, main


@pytest.fixture
def unlimited(monkeypatch: pytest.MonkeyPatch) -> None:
    """Time for all files, however slow the machine."""
    monkeypatch.setattr("trainer.prepare.look.GLANCE_S", 60.0)


@pytest.mark.usefixtures("unlimited")
def test_ones_own_folder_with_all_its_oddities(tmp_path: Path) -> None:
    pets(tmp_path, text=True)
    samples = media.tone(0.5, 16_000, 300.0)
    samples[7] = np.nan
    floats(tmp_path / "cat" / "e0.wav", samples)
    Image.new("RGBA", (8, 8), (0, 0, 0, 0)).save(tmp_path / "dog" / "e1.png")
    (tmp_path / "dog" / "e1.jpg").unlink()
    (tmp_path / ".git").mkdir()
    (tmp_path / "dog" / "e2.txt").write_bytes("Hündin".encode("cp1252"))
    seen = look(tmp_path)
    assert seen.facts["read"] == "14 of 14"
    assert seen.problem == ""
    assert seen.remarks == [
        "1 left out: 1 unreadable: samples that are not finite numbers (cat/e0.wav).",
        "Noticed while reading: 1 with transparent places, which become white (dog/e1.png); "
        "1 taken for a text in cp1252 (dog/e2.txt).",
        "Hidden and system folders are no classes: .git.",
    ]


@pytest.mark.usefixtures("unlimited")
def test_what_a_run_would_be_refused_for_is_the_problem(tmp_path: Path) -> None:
    pets(tmp_path)
    for number in range(3):
        (tmp_path / "cat" / f"e{number}.jpg").write_text("<html>404</html>")
    assert "class cat has too few whole examples: 4 of 7" in look(tmp_path).problem
    assert "3 unreadable: a web page and not the file itself" in look(tmp_path).problem


def test_a_source_and_what_was_prepared_of_it_are_recognized(tmp_path: Path) -> None:
    source = media.ave(tmp_path / "source", ("Bark",), each=(2, 1, 1))
    (source / "AVE" / "a000000zzzzz.mp4").unlink()
    seen = look(source)
    assert seen.what == "the source of ave"
    assert seen.facts["clips"] == "4"
    assert "1 clips have no recording, such as a000000zzzzz: looked for a000000zzzzz" in " ".join(
        seen.remarks
    )
    prepare(order_for("ave", source, tmp_path / "out")[0], workers=1, allow_missing=0.5)
    assert look(tmp_path / "out").facts["clips"] == "3 of 4"


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="can't be read: No such file"):
        look(tmp_path / "gone")


def test_the_module_writes_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder, code, kind in ((pets(tmp_path), 0, "look"), (tmp_path / "gone", 2, "refused")):
        monkeypatch.setattr(sys, "argv", ["look", str(folder)])
        assert main() == code
        assert json.loads(capsys.readouterr().out)["kind"] == kind


@pytest.mark.parametrize("command", [["look"], ["prepare", "--check"]])
def test_the_commands_show_it(command: list[str], tmp_path: Path) -> None:
    good, bad = pets(tmp_path / "good"), pets(tmp_path / "bad", each=2)
    (good / "cat" / "\x1b[31mred.txt").write_text("x")
    shown = CliRunner().invoke(app, [*command, str(good)])
    assert shown.exit_code == 0, shown.output
    assert "audio, visual" in shown.output
    assert "\x1b[31m" not in shown.output
    refused = CliRunner().invoke(app, [*command, str(bad)])
    assert isinstance(refused.exception, InvalidInput)
    assert "A run would be refused: class cat has too few whole examples: 2 of 2" in str(refused.exception)
