"""The history of what was measured: every page in `benchmarks/results`, newest first within its subject."""

import re
from itertools import groupby
from pathlib import Path

RESULTS = Path(__file__).parents[2] / "benchmarks" / "results"
NAME = re.compile(r"(\d{4}-\d{2}-\d{2})-([a-z]+)")


def page() -> str:
    """All results by subject and date. Raises: ValueError, for a file whose name is no date and subject."""
    pages = sorted((_parts(path) for path in RESULTS.glob("*.md")), key=lambda one: one[1])
    sections = []
    for subject, each in groupby(pages, key=lambda one: one[1]):
        newest = sorted(each, reverse=True)
        sections.append(f"## {subject.capitalize()}\n")
        sections += [_section(date, path) for date, _, path in newest]
    return "\n".join(sections)


def _parts(path: Path) -> tuple[str, str, Path]:
    match = NAME.fullmatch(path.stem)
    if not match:
        raise ValueError(f"{path.name} is no result: expected a name as 2026-11-30-overhead.md.")
    return match[1], match[2], path


def _section(date: str, path: Path) -> str:
    """A result's page under its date; its own headings two levels down."""
    _, _, body = path.read_text(encoding="utf-8").partition("\n")
    lowered = re.sub(r"^##", "####", body, flags=re.MULTILINE)
    return f"### {date}\n{lowered}"
