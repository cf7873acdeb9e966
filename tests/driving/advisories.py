"""What pip-audit found, in one sentence for each weakness: `make audit`.

An index without advisories lets pip-audit skip every package and say that nothing is known; here, that is an
error.
"""

import json
import sys
from pathlib import Path
from typing import Any

UNREACHABLE = (
    "No advisory service could be asked, so nothing was audited; run `make audit` where {} is reachable."
)


def sentences(report: Path, service: str) -> list[str]:
    """What is wrong; nothing where each package was looked up and has no known weakness."""
    try:
        packages = json.loads(report.read_text())["dependencies"]
    except (OSError, ValueError, KeyError):
        return [UNREACHABLE.format(service)]
    skipped = [one["name"] for one in packages if "skip_reason" in one]
    if not packages or len(skipped) == len(packages):
        return [UNREACHABLE.format(service)]
    found = [
        f"{one['name']} {one['version']}: {weakness['id']}, fixed in {_versions(weakness)}"
        for one in packages
        for weakness in one.get("vulns", [])
    ]
    return found + ([f"Not looked up: {', '.join(skipped)}."] if skipped else [])


def _versions(weakness: dict[str, Any]) -> str:
    return ", ".join(weakness["fix_versions"]) or "no version yet"


def main() -> None:
    wrong = sentences(Path(sys.argv[1]), sys.argv[2])
    sys.stdout.write("\n".join(wrong or ["No known weaknesses."]) + "\n")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
