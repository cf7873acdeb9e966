"""The course of one run as its users change it: stop, pause, forget."""

from contextlib import suppress

from redis import RedisError

from backend.application import Application
from backend.store import runs
from rhoscope import keys
from rhoscope.errors import Conflict
from rhoscope.runs import Run
from rhoscope.states import FINAL, RunState


def stop(here: Application, run: str) -> Run:
    """Let a run stop. Raises: NotFound; Conflict, when it has ended."""
    return _turn(here, run, RunState.STOPPING, FINAL)


def pause(here: Application, run: str) -> Run:
    """Let a run write a checkpoint and free its worker. Raises: NotFound; Conflict, when it has ended."""
    return _turn(here, run, RunState.PAUSING, FINAL | {RunState.STOPPING})


def forget(here: Application, run: str) -> None:
    """Delete a run and what is left of it elsewhere. Raises: NotFound; Conflict, when it is alive."""
    with here.store.writing() as db:
        runs.remove(db, run)
    here.environment.log_of(run).unlink(missing_ok=True)
    with suppress(RedisError):
        here.redis.delete(keys.records(run), keys.commands(run), keys.spec(run), keys.control(run))
    here.fanout.touch(run)


def _turn(here: Application, run: str, to: RunState, refused: frozenset[RunState]) -> Run:
    """Note what is wanted and let the launcher see to it; asking twice is harmless."""
    ends = {RunState.STOPPING: RunState.STOPPED, RunState.PAUSING: RunState.PAUSED}
    with here.store.writing() as db:
        before = runs.get(db, run)
        if before.state in refused:
            raise Conflict(f"Run '{run}' is {before.state}; it can no longer be {ends[to]}.")
        if before.state == RunState.PAUSED and to == RunState.STOPPING:
            runs.move(db, before, RunState.STOPPED, "Stopped by a user.")
        elif before.state not in (to, ends[to]):
            runs.move(db, before, to)
        turned = runs.get(db, run)
    here.launcher.nudge()
    here.fanout.touch(run)
    return turned
