"""A transaction of many runs: all blocks go in by one statement, all that they changed by another or two."""

from typing import Any

from sqlalchemy import Connection, bindparam, update

from backend.store import growth, rows
from backend.store.schema import runs
from rhoscope.states import FINAL

MOST_COMPACTIONS = 8
"""Tails of running runs that become chunks in one transaction; those of more runs wait for the next ones."""
CHANGE = update(runs).where(runs.c.id == bindparam("of_run"))
"""Built once: building it for each commit took longer than what the database does for it."""
Row = dict[str, Any]


class Writes:
    """Blocks and changes of a transaction that go in together; `settle` before anything reads blocks."""

    def __init__(self, db: Connection) -> None:
        self.db = db
        self._blocks: list[Row] = []
        self._waiting: set[str] = set()
        self._changes: list[tuple[str, Row]] = []
        self._compactions = 0

    def add(self, run: str, block: Row) -> None:
        """Append a row of `rows.row_of`; earlier blocks of its run can be read from then on."""
        if run in self._waiting:
            self.settle()
        self._waiting.add(run)
        self._blocks.append(block)

    def change(self, run: str, row: Row) -> None:
        """Note what blocks changed of a run: `growth.COLUMNS`; `beside` says that some are in `growth`."""
        self._changes.append((run, row))

    def compact(self, run: str, row: Row) -> None:
        """Turn the run's tail into chunks where it is long enough, or ended."""
        ended = row["state"] in FINAL and row["tail_rows"]
        if not ended and (row["tail_rows"] < rows.CHUNK_ROWS or self._compactions >= MOST_COMPACTIONS):
            return
        self.settle()
        rows.compact(self.db, run)
        row["tail_rows"] = 0
        self._compactions += 1

    def settle(self) -> None:
        """Write all blocks that wait."""
        if self._blocks:
            rows.add(self.db, self._blocks)
        self._blocks = []
        self._waiting.clear()

    def end(self) -> None:
        """Write all that waits."""
        self.settle()
        growth.note(self.db, ((run, row, bool(row["beside"])) for run, row in self._changes))
