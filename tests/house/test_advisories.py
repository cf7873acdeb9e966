"""An audit says what it looked up, and never that all is well where nobody could be asked."""

import json
from pathlib import Path

import advisories
import pytest

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
