"""The course of a run: what was changed while it trained, and how long it trained.

A run that was steered is filed under all that it was trained with, in order, and never under the last of it.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, case, func

from backend.store.schema import runs

STEERED = "steered: "
"""Before the values of something that was changed while a run trained."""
THEN = " → "


def extended(before: str, old: Any, new: Any) -> str:
    """The values of one setting in order, once more was changed; empty where nothing was.

    >>> extended("", 0.8, 0.3), extended("steered: 0.8 → 0.3", 0.3, 1), extended("", 1.0, 1)
    ('steered: 0.8 → 0.3', 'steered: 0.8 → 0.3 → 1', '')
    """
    words = before or f"{STEERED}{_shown(old)}"
    last = words.removeprefix(STEERED).rsplit(THEN, 1)[-1]
    return before if last == _shown(new) else f"{words}{THEN}{_shown(new)}"


def until(whole: Mapping[str, str], own: Mapping[str, str], part: Mapping[str, str]) -> dict[str, str]:
    """A course as it was when of a run's `own` changes only a `part` had been made.

    >>> until({"alpha": "steered: 1 → 0.8 → 0.3"}, {"alpha": "steered: 0.8 → 0.3"}, {})
    {'alpha': 'steered: 1 → 0.8'}
    """
    values = {}
    for name, words in whole.items():
        changes = own.get(name, "")
        later = changes.removeprefix(part.get(name, changes.split(THEN)[0]))
        values[name] = words.removesuffix(later)
    return {name: words for name, words in values.items() if THEN in words}


def replayed(changes: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """The course that these changes make: each names its `setting`, `old` and `new` value."""
    course: dict[str, str] = {}
    for change in changes:
        name = str(change.get("setting"))
        if words := extended(course.get(name, ""), change.get("old"), change.get("new")):
            course[name] = words
    return course


def started(row: dict[str, Any], time: float) -> None:
    """Training begins at `time`, in Unix seconds; what an attempt before left open ends with its last row."""
    ended(row, row["rows_time"])
    row["training_since"] = time


def ended(row: dict[str, Any], time: float) -> None:
    """Training pauses or ends at `time`, in Unix seconds."""
    if row["training_since"] is not None:
        row["trained_s"] += max(0.0, time - row["training_since"])
        row["training_since"] = None


def closed() -> dict[str, Any]:
    """The change of a run's row whose training ended without a word: with its last row."""
    stretch = case(
        (runs.c.rows_time > runs.c.training_since, runs.c.rows_time - runs.c.training_since), else_=0.0
    )
    return {"trained_s": runs.c.trained_s + stretch, "training_since": None}


def seconds(now: float) -> ColumnElement[Any]:
    """Seconds of training until `now`, without pauses and waits; NULL for a run that was never started."""
    stretch = func.coalesce(now - runs.c.training_since, 0.0)
    return case((runs.c.started.is_not(None), runs.c.trained_s + stretch))


def _shown(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return "none" if value is None else str(value).lower()
    return f"{value:.15g}" if isinstance(value, float) else str(value)
