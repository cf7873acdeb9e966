"""Logs of programs that run for months: bounded, the newest lines kept."""

import shutil
from pathlib import Path

LARGEST_BYTES = 16 * 2**20
KEPT = 3
"""Older parts of a log, as `backend.log.1` to `.3`."""


def rotate(log: Path, largest: int = LARGEST_BYTES) -> bool:
    """Move what a log holds into an older part when it is larger than `largest` bytes; whether it was.

    Its program goes on appending to the same file. A line written in that very moment may be lost.
    """
    try:
        if log.stat().st_size <= largest:
            return False
        for number in range(KEPT - 1, 0, -1):
            older = log.with_name(f"{log.name}.{number}")
            if older.exists():
                older.replace(log.with_name(f"{log.name}.{number + 1}"))
        shutil.copy(log, log.with_name(f"{log.name}.1"))
        with log.open("r+b") as file:
            file.truncate(0)
    except OSError:  # a full disk: the log stays, and is tried again
        return False
    return True
