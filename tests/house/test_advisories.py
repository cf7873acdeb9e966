"""An audit says what it looked up, and never that all is well where nobody could be asked."""

import csv
import json
from pathlib import Path

import advisories
import pytest

ROOT = Path(__file__).parents[2]
SOUND = {"name": "mako", "version": "1.4.3", "vulns": []}
WEAK = {"name": "h11", "version": "0.14", "vulns": [{"id": "CVE-2025-43859", "fix_versions": ["0.16.0"]}]}
SKIPPED = {"name": "torch", "skip_reason": "not found"}


@pytest.mark.parametrize(
    ("packages", "says"),
    [
        ([SOUND], []),
        ([SOUND, WEAK], ["h11 0.14: CVE-2025-43859, fixed in 0.16.0"]),
        ([SOUND, SKIPPED], ["Not looked up: torch."]),
        ([SKIPPED, SKIPPED], [advisories.UNREACHABLE.format("the index")]),
        ([], [advisories.UNREACHABLE.format("the index")]),
    ],
)
def test_what_was_found_is_said(tmp_path: Path, packages: list[object], says: list[str]) -> None:
    report = tmp_path / "found.json"
    report.write_text(json.dumps({"dependencies": packages, "fixes": []}))
    assert advisories.sentences(report, "the index") == says


def test_without_a_report_nothing_was_audited(tmp_path: Path) -> None:
    assert advisories.sentences(tmp_path / "none.json", "the index") == [
        advisories.UNREACHABLE.format("the index")
    ]


def _report(tmp_path: Path, version: str, fixed: list[str], *ids: str) -> Path:
    weak = {"id": ids[0], "aliases": list(ids[1:]), "fix_versions": fixed}
    report = tmp_path / "found.json"
    report.write_text(json.dumps({"dependencies": [{"name": "torch", "version": version, "vulns": [weak]}]}))
    return report


def test_a_weakness_is_accepted_for_one_version_by_any_of_its_names(tmp_path: Path) -> None:
    accepted = tmp_path / "accepted.csv"
    accepted.write_text("id,package,pin,reason\nCVE-2026-1,torch,2.13.0,Not reached.\n")
    same = _report(tmp_path, "2.13.0", [], "PYSEC-2026-9", "CVE-2026-1")
    assert advisories.sentences(same, "the index", accepted) == []
    other = _report(tmp_path, "2.13.0", [], "PYSEC-2026-8", "CVE-2026-2")
    assert advisories.sentences(other, "the index", accepted) == [
        "torch 2.13.0: PYSEC-2026-8, fixed in no version yet"
    ]
    raised = _report(tmp_path, "2.13.1", [], "CVE-2026-1")
    assert advisories.sentences(raised, "the index", accepted) == [
        "torch 2.13.1: CVE-2026-1, fixed in no version yet"
    ]


def test_what_was_accepted_is_named_again_once_a_version_corrects_it(tmp_path: Path) -> None:
    accepted = tmp_path / "accepted.csv"
    accepted.write_text("id,package,pin,reason\nCVE-2026-1,torch,2.13.0,Not reached.\n")
    report = _report(tmp_path, "2.13.0", ["2.13.1"], "CVE-2026-1")
    assert advisories.sentences(report, "the index", accepted) == [
        "torch 2.13.0: CVE-2026-1, fixed in 2.13.1"
    ]


def test_every_accepted_weakness_is_of_a_pin_and_has_its_reason_in_the_document() -> None:
    pins = set((ROOT / "constraints.txt").read_text().split())
    document = (ROOT / "docs" / "dependencies.md").read_text()
    with (ROOT / advisories.ACCEPTED).open(newline="") as rows:
        for row in csv.DictReader(rows):
            assert f"{row['package']}=={row['pin']}" in pins, row
            assert row["id"] in document, row
            assert row["reason"].endswith("."), row
