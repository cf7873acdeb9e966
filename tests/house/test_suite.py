"""What the suite's order and its closing words count on."""

from pathlib import Path

import pytest
from suite import LONGEST, SHARING, longest

ROOT = Path(__file__).parents[2]


def test_the_files_that_begin_first_are_there() -> None:
    assert [name for name in LONGEST if not (ROOT / "tests" / name).is_file()] == []
    assert [folder for folder in SHARING if not (ROOT / folder).is_dir()] == []


def test_the_slowest_files_come_first_with_all_their_parts() -> None:
    def report(file: str, seconds: float) -> pytest.TestReport:
        place = (file, 1, "t")
        return pytest.TestReport(f"{file}::t", place, {}, "passed", None, "call", duration=seconds)

    lines = longest([report("a.py", 1), report("b.py", 2), report("a.py", 3)])
    assert [line.split() for line in lines[:2]] == [["4.0s", "a.py"], ["2.0s", "b.py"]]
    assert lines[2].split()[0] == "6.0s"
