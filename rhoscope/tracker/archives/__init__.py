"""Runs that other trackers have recorded, read from their files: one file here for each format.

A file here has `sources(path)`, the files or folders of runs at a path, and `read(source)`, one run.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

from rhoscope.errors import InvalidInput
from rhoscope.series import LAST_STEP


class Table:
    """Numbers by step and name, as they are read: of one step and name the newest counts."""

    def __init__(self) -> None:
        self.rows: dict[int, dict[str, float]] = {}
        self.times: dict[int, float] = {}
        self.outside = 0
        """Values whose step is none of ours."""
        self.changed = 0
        """Values that took the place of others."""

    def add(self, step: float, when: float, name: str, value: float) -> None:
        """One number; `when` in Unix seconds."""
        if not 0 <= step < LAST_STEP or step != int(step):
            self.outside += 1
            return
        try:
            number = float(value)
        except OverflowError:  # an integer of any length
            number = math.copysign(math.inf, 1 if value > 0 else -1)
        row = self.rows.setdefault(int(step), {})
        self.changed += not math.isnan(number) and row.get(name, number) != number
        row[name] = number
        self.times[int(step)] = when

    def cut(self, step: int) -> None:
        """Forget all from a step on: a resumed program records it again."""
        for later in [one for one in self.rows if one >= step]:
            del self.rows[later], self.times[later]


@dataclass
class Archive:
    """One run of another tracker. `key` tells it from all others, wherever its files lie."""

    key: str
    name: str
    table: Table
    project: str = ""
    config: dict[str, Any] = field(default_factory=dict)
    tags: list[str] = field(default_factory=list)
    notes: str = ""
    state: str = "completed"
    fault: str = ""
    """Why not everything could be read, as a sentence."""


@dataclass(frozen=True)
class Source:
    """A run's files, and the name of their format."""

    format: str
    path: Path

    def read(self) -> Archive:
        """The run.

        Raises:
            InvalidInput: when nothing of it can be read.
            Missing: when it takes a library that is not installed.
        """
        archive: Archive = import_module(f"{__name__}.{self.format}").read(self.path)
        return archive


def sources(path: Path) -> Iterator[Source]:
    """All runs at a path, of all formats.

    Raises:
        InvalidInput: when there is nothing, or nothing that is known.
    """
    formats = sorted(module.name for module in iter_modules(__path__))
    if not path.exists():
        raise InvalidInput(f"There is no file or folder {path}.")
    listed = [
        Source(one, each) for one in formats for each in import_module(f"{__name__}.{one}").sources(path)
    ]
    if not listed:
        known = "event files of TensorBoard (*tfevents*), runs of W&B (*.wandb), or tables (*.csv, *.tsv)"
        raise InvalidInput(f"Nothing in {path} is known; expected {known}.")
    yield from listed


def files(path: Path, pattern: str) -> list[Path]:
    """Files of a name below a folder, in order; or the path itself, when it is one."""
    if path.is_file():
        return [path] if path.match(pattern) else []
    return sorted(one for one in path.rglob(pattern) if one.is_file())
