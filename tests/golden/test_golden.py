"""The official code's values: every case that is at hand gives the same through our code."""

import json
from pathlib import Path

import check
import pytest

HERE = Path(__file__).parent
SHARED = HERE.parents[2] / "shared" / "data" / "golden"
OURS = sorted((HERE / "cases").glob("*.json"))
ALL = [path for path in sorted(SHARED.glob("*.json")) if check.content(path)["item"] in check.items()]


@pytest.mark.parametrize("path", OURS + ALL, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_the_official_values_are_ours(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check.main([str(path)]) == 0, capsys.readouterr().out


def test_every_item_has_cases_in_the_project() -> None:
    assert {check.content(path)["item"] for path in OURS} == set(check.items())


def test_a_wrong_value_is_seen(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    golden = json.loads((HERE / "cases" / "stats.json").read_text())
    golden["cases"][0]["expected"]["sd"] *= 1.0001
    path = tmp_path / "wrong.json"
    path.write_text(json.dumps(golden))
    assert check.main([str(path)]) == 1
    assert "DIFFERS" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('{"item": "astrology", "cases": [{}]}', "the item 'astrology' has no adapter"),
        ('{"item": "stats", "cases": []}', "is no golden file"),
        ("[1]", "is no golden file"),
        ("{", "can't be read as JSON"),
    ],
)
def test_what_is_no_golden_file_is_one_sentence(
    text: str, sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "bad.json"
    path.write_text(text)
    assert check.main([str(path)]) == 2
    printed = capsys.readouterr().err
    assert sentence in printed
    assert printed.count("\n") == 1
