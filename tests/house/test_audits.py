"""A record of an audit is complete in itself, and the document says what the record says."""

import csv
import re
from datetime import date
from pathlib import Path

import advisories
import pytest
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[2]
RECORD = advisories.newest(ROOT / "docs" / "audits")
DOCUMENT = (ROOT / "docs" / "dependencies.md").read_text()


def _rows(record: Path) -> list[dict[str, str]]:
    with record.open(newline="") as rows:
        return list(csv.DictReader(rows))


def test_the_record_is_dated_and_names_each_package_once_with_a_version() -> None:
    assert date.fromisoformat(RECORD.stem) <= date.today()
    names = [canonicalize_name(row["package"]) for row in _rows(RECORD)]
    assert len(set(names)) == len(names)
    assert all(Version(row["pin"]).release for row in _rows(RECORD))


def test_no_more_advisories_were_compared_than_are_stored_and_each_open_range_has_its_reason() -> None:
    for row in _rows(RECORD):
        stored, compared = int(row["stored"]), int(row["compared"])
        assert 0 <= compared <= stored, row
        assert bool(stored) == bool(row["newest"]), row
        assert bool(row["open"]) == bool(row["closed_by"]), row


def test_the_document_gives_the_figures_of_the_newest_record() -> None:
    rows = _rows(RECORD)
    [line] = [one for one in DOCUMENT.splitlines() if f"`docs/audits/{RECORD.name}`" in one]
    figures = {
        "pins": len(rows),
        "of them with advisories": sum(int(row["stored"]) > 0 for row in rows),
        "advisories stored": sum(int(row["stored"]) for row in rows),
        "compared": sum(int(row["compared"]) for row in rows),
    }
    for name, value in figures.items():
        assert re.search(rf"(?<!\d){value} {name}\b", line), f"{value} {name}"


def test_a_pin_that_was_raised_or_added_after_the_audit_is_named(tmp_path: Path) -> None:
    record, pins = tmp_path / "2026-11-30.csv", tmp_path / "constraints.txt"
    record.write_text("package,pin\nMako,1.4.3\nh11,0.16.0\nzipp,4.1.2\n")
    pins.write_text("Mako==1.4.3\nh11==0.16.0\n")
    assert advisories.coverage(record, pins) == "The audit by hand of 2026-11-30 covers 2 of 2 pins."
    pins.write_text("Mako==1.4.4\nh11==0.16.0\nidna==3.20\n")
    assert advisories.coverage(record, pins) == (
        "The audit by hand of 2026-11-30 covers 1 of 3 pins, not Mako==1.4.4, idna==3.20."
    )


def test_the_newest_of_several_audits_counts(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="holds no audit"):
        advisories.newest(tmp_path)
    for name in ("2026-11-30.csv", "2027-01-02.csv", "notes.csv"):
        (tmp_path / name).write_text("package,pin\n")
    assert advisories.newest(tmp_path).name == "2027-01-02.csv"
