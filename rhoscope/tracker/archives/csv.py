"""Tables of comma-separated values: a row per step, a column per series, as loggers write them."""

import csv
import platform
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

from rhoscope.errors import InvalidInput
from rhoscope.tracker.archives import Archive, Table, files

STEPS = ("step", "global_step", "_step", "steps", "iteration", "iter", "epoch")
TIMES = ("time", "timestamp", "_timestamp", "wall time", "wall_time", "date")
_SAMPLE = 64 * 1024


def sources(path: Path) -> list[Path]:
    """Files of these names."""
    return sorted({*files(path, "*.csv"), *files(path, "*.tsv")})


def read(source: Path) -> Archive:
    """A run: its steps are the column of that name, or else the numbers of its rows.

    Raises:
        InvalidInput: when it is no table, or has no column with numbers.
    """
    try:
        with source.open(encoding="utf-8-sig", newline="") as file:
            sample = file.read(_SAMPLE)
            file.seek(0)
            rows = csv.DictReader(file, delimiter=_delimiter(sample), restkey="", restval="")
            table, columns = _table(rows), list(rows.fieldnames or [])
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InvalidInput(f"{source} is no table of comma-separated values ({error}).") from error
    if not table.rows:
        raise InvalidInput(
            f"{source} has no column with numbers; its columns are {', '.join(columns)[:200]}."
        )
    # no name is in such a file, so it is known by its place
    key = f"csv {platform.node()} {source.resolve()}"
    return Archive(key, source.stem, table)


def _delimiter(sample: str) -> str:
    try:
        return csv.Sniffer().sniff(sample.partition("\n")[0], ",;\t").delimiter
    except csv.Error:
        return ","


def _table(rows: "csv.DictReader[str]") -> Table:
    names = {name.strip().lower(): name for name in reversed(rows.fieldnames or [])}
    steps = next((names[one] for one in STEPS if one in names), None)
    times = next((names[one] for one in TIMES if one in names), None)
    listed = list(rows)
    table = _filled(listed, steps, times)
    if steps is not None and table.changed and _ascend([row[steps] for row in listed]):
        return _filled(
            listed, None, times
        )  # rows of one step, as batches of an epoch, are steps of their own
    return table


def _ascend(column: Sequence[str]) -> bool:
    """Whether steps never go back, as they do in a program that was resumed."""
    numbers = [number for text in column if (number := _number(text)) is not None]
    return all(a <= b for a, b in pairwise(numbers))


def _filled(rows: Sequence[Mapping[str, str]], steps: str | None, times: str | None) -> Table:
    table, when = Table(), 0.0
    for number, row in enumerate(rows):
        step = number if steps is None else _number(row[steps])
        if step is None:
            continue
        when = when if times is None else _time(row[times], when)
        for name, value in _numbers(row, {steps, times}).items():
            table.add(step, when, name, value)
    return table


def _numbers(row: Mapping[str, str], without: set[str | None]) -> dict[str, float]:
    read = {name: _number(text) for name, text in row.items() if name and name not in without}
    return {name.strip(): value for name, value in read.items() if value is not None and name.strip()}


def _number(text: str) -> float | None:
    try:
        return None if "_" in text else float(text)
    except (TypeError, ValueError):
        return None


def _time(text: str, before: float) -> float:
    """Unix seconds, out of these or of a date; where it is neither, the time before."""
    number = _number(text)
    if number is not None:
        return number if 0 < number < 2**40 else before
    try:
        date = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return before
    return (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp()
