"""`python tests/golden/check.py FILE...`: every golden case of the files, through the product's own code.

A golden file holds an item, its tolerance in words and cases; `tests/golden/<item>.py` (the item's hyphens as
underscores) has `differences(case)`, which computes the case's figures with the product's code. Prints item,
case, worst figure and verdict. Exit code 1 when a case falls short, 2 when a file can't be read.
"""

import importlib
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
if str(HERE) not in sys.path:
    sys.path.insert(0, str(HERE))
if str(HERE.parents[1]) not in sys.path:
    sys.path.append(str(HERE.parents[1]))

from comparison import Case, Difference  # noqa: E402  # the folder is on the path from here on

NOT_ADAPTERS = {"check", "comparison"}


class Unreadable(ValueError):
    """A file that is no golden file, or one of an item nobody has an adapter for."""


def items() -> list[str]:
    """The items that have an adapter."""
    modules = (path.stem for path in HERE.glob("*.py") if not path.stem.startswith(("test_", "_")))
    return sorted(name.replace("_", "-") for name in modules if name not in NOT_ADAPTERS)


def adapter(item: str) -> Callable[[Case], list[Difference]]:
    """The item's `differences`.

    Raises:
        Unreadable: no adapter has this name.

    """
    if item not in items():
        raise Unreadable(
            f"the item '{item}' has no adapter in tests/golden: expected one of {', '.join(items())}"
        )
    differences: Callable[[Case], list[Difference]] = importlib.import_module(
        item.replace("-", "_")
    ).differences
    return differences


def content(path: Path) -> dict[str, Any]:
    """A golden file's content.

    Raises:
        Unreadable: no such file, not JSON, or without an item and cases.

    """
    try:
        golden = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Unreadable(f"{path} can't be read as JSON: {error}") from error
    if not isinstance(golden, dict) or not isinstance(golden.get("item"), str) or not golden.get("cases"):
        raise Unreadable(
            f"{path} is no golden file: expected an object with 'item' and at least one of 'cases'"
        )
    return golden


def verdicts(path: Path) -> Iterator[tuple[str, str, Difference]]:
    """Item, case and the figure that deviates most (in units of its tolerance), case by case."""
    golden = content(path)
    differences = adapter(golden["item"])
    for case in golden["cases"]:
        yield golden["item"], case["name"], max(differences(case), key=excess)


def excess(difference: Difference) -> float:
    """The deviation in units of its tolerance; infinite where it is not a number."""
    if difference.worst != difference.worst:
        return float("inf")
    return difference.worst / difference.allowed if difference.allowed else difference.worst


def main(paths: list[str]) -> int:
    """Check the files and print a line for each case; the exit code."""
    if not paths:
        print("usage: python tests/golden/check.py FILE...", file=sys.stderr)  # noqa: T201
        return 2
    passed = total = 0
    try:
        for path in paths:
            for item, case, worst in verdicts(Path(path)):
                total, passed = total + 1, passed + worst.small
                verdict = "ok" if worst.small else "DIFFERS"
                deviation = f"{worst.figure} {worst.worst:.2g} (allowed {worst.allowed:.2g})"
                print(f"{item:20} {case:50} {deviation:60} {verdict}")  # noqa: T201
    except Unreadable as error:
        print(f"rhoscope: {error}", file=sys.stderr)  # noqa: T201
        return 2
    print(f"{passed} of {total} cases equal the official values")  # noqa: T201
    return 0 if passed == total else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
