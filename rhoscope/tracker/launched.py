"""A run that a worker of rhoscope started: which one this program is, and what it has been ordered.

Its journal and its orders are files that the worker reads and writes; the program needs no address and no
token.
"""

import os
import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from rhoscope.guests import Numbered
from rhoscope.keys import RUN_ID
from rhoscope.tracker.attempt import MEDIA

RUN, ATTEMPT, DIR = "RHOSCOPE_RUN", "RHOSCOPE_ATTEMPT", "RHOSCOPE_DIR"
RESUME_FROM, RESUME_STEP = "RHOSCOPE_RESUME_FROM", "RHOSCOPE_RESUME_STEP"
MOST_JOURNALS = 1000
"""Processes of one attempt that report one after the other."""


@dataclass(frozen=True)
class Launched:
    """One attempt at a launched run. `folder` is the run's own on this machine."""

    run: str
    attempt: int
    folder: Path

    @classmethod
    def present(cls, environment: Mapping[str, str] = os.environ) -> "Launched | None":
        """The attempt that this process is part of; None where nobody launched it."""
        run, attempt, folder = (environment.get(name, "") for name in (RUN, ATTEMPT, DIR))
        if not re.fullmatch(RUN_ID, run) or not re.fullmatch(r"[1-9]\d{0,8}", attempt) or not folder:
            return None
        return cls(run, int(attempt), Path(folder) / run)

    def environment(self) -> dict[str, str]:
        """The variables by which a process finds its attempt."""
        return {RUN: self.run, ATTEMPT: str(self.attempt), DIR: str(self.folder.parent)}

    def journal(self, place: int) -> Path:
        """The journal of the attempt's first, second, ... process that reports; `place` from 1."""
        return self.folder / f"launched-{self.attempt}-{place}.rj"

    def free_journal(self) -> Path:
        """The next one that nobody has begun. Raises: OSError, when there are too many."""
        for place in range(1, MOST_JOURNALS):
            if not self.journal(place).exists():
                return self.journal(place)
        raise OSError(f"more than {MOST_JOURNALS} processes reported as one attempt")

    @property
    def media(self) -> Path:
        """The folder of pictures, sounds, texts, and tables, each under its digest."""
        return self.folder / MEDIA

    def clear(self) -> None:
        """Remove the files between program and worker, of this attempt and all before it."""
        shutil.rmtree(self.media, ignore_errors=True)
        for path in [*self.folder.glob("launched-*.rj"), *self.folder.glob("orders-*.jsonl")]:
            if int(re.sub(r"\D*(\d+).*", r"\1", path.name)) <= self.attempt:
                path.unlink(missing_ok=True)

    @property
    def orders(self) -> Path:
        """The file of orders: one Numbered as JSON per line."""
        return self.folder / f"orders-{self.attempt}.jsonl"


class Orders:
    """Orders as they are appended to a file; a line that is not whole yet waits."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._place = 0

    def read(self) -> Iterator[Numbered]:
        """Those that came since the last time."""
        try:
            with self._path.open("rb") as file:
                file.seek(self._place)
                whole, end, _ = file.read().rpartition(b"\n")
        except OSError:
            return
        self._place += len(whole) + len(end)
        for line in whole.splitlines():
            try:
                yield Numbered.model_validate_json(line)
            except ValidationError:
                continue


def append(path: Path, order: Numbered) -> None:
    """Add one order. Raises: OSError."""
    with path.open("ab") as file:
        file.write(order.model_dump_json().encode() + b"\n")
