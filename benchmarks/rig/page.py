"""A benchmark's command line and its page of Markdown."""

import argparse
import os
import platform
import sys
from datetime import UTC, datetime
from pathlib import Path

RESULTS = Path(__file__).parents[1] / "results"


def parser(description: str | None) -> argparse.ArgumentParser:
    """A command line that explains itself with the benchmark's own docstring."""
    return argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )


def options(line: argparse.ArgumentParser, name: str, quick: dict[str, float]) -> argparse.Namespace:
    """The options given, with `--quick` and `--out`; `quick` holds smaller defaults, by option.

    Raises:
        ValueError: for a smaller default of an option that is not there.
    """
    line.add_argument("--quick", action="store_true", help="smaller numbers: a check in seconds, no result")
    line.add_argument("--out", type=Path, help=f"page to write; default {_default(name)}, none with --quick")
    given = line.parse_args()
    if unknown := quick.keys() - vars(given).keys():
        raise ValueError(f"The benchmark has no options {sorted(unknown)} to make smaller.")
    line.set_defaults(load=os.getloadavg()[0], **(quick if given.quick else {}))
    return line.parse_args()


def heading(title: str, name: str, given: argparse.Namespace) -> list[str]:
    """The first lines: what was measured when, on which machine, by which command."""
    command = " ".join([f"python -m benchmarks.{name}", *sys.argv[1:]])
    return [
        f"# {title}, {datetime.now(UTC):%Y-%m-%d}",
        "",
        f"{os.cpu_count()} cores ({platform.machine()}), load average {given.load:.1f} at the start, "
        f"Python {platform.python_version()}.",
        f"Command: `{command}`",
        "",
    ]


def publish(lines: list[str], name: str, given: argparse.Namespace) -> None:
    """Show the page, and keep it where the options say."""
    page = "\n".join(lines)
    out = given.out or (None if given.quick else RESULTS / _default(name).name)
    if out is not None:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(page)
    sys.stdout.write(page)


def _default(name: str) -> Path:
    return Path("benchmarks", "results", f"{datetime.now(UTC):%Y-%m-%d}-{name}.md")
