"""Looks at what is recorded with the eyes of those who set alerts, so that they hold with no page open.

What is known of a run is a reading of the store: forgotten whenever in doubt, and read again. What fired is
written in the transaction that stored what it fired for, so that nothing fires twice.
"""

import time
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from functools import partial

from sqlalchemy import Connection

from backend.recording.rehearsal import spacing
from backend.recording.streaks import Streaks
from backend.store import Store, alerts, events, rows, runs
from rhoscope.alerts import Alert, Fired
from rhoscope.records import Block, Event
from rhoscope.runs import Run
from rhoscope.states import RunState


@dataclass
class _Watched:
    """A run, its last step seen, and the rules that are for it."""

    streaks: list[Streaks]
    end: int = -1


@dataclass
class _Still:
    """A running run that does not move: where, since when (monotonic seconds), and which rules said so."""

    place: tuple[int, int]
    since: float
    fired: set[str] = field(default_factory=set)


class Alerts:
    """The rules over every run. All but `renew` belongs to the recorder's thread."""

    def __init__(self) -> None:
        self._version: object = object()
        self._read: object = None
        self._rules: dict[str, Alert] = {}
        self._looks = False
        self._watched: dict[str, _Watched] = {}
        self._still: dict[str, _Still] = {}

    def renew(self) -> None:
        """Rules or a run's tags were changed; from any thread, after the commit."""
        self._version = object()

    def forget(self, ids: Iterable[str]) -> None:
        """Read again what is known of these runs."""
        for run in ids:
            self._watched.pop(run, None)

    def keep(self, ids: Collection[str]) -> None:
        """Forget all runs but these."""
        self.forget([run for run in self._watched if run not in ids])

    def doubt(self) -> None:
        """Redis or the store was away: nobody can say who stands still."""
        self._still.clear()

    def look(self, db: Connection, run: str, content: Block | Event) -> list[Event]:
        """Alerts that fire for a block or event just stored, as events of the run."""
        self._read_rules(db)
        if not self._looks:
            return []
        if isinstance(content, Block):
            return self._block(db, run, content)
        if content.kind in ("started", "setting", "finished"):
            self.forget([run])
        if content.kind == "values" and (values := content.values()):
            hits = [
                (streaks.alert, *one)
                for streaks in self._of(db, run).streaks
                for one in streaks.values(content.step, values, partial(rows.read_sparse, db, run))
            ]
            return [_fire(db, run, content.attempt, *one) for one in hits]
        return []

    def stalled(self, store: Store, now: float) -> list[tuple[int, Event]]:
        """Events of running runs that stand still, each with its number; `now` in monotonic seconds."""
        with store.reading() as db:
            self._read_rules(db)
            rules = [rule for rule in self._rules.values() if rule.stalls]
            running = runs.in_states(db, [RunState.RUNNING]) if rules else []
            due = [pair for run in running for pair in self._stands(run, rules, now)]
            done = {run.id: alerts.done(db, run.id, self._rules) for run, _ in due}
        self._still = {run.id: self._still[run.id] for run in running}
        new = [(run, rule) for run, rule in due if (rule.id, "", run.step) not in done[run.id]]
        if new:
            with store.writing() as db:
                fresh = [_fire(db, r.id, r.attempt, rule, "", r.step, self._age(r, now)) for r, rule in new]
                numbers = [events.add(db, event) for event in fresh]
            return list(zip(numbers, fresh, strict=True))
        return []

    def _stands(self, run: Run, rules: list[Alert], now: float) -> list[tuple[Run, Alert]]:
        place = (run.attempt, run.step)
        still = self._still.get(run.id)
        if still is None or still.place != place:
            still = self._still[run.id] = _Still(place, now)
        quiet = now - still.since - _unrecorded_s(run)
        due = [rule for rule in rules if quiet >= rule.seconds and rule.watches(run.id, run.tags)]
        new = [rule for rule in due if rule.id not in still.fired]
        still.fired |= {rule.id for rule in new}
        return [(run, rule) for rule in new]

    def _age(self, run: Run, now: float) -> float:
        return round(now - self._still[run.id].since, 1)

    def _block(self, db: Connection, run: str, block: Block) -> list[Event]:
        first = int(block.steps[0])
        watched = self._of(db, run)
        if first <= watched.end:
            self.forget([run])
            watched = self._of(db, run)
        watched.end = int(block.steps[-1])
        hits = [
            (streaks.alert, *one)
            for streaks in watched.streaks
            for one in streaks.rows(
                block.header.names, block.steps, block.values, partial(rows.read, db, run)
            )
        ]
        return [_fire(db, run, block.header.attempt, *one) for one in hits]

    def _of(self, db: Connection, run: str) -> _Watched:
        """The rules that watch this run, with their streaks; other rules are not consulted again."""
        if run not in self._watched:
            (row,) = runs.of_ids(db, [run], series=False)
            rules = [r for r in self._rules.values() if r.watches(run, row.tags) and not r.stalls]
            done = alerts.done(db, run, self._rules) if rules else set()
            fired = {r.id: {series for alert, series, _ in done if alert == r.id} for r in rules}
            self._watched[run] = _Watched([Streaks(r, fired[r.id], spacing(row)) for r in rules])
        return self._watched[run]

    def _read_rules(self, db: Connection) -> None:
        version = self._version
        if self._read is not version:
            self._rules = {rule.id: rule for rule in alerts.all_of(db) if rule.enabled}
            self._looks = not all(rule.stalls for rule in self._rules.values())
            self._read = version
            self._watched.clear()
            for still in self._still.values():  # a rule that was changed may speak again; the clocks go on
                still.fired.clear()


def _unrecorded_s(run: Run) -> float:
    """Usual seconds spent on the unrecorded steps between two recorded ones, 0 while unknown."""
    pace, size = run.steps_per_s, run.settings.get("batch_size")
    if not pace and isinstance(size, int) and size > 0:  # of one row there is no pace yet
        pace = run.last.get("throughput", 0.0) / size
    return (spacing(run) - 1) / pace if pace and pace > 0 else 0.0


def _fire(  # one row of what fired and the event that tells of it
    db: Connection, run: str, attempt: int, alert: Alert, series: str, step: int, value: float
) -> Event:
    fired: Fired = alerts.fire(db, alert, series, run=run, attempt=attempt, step=step, value=value)
    return Event(run=run, attempt=attempt, kind="alert", step=step, time=time.time(), data=fired.data())
