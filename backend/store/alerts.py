"""The rules that people set, and what fired: written in the transaction that stored what it fired for."""

import time
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, func, insert, select, update

from backend.store.runs import new_id
from backend.store.schema import alerts, fired, runs
from rhoscope.alerts import Alert, AlertRule, Fired
from rhoscope.errors import Conflict, InvalidInput, NotFound

MOST = 100
"""Rules there can be; each is looked at with every block."""
_QUIET = {"enabled"}
"""Changed without firing anew."""


def all_of(db: Connection) -> list[Alert]:
    """Every rule, oldest first."""
    query = select(alerts).order_by(alerts.c.created, alerts.c.id)
    return [_alert(row) for row in db.execute(query).mappings()]


def get(db: Connection, alert: str) -> Alert:
    """Raises: NotFound."""
    row = db.execute(select(alerts).where(alerts.c.id == alert)).mappings().first()
    if row is None:
        raise NotFound(f"There is no alert '{alert}'.")
    return _alert(row)


def create(db: Connection, rule: AlertRule) -> Alert:
    """Keep a rule. Raises: InvalidInput, for a run that there is not; Conflict, when there are too many."""
    count = db.scalar(select(func.count()).select_from(alerts)) or 0
    if count >= MOST:
        raise Conflict(f"There are {count} alerts, the maximum; delete one first.")
    _check(db, rule)
    alert, now = new_id(), time.time()
    db.execute(insert(alerts).values(id=alert, created=now, armed=now, **_columns(rule)))
    return get(db, alert)


def edit(db: Connection, alert: str, rule: AlertRule) -> Alert:
    """Let a rule say something else. Raises: NotFound; InvalidInput, for a run that there is not."""
    before = get(db, alert).rule()
    _check(db, rule)
    changed = {name: value for name, value in rule if getattr(before, name) != value}
    armed = {"armed": time.time()} if changed.keys() - _QUIET else {}
    db.execute(update(alerts).where(alerts.c.id == alert).values(**_columns(rule), **armed))
    return get(db, alert)


def remove(db: Connection, alert: str) -> None:
    """Forget a rule; what it fired stays. Raises: NotFound."""
    get(db, alert)
    db.execute(delete(alerts).where(alerts.c.id == alert))


def fire(db: Connection, alert: Alert, series: str, **about: Any) -> Fired:
    """Note that it fired; `about`: run, attempt, step, value."""
    row = {"alert": alert.id, "words": alert.says(series), "series": series, "time": time.time(), **about}
    key = db.execute(insert(fired).values(**row)).inserted_primary_key
    return Fired(id=int(key[0]) if key else 0, name="", **row)


def done(db: Connection, run: str, rules: Mapping[str, Alert]) -> set[tuple[str, str, int]]:
    """Alerts of a run since each of these rules was last changed: alert, series and step."""
    query = select(fired.c.alert, fired.c.series, fired.c.step, fired.c.time).where(fired.c.run == run)
    return {
        (row.alert, row.series, row.step)
        for row in db.execute(query)
        if row.alert in rules and row.time >= rules[row.alert].armed
    }


def newest(db: Connection, run: str, limit: int) -> list[Fired]:
    """The latest alerts that fired, newest first; of one run, or of all when `run` is empty."""
    query = select(fired, runs.c.name).join(runs, runs.c.id == fired.c.run)
    if run:
        query = query.where(fired.c.run == run)
    rows = db.execute(query.order_by(fired.c.id.desc()).limit(limit)).mappings()
    return [Fired.model_validate(dict(row)) for row in rows]


def _check(db: Connection, rule: AlertRule) -> None:
    if rule.run and not db.scalar(select(runs.c.id).where(runs.c.id == rule.run)):
        message = f"there is no run '{rule.run}'; leave it empty for all runs"
        raise InvalidInput.field("run", message, rule.run)


def _columns(rule: AlertRule) -> dict[str, Any]:
    return rule.model_dump(include=set(AlertRule.model_fields)) | {"run": rule.run or None}


def _alert(row: RowMapping) -> Alert:
    alert = Alert.model_validate({**row, "run": row["run"] or ""})
    return alert.model_copy(update={"words": alert.says()})
