"""The course of one run as its users change it: stop, pause, forget."""

from contextlib import suppress

from redis import RedisError

from backend.application import Application
from backend.orders.signed import signed
from backend.store import runs
from rhoscope import keys
from rhoscope.errors import Conflict
from rhoscope.runs import Run
from rhoscope.states import FINAL, RunState

_WORDS = {RunState.STOPPING: "Stop ordered", RunState.PAUSING: "Pause ordered"}


def stop(here: Application, run: str, who: str = "") -> Run:
    """Let a run stop. Raises: NotFound; Conflict, when it has ended."""
    return _turn(here, run, RunState.STOPPING, FINAL, who)


def pause(here: Application, run: str, who: str = "") -> Run:
    """Let a run write a checkpoint and free its worker. Raises: NotFound; Conflict, when it has ended."""
    return _turn(here, run, RunState.PAUSING, FINAL | {RunState.STOPPING}, who)


def forget(here: Application, run: str) -> None:
    """Delete a run and what is left of it elsewhere. Raises: NotFound; Conflict, when it is alive."""
    with here.store.writing() as db:
        runs.remove(db, run)
    (here.environment.log_dir / f"{run}.log").unlink(missing_ok=True)
    with suppress(RedisError):
        here.redis.delete(keys.records(run), keys.commands(run), keys.spec(run), keys.control(run))
    here.fanout.touch(run)


def _turn(here: Application, run: str, to: RunState, refused: frozenset[RunState], who: str) -> Run:
    """Note what is wanted and let the launcher see to it; asking twice is harmless."""
    ends = {RunState.STOPPING: RunState.STOPPED, RunState.PAUSING: RunState.PAUSED}
    with signed(here, who) as (db, sign):
        before = runs.get(db, run)
        if before.state in refused:
            raise Conflict(f"Run '{run}' is {before.state}; it can no longer be {ends[to]}.")
        if before.state == RunState.PAUSED and to == RunState.STOPPING:
            sign(run, _WORDS[to])
            runs.move(db, before, RunState.STOPPED, f"Stopped by {who or 'a user'}.")
        elif before.state not in (to, ends[to]):
            sign(run, _WORDS[to])
            runs.move(db, before, to, who if to == RunState.STOPPING else "")
        turned = runs.get(db, run)
    here.launcher.nudge()
    here.fanout.touch(run)
    return turned
