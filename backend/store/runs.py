"""The runs: made, found, edited, moved from state to state."""

import secrets
import time
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Connection, delete, func, insert, select, type_coerce, update

from backend.store import checkpoints, course, events, growth
from backend.store.declarations import declared, specified
from backend.store.doing import doing
from backend.store.growth import WITH_GROWTH, grown
from backend.store.schema import Words, idempotency, runs
from backend.store.search import folded
from rhoscope.errors import Conflict, Corrupt, InvalidInput, NotFound
from rhoscope.records import Event
from rhoscope.runs import Run
from rhoscope.series import LAST_STEP
from rhoscope.spec import RunSpec
from rhoscope.states import DELETABLE, FINAL, RunState

MOST_RELATIVES = 1000
MOST_TAGS = 50
UNREADABLE = "The store's row of this run can't be read"
_SURE = ("id", "name", "attempt", "step", "epoch", "created", "priority")
_TEXTS = ("series", "spec")
_LISTED = [
    grown(name) if name in growth.COLUMNS else runs.c[name]
    for name in Run.model_fields
    if name in runs.c and name not in _TEXTS
]
_LISTED.append(type_coerce(runs.c.spec, Words).label("spec"))
_PLACE = [grown("cursor_attempt"), grown("cursor_seq")]
_OUTSIDE = [*_LISTED, type_coerce(runs.c.series, Words).label("series")]


def new_id() -> str:
    """A name that nothing else has: 12 hexadecimal digits."""
    return secrets.token_hex(6)


def create(
    db: Connection, spec: RunSpec, settings: Mapping[str, Any], sweep: str | None = None, id: str = ""
) -> str:
    """Queue one run with these settings in force; its id. A guest's is given, and it starts at once."""
    now = time.time()
    run = id or new_id()
    inherited = checkpoints.inherited_course(db, spec, settings)
    row = {
        "id": run,
        "name": spec.title(),
        "folded": folded(spec.title()),
        "spec": spec.model_dump(mode="json"),
        "settings": dict(settings),
        "strategy": inherited.get("strategy", spec.strategy),
        "dataset": spec.dataset,
        "fusion": spec.fusion,
        "program": spec.program,
        "tags": spec.tags,
        "notes": spec.notes,
        "sweep": sweep,
        "parent": spec.origin.run if spec.origin else None,
        "parent_step": spec.origin.step if spec.origin else None,
        "state": RunState.QUEUED if spec.leased else RunState.STARTING,
        "attempt": 1,
        "created": now,
        "changed": now,
        "priority": spec.priority,
        "open": True,
        "rows_end": -1,
    }
    row |= dict.fromkeys(("reason", "worker", "device"), "")
    row |= {"modalities": [], "series": [], "last": {}, "best": {}, "course": inherited}
    row |= dict.fromkeys(
        ("losses", "step", "epoch", "cursor_attempt", "cursor_seq", "rows_attempt", "rows_time", "tail_rows"),
        0,
    )
    db.execute(insert(runs).values(**row, doing=doing(row)))
    return run


def get(db: Connection, run: str) -> Run:
    """Raises: NotFound."""
    row = db.execute(_selected(_OUTSIDE).where(runs.c.id == run)).mappings().first()
    if row is None:
        raise NotFound(f"There is no run '{run}'.")
    return to_run(row)


def of_ids(db: Connection, ids: Collection[str], *, series: bool = True) -> list[Run]:
    """Those of these runs that exist, perhaps without their series declarations."""
    columns = _OUTSIDE if series else _LISTED
    return [to_run(row) for row in db.execute(_selected(columns).where(runs.c.id.in_(ids))).mappings()]


def newest(db: Connection, limit: int) -> list[str]:
    """Ids of the newest runs that took a step."""
    grew = growth.looked_up(db, "step") > 0
    query = select(runs.c.id).where(grew).order_by(runs.c.created.desc(), runs.c.id)
    return list(db.scalars(query.limit(limit)))


def of_sweep(db: Connection, sweep: str) -> list[Run]:
    """A sweep's runs as they were made, without their series declarations."""
    query = listed().where(runs.c.sweep == sweep).order_by(runs.c.created, runs.c.id)
    return [to_run(row) for row in db.execute(query).mappings()]


