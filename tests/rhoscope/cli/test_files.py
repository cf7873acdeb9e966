"""A command's file is written whole, or not at all, and where the user said."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from rhoscope.cli.files import save
from rhoscope.errors import InvalidInput, Unavailable


def pieces(fails: bool) -> Iterator[bytes]:
    yield b"step,loss\n"
    if fails:
        raise Unavailable("The API is not responding.")
    yield b"1,2.0\n"


def test_a_file_comes_whole(tmp_path: Path) -> None:
    save(tmp_path / "a.csv", pieces(fails=False))
    assert (tmp_path / "a.csv").read_text() == "step,loss\n1,2.0\n"
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]


def test_what_breaks_off_leaves_what_was_there(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("before")
    with pytest.raises(Unavailable, match="not responding"):
        save(tmp_path / "a.csv", pieces(fails=True))
    assert (tmp_path / "a.csv").read_text() == "before"
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]


@pytest.mark.parametrize("place", [".", "..", "/", "missing/a.csv", "a.csv/b", "x" * 300])
def test_a_place_that_can_not_be_written_to_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, place: str
) -> None:
    (tmp_path / "a.csv").write_text("before")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InvalidInput, match="--out"):
        save(Path(place), pieces(fails=False))
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]
