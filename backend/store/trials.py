"""Searches and their trials: each trial is stored in the transaction that queues its runs."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, func, insert, select, update

from backend.store.schema import runs
from backend.store.search_schema import searches, trials
from rhoscope.search import DEFAULT_TRIALS, Search, SearchState, SearchStatus, SearchTrial, TrialState

Course = Mapping[int, float]
"""Value of the objective by epoch, from 1."""


@dataclass(frozen=True)
class Kept:
    """A trial with what the page need not know: its course, and notes of the sampler and the pruner."""

    trial: SearchTrial
    course: Course
    notes: Mapping[str, Any]


def begin(db: Connection, sweep: str) -> None:
    """Let a sweep be a search that chooses its trials."""
    db.execute(insert(searches).values(sweep=sweep, state=SearchState.RUNNING, reason="", since=0))


def under_way(db: Connection) -> Sequence[str]:
    """Sweeps whose searches go on, or have trials that do."""
    running = select(searches.c.sweep).where(searches.c.state == SearchState.RUNNING)
    training = select(trials.c.sweep).where(trials.c.ended.is_(None))
    return list(dict.fromkeys([*db.execute(running).scalars(), *db.execute(training).scalars()]))


def state(db: Connection, sweep: str) -> tuple[SearchState, str] | None:
    """The state of a search and the reason; None for a sweep that is none."""
    row = db.execute(select(searches.c.state, searches.c.reason).where(searches.c.sweep == sweep)).first()
    return (SearchState(row.state), row.reason) if row else None


def turn(db: Connection, sweep: str, to: SearchState, reason: str = "") -> None:
    """Let a search go on, or end."""
    db.execute(update(searches).where(searches.c.sweep == sweep).values(state=to, reason=reason[:1000]))


def counts(db: Connection, sweep: str) -> tuple[int, int]:
    """How many trials there are, and how many of them have not ended."""
    count = select(func.count()).select_from(trials).where(trials.c.sweep == sweep)
    return db.scalar(count) or 0, db.scalar(count.where(trials.c.ended.is_(None))) or 0


def minutes(db: Connection, sweep: str) -> float:
    """Of training, all runs of a sweep together, as far as they have come."""
    still = func.coalesce(time.time() - runs.c.training_since, 0.0)
    seconds = db.scalar(select(func.sum(runs.c.trained_s + still)).where(runs.c.sweep == sweep))
    return (seconds or 0.0) / 60


def running(db: Connection, sweep: str) -> list[Kept]:
    """Trials that have not ended."""
    return _read(db, (trials.c.sweep == sweep) & trials.c.ended.is_(None))


def newest(db: Connection, sweep: str, most: int) -> list[SearchTrial]:
    """The last trials that have ended since the search was resumed, the newest first."""
    since = select(searches.c.since).where(searches.c.sweep == sweep).scalar_subquery()
    done = (trials.c.sweep == sweep) & trials.c.ended.is_not(None) & (trials.c.number >= since)
    query = select(trials).where(done).order_by(trials.c.number.desc()).limit(most)
    return [_kept(row).trial for row in db.execute(query).mappings()]


def resume(db: Connection, sweep: str) -> None:
    """Let a search go on; what failed before does not count toward giving up again."""
    launched, _ = counts(db, sweep)
    again = {"state": SearchState.RUNNING, "reason": "", "since": launched}
    db.execute(update(searches).where(searches.c.sweep == sweep).values(**again))


def of_sweep(db: Connection, sweep: str) -> list[Kept]:
    """All trials in order."""
    return _read(db, trials.c.sweep == sweep)


def add(db: Connection, sweep: str, kept: Kept) -> None:
    """Store a new trial; its number is new to the sweep. Raises: IntegrityError, when it is not."""
    row = kept.trial.model_dump(mode="json") | {"sweep": sweep, "notes": dict(kept.notes)}
    db.execute(insert(trials).values(**row, course=dict(kept.course)))


def note(db: Connection, sweep: str, number: int, notes: Mapping[str, Any]) -> None:
    """Keep what the pruner noted on a trial that goes on."""
    here = (trials.c.sweep == sweep) & (trials.c.number == number)
    db.execute(update(trials).where(here).values(notes=dict(notes)))


def end(db: Connection, sweep: str, kept: Kept) -> None:
    """Store what came of a trial."""
    one = kept.trial
    here = (trials.c.sweep == sweep) & (trials.c.number == one.number)
    changes = {"state": one.state, "value": one.value, "reason": one.reason[:1000], "ended": time.time()}
    db.execute(update(trials).where(here).values(**changes, course=dict(kept.course)))


def status(db: Connection, sweep: str, search: Search | None) -> SearchStatus | None:
    """How far a search is; None for a sweep that is none."""
    if search is None:
        return None
    now = state(db, sweep)
    if now is None:
        return None
    launched, training = counts(db, sweep)
    return SearchStatus(
        state=now[0],
        reason=now[1],
        planned=search.trials or DEFAULT_TRIALS,
        launched=launched,
        ended=launched - training,
        best=_best(db, sweep, maximizes=search.maximizes),
    )


def _best(db: Connection, sweep: str, *, maximizes: bool) -> SearchTrial | None:
    order = trials.c.value.desc() if maximizes else trials.c.value.asc()
    done = (trials.c.sweep == sweep) & (trials.c.state == TrialState.COMPLETED)
    row = db.execute(select(trials).where(done).order_by(order, trials.c.number).limit(1)).mappings().first()
    return _kept(row).trial if row else None


def _read(db: Connection, which: ColumnElement[bool]) -> list[Kept]:
    query = select(trials).where(which).order_by(trials.c.number)
    return [_kept(row) for row in db.execute(query).mappings()]


def _kept(row: RowMapping) -> Kept:
    course = {int(epoch): value for epoch, value in row["course"].items()}
    return Kept(SearchTrial.model_validate({**row}), course, row["notes"])