def in_states(db: Connection, states: Collection[RunState]) -> list[Run]:
    """Runs in these states, oldest first, without their series declarations."""
    query = listed().where(runs.c.state.in_(states)).order_by(runs.c.created, runs.c.id)
    return [to_run(row) for row in db.execute(query).mappings()]


def listed() -> Any:
    """The columns of a run in a list, to be narrowed and sorted."""
    return _selected(_LISTED)


def _selected(columns: Sequence[Any]) -> Any:
    return select(*columns).select_from(WITH_GROWTH)


def to_run(row: Mapping[Any, Any]) -> Run:
    """A row as everybody outside sees it."""
    total, step, state, pace = row["total_steps"], row["step"], row["state"], row["steps_per_s"]
    share = min(1.0, step / total) if total else 0.0
    left = max(0, total - step) / pace if total and pace and state == RunState.RUNNING else None
    progress = 1.0 if state == RunState.COMPLETED else share
    derived: dict[str, Any] = {"progress": progress, "eta_s": left}
    try:
        if "series" in row:
            derived["series"] = declared(row["series"])
        return Run.model_validate({**row, **derived, "spec": specified(row["spec"])})
    except (ValidationError, InvalidInput) as error:
        return _unreadable(row, error)


def _unreadable(row: Mapping[Any, Any], error: Exception) -> Run:
    """As much as can be shown of a run whose row does not fit, so that all others are listed beside it."""
    reason = f"{UNREADABLE}: {str(error)[:500]}"
    kept = {name: row[name] for name in _SURE if isinstance(row[name], str | int | float)}
    state = RunState(row["state"]) if row["state"] in set(RunState) else RunState.FAILED
    return Run.model_construct(**kept, spec=RunSpec(), settings={}, reason=reason, state=state)


def readable(db: Connection, run: str) -> Run:
    """As `get`, for whoever acts on it. Raises: NotFound; Corrupt, when its row does not fit."""
    present = get(db, run)
    if present.reason.startswith(UNREADABLE):
        raise Corrupt(f"Run '{run}' can't be trained. {present.reason}")
    return present


def lineage(db: Connection, run: str) -> list[tuple[str, int]]:
    """The run and its ancestors, the oldest first, each with the step where its descendant took over.

    The run's own is the largest step there can be. An ancestor that was deleted ends the line.
    """
    line: list[tuple[str, int]] = []
    current, end = run, LAST_STEP
    while current and current not in dict(line):
        row = db.execute(select(runs.c.parent, runs.c.parent_step).where(runs.c.id == current)).first()
        if row is None:
            break
        line.append((current, end))
        current, end = row.parent, min(end, row.parent_step or 0)
    return line[::-1]


def family(db: Connection, run: str) -> list[Run]:
    """The run, its oldest ancestor that there is, and all that descend from that; parents before children."""
    members: dict[str, Run] = {}
    wave = [lineage(db, run)[0][0]]
    while wave and len(members) < MOST_RELATIVES:
        members |= {one.id: one for one in sorted(of_ids(db, wave), key=lambda one: (one.created, one.id))}
        children = db.execute(select(runs.c.id).where(runs.c.parent.in_(wave)).order_by(runs.c.created))
        wave = [one for one in children.scalars() if one not in members]
    return list(members.values())


def edit(db: Connection, run: str, changes: Mapping[str, Any]) -> Run:
    """Change name, tags, notes or priority. Raises: NotFound."""
    get(db, run)
    if changes:
        searched = {"folded": folded(changes["name"])} if "name" in changes else {}
        db.execute(update(runs).where(runs.c.id == run).values(**changes, **searched))
    return get(db, run)


def tag(db: Connection, run: str, add: Sequence[str], remove: Sequence[str]) -> None:
    """Add and take away tags. Raises: NotFound; Conflict, when it had more than MOST_TAGS then."""
    before = get(db, run).tags
    now = [*dict.fromkeys([*(one for one in before if one not in remove), *add])]
    if len(now) > MOST_TAGS:
        raise Conflict(f"Run '{run}' would have {len(now)} tags; {MOST_TAGS} are allowed.")
    if now != before:
        db.execute(update(runs).where(runs.c.id == run).values(tags=now))


