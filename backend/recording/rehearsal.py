"""A rule held against the runs there are: in how many of them it would have fired."""

from fnmatch import fnmatchcase

from sqlalchemy import Connection

from backend.recording.streaks import Streaks
from backend.store import rows, runs
from rhoscope.alerts import Alert, AlertRule, Rehearsal
from rhoscope.runs import Run

MOST = 12
"""Newest runs that are looked at."""
SEARCHED = 200
"""Newest runs among which those that a rule is for are searched."""


def rehearse(db: Connection, rule: AlertRule) -> Rehearsal:
    """The newest runs that recorded what the rule looks at, and those of them in which it would have fired.

    A rule on stalled runs looks at clocks, of which nothing is stored: no run counts.
    """
    fired, count = [], 0
    for run in [] if rule.stalls else _newest(db, rule):
        curves = {n: c for n, c in rows.read(db, run.id, _names(run, rule)).items() if len(c[0])}
        if not curves:
            continue
        count += 1
        if any(_fires(rule, run, name, curve) for name, curve in curves.items()):
            fired.append(run.id)
        if count == MOST:
            break
    return Rehearsal(runs=count, fired=fired)


def _newest(db: Connection, rule: AlertRule) -> list[Run]:
    ids = [rule.run] if rule.run else runs.newest(db, SEARCHED if rule.tag else MOST)
    members = runs.of_ids(db, ids)
    return [run for run in members if rule.watches(run.id, run.tags)]


def _names(run: Run, rule: AlertRule) -> list[str]:
    return [series.name for series in run.series if fnmatchcase(series.name, rule.series)]


def _fires(rule: AlertRule, run: Run, name: str, curve: rows.Curve) -> bool:
    steps, values = curve
    streaks = Streaks(Alert(id="", created=0, armed=0, **rule.model_dump()), set(), spacing(run))
    if any(series.name == name and series.sparse for series in run.series):
        pairs = zip(steps.tolist(), values.tolist(), strict=True)
        return any(streaks.values(step, {name: value}, _nothing) for step, value in pairs)
    return bool(streaks.rows([name], steps, values[None], _nothing))


def spacing(run: Run) -> int:
    """Steps from one recorded step to the next."""
    steps = run.settings.get("log_every")
    return max(1, steps) if isinstance(steps, int) else 1


def _nothing(_names: list[str], _start: int, _end: int) -> dict[str, rows.Curve]:
    return {}
