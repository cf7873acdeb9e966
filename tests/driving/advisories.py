"""What pip-audit found, in one sentence for each weakness: `make audit`.

A weakness without a corrected version that our code does not reach is accepted in `docs/audits/accepted.csv`,
with its reason. That holds for one version of the package, and ends when a corrected one is known.

An index without advisories lets pip-audit skip every package and say that nothing is known; here, that is an
error. The sentence then names the newest audit by hand and the pins that it covers.
"""

import csv
import json
import sys
from pathlib import Path
from typing import Any

UNREACHABLE = (
    "No advisory service could be asked, so nothing was audited; run `make audit` where {} is reachable."
)
PINS = Path("constraints.txt")
RECORDS = Path("docs/audits")
ACCEPTED = RECORDS / "accepted.csv"


def sentences(report: Path, service: str, accepted: Path = ACCEPTED) -> list[str]:
    """What is wrong; nothing where each package was looked up and has no known weakness but accepted ones."""
    try:
        packages = json.loads(report.read_text())["dependencies"]
    except (OSError, ValueError, KeyError):
        return [UNREACHABLE.format(service)]
    skipped = [one["name"] for one in packages if "skip_reason" in one]
    if not packages or len(skipped) == len(packages):
        return [UNREACHABLE.format(service)]
    known = _accepted(accepted)
    result = [
        f"{one['name']} {one['version']}: {weakness['id']}, fixed in {_versions(weakness)}"
        for one in packages
        for weakness in one.get("vulns", [])
        if weakness["fix_versions"] or not known & _names(one, weakness)
    ]
    return result + ([f"Not looked up: {', '.join(skipped)}."] if skipped else [])


def _accepted(file: Path) -> set[tuple[str, str, str]]:
    with file.open(newline="") as rows:
        return {(row["package"], row["pin"], row["id"]) for row in csv.DictReader(rows)}


def _names(package: dict[str, Any], weakness: dict[str, Any]) -> set[tuple[str, str, str]]:
    ids = {weakness["id"], *weakness.get("aliases", [])}
    return {(package["name"], package["version"], one) for one in ids}


def _versions(weakness: dict[str, Any]) -> str:
    return ", ".join(weakness["fix_versions"]) or "no version yet"


def newest(records: Path) -> Path:
    """The newest audit by hand; their names are dates. FileNotFoundError where there is none."""
    if not (dated := sorted(records.glob("????-??-??.csv"))):
        raise FileNotFoundError(f"{records} holds no audit; its files are named YYYY-MM-DD.csv.")
    return dated[-1]


def coverage(record: Path, pins: Path) -> str:
    """Which pins a record covers, in one sentence: one added or raised later needs another audit."""
    with record.open(newline="") as rows:
        audited = {f"{row['package']}=={row['pin']}" for row in csv.DictReader(rows)}
    pinned = pins.read_text().split()
    missing = [pin for pin in pinned if pin not in audited]
    covers = f"The audit by hand of {record.stem} covers {len(pinned) - len(missing)} of {len(pinned)} pins"
    return covers + (f", not {', '.join(missing)}." if missing else ".")


def main() -> None:
    wrong = sentences(Path(sys.argv[1]), sys.argv[2])
    sys.stdout.write("\n".join(wrong or ["No known weaknesses."]) + "\n")
    if wrong == [UNREACHABLE.format(sys.argv[2])]:
        sys.stdout.write(coverage(newest(RECORDS), PINS) + "\n")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