def move(db: Connection, run: Run, to: RunState, reason: str = "", **changes: Any) -> Event | None:
    """From the state and attempt we saw to another, with a `state` event; None when it moved meanwhile."""
    now = time.time()
    growth.fold(db, [run.id])
    if to in FINAL:
        changes["finished"] = now
    if to not in (RunState.RUNNING, RunState.STOPPING, RunState.PAUSING):
        changes |= {"steps_per_s": None, **course.closed()}
    unchanged = (runs.c.id == run.id) & (runs.c.state == run.state) & (runs.c.attempt == run.attempt)
    moved = update(runs).where(unchanged).values(state=to, reason=reason, changed=now, **changes)
    if not db.execute(moved).rowcount:
        return None
    data = {"state": to.value, "reason": reason}
    event = Event(run=run.id, attempt=run.attempt, kind="state", step=run.step, time=now, data=data)
    events.add(db, event)
    return event


def lose(db: Connection, run: Run, reason: str) -> bool:
    """The attempt died without an outcome: the next one, or the end when its executions are used up."""
    losses = db.scalar(select(runs.c.losses).where(runs.c.id == run.id)) or 0
    gone = Event(
        run=run.id, attempt=run.attempt, kind="lost", step=run.step, time=time.time(), data={"reason": reason}
    )
    if losses + 1 < run.spec.max_attempts:
        again = {"losses": losses + 1, "attempt": run.attempt + 1, "worker": ""}
        moved = move(db, run, RunState.QUEUED, f"{reason} Attempt {run.attempt + 1} is queued.", **again)
    else:
        end = f"{reason} That was attempt {run.attempt}, the last of {run.spec.max_attempts} allowed."
        moved = move(db, run, RunState.LOST, end, losses=losses + 1)
    if moved:
        events.add(db, gone)
    return moved is not None


def remove(db: Connection, run: str) -> None:
    """Forget an ended or paused run and all its rows. Raises: NotFound, Conflict."""
    present = get(db, run)
    if present.state not in DELETABLE:
        raise Conflict(f"Run '{run}' is {present.state}; stop it first.")
    if fork := _waiting_fork(db, run):
        raise Conflict(
            f"Run '{fork}' was forked from run '{run}' and still needs its checkpoint; stop it first."
        )
    db.execute(delete(idempotency).where(idempotency.c.answer == run))
    db.execute(delete(runs).where(runs.c.id == run))


def _waiting_fork(db: Connection, run: str) -> str | None:
    """A fork that has not ended and, without a checkpoint of its own, would begin from this run's again."""
    forks = select(runs.c.id).where(runs.c.parent == run, runs.c.state.not_in(FINAL))
    for fork in db.execute(forks).scalars():
        if not events.of_run(db, fork, ["checkpoint"], limit=1):
            return str(fork)
    return None


def watched(db: Connection, queued: int) -> dict[str, tuple[int, int]]:
    """Stream positions of the runs whose streams may still grow; of queued ones the oldest `queued`."""
    places = _selected([runs.c.id, *_PLACE])
    waits = (runs.c.state == RunState.QUEUED) & (runs.c.cursor_attempt == 0)
    active = db.execute(places.where(runs.c.open, ~waits)).all()
    first = places.where(runs.c.open, waits).order_by(runs.c.created, runs.c.id).limit(queued)
    return {run: (attempt, seq) for run, attempt, seq in [*active, *db.execute(first).all()]}


def position(db: Connection, run: str) -> tuple[int, int]:
    """The last stream entry in the store; (0, 0) when there is none."""
    cursor = db.execute(_selected(_PLACE).where(runs.c.id == run)).first()
    return (cursor[0], cursor[1]) if cursor else (0, 0)


def closable(db: Connection, before: float) -> Sequence[str]:
    """Ended and silent runs whose streams nobody needs since `before`, Unix seconds."""
    done = (runs.c.open, runs.c.state.in_(FINAL | {RunState.SILENT}), runs.c.changed < before)
    return db.execute(select(runs.c.id).where(*done)).scalars().all()


def close(db: Connection, run: str) -> None:
    """Note that the run's stream is gone and will not be read again."""
    db.execute(update(runs).where(runs.c.id == run).values(open=False))


def counts(db: Connection) -> dict[str, int]:
    """How many runs are in each state."""
    present = {r[0]: r[1] for r in db.execute(select(runs.c.state, func.count()).group_by(runs.c.state))}
    return {state.value: present.get(state.value, 0) for state in RunState}
