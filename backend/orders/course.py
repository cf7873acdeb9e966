"""The course of one run as its users change it: stop, pause, resume, steer, forget."""

from contextlib import suppress

from pydantic import JsonValue
from redis import RedisError
from sqlalchemy import Connection

from backend.application import Application
from backend.launching import commands
from backend.orders import leftovers
from backend.orders.once import once
from backend.orders.signed import Sign
from backend.store import catalogs, orders, runs
from rhoscope import keys
from rhoscope.errors import Conflict
from rhoscope.guests import read_live
from rhoscope.spec import RunSpec
from rhoscope.states import FINAL, RunState

_LIVE = (RunState.STARTING, RunState.RUNNING)
_VERBS = {RunState.STOPPING: "stop", RunState.PAUSING: "pause"}
_WORDS = {RunState.STOPPING: "Stop ordered", RunState.PAUSING: "Pause ordered"}


def stop(here: Application, run: str, key: str = "", who: str = "") -> str:
    """Let a run stop; the run as JSON. Raises: NotFound; Conflict, when it has ended."""

    def act(db: Connection, sign: Sign) -> str:
        return _turn(db, run, RunState.STOPPING, FINAL, who, sign)

    return _pass_on(here, run, once(here, key, ["stop", run], act, who))


def pause(here: Application, run: str, key: str = "", who: str = "") -> str:
    """Let a run write a checkpoint and free its worker; the run as JSON.

    Raises:
        NotFound.
        Conflict: when it has ended, or is a program that does not go on from checkpoints.
    """

    def act(db: Connection, sign: Sign) -> str:
        _check_resumes(db, run)
        return _turn(db, run, RunState.PAUSING, FINAL | {RunState.STOPPING}, who, sign)

    return _pass_on(here, run, once(here, key, ["pause", run], act, who))


def resume(here: Application, run: str, steps: int | None, key: str = "", who: str = "") -> str:
    """Queue a paused run again, to pause after `steps` or to go on to its end; the run as JSON.

    Raises:
        NotFound.
        Conflict: when it is not paused.
    """

    def act(db: Connection, sign: Sign) -> str:
        before = runs.get(db, run)
        if before.state != RunState.PAUSED:
            raise Conflict(f"Run '{run}' is {before.state}; only a paused run can be resumed.")
        if before.spec.guest and steps:
            raise Conflict(f"The program of run '{run}' can't pause by itself; resume it without steps.")
        order = commands.new_command("pause", step=before.step + steps) if steps else None
        orders.add(db, run, order or commands.new_command("resume"))
        sign(run, f"Resumed for {steps} steps" if steps else "Resumed")
        if before.spec.leased:
            runs.move(db, before, RunState.QUEUED, attempt=before.attempt + 1, worker="")
        else:
            runs.move(db, before, RunState.STARTING)
        return runs.get(db, run).model_dump_json()

    return _pass_on(here, run, once(here, key, ["resume", run, steps], act, who))


def steer(here: Application, run: str, settings: dict[str, JsonValue], who: str, key: str = "") -> str:
    """Change live settings from the next step on; the id of the order.

    Raises:
        NotFound.
        InvalidInput: when one is not live or does not fit.
        Conflict: when the run is not running.
    """

    def act(db: Connection, _sign: Sign) -> str:
        target = runs.get(db, run)
        read = _read(db, target.spec, settings)
        if target.state not in _LIVE:
            raise Conflict(f"Run '{run}' is {target.state}; only a running run's settings can be changed.")
        command = commands.new_command("set", who=who, settings=read)
        orders.add(db, run, command)
        return command.id

    order = once(here, key, ["set", run, who, settings], act)
    here.launcher.nudge()
    return order


def keep(here: Application, run: str, step: int) -> None:
    """Let the checkpoint of a step stay, since another run is to go on from it."""
    with here.store.writing() as db:
        orders.add(db, run, commands.new_command("keep", step=step))
    here.launcher.nudge()


def forget(here: Application, run: str, key: str = "") -> None:
    """Delete a run and what is left of it elsewhere.

    Raises:
        NotFound.
        Conflict: when it is alive, or a fork still needs its checkpoint.
    """

    def act(db: Connection, _sign: Sign) -> str:
        runs.remove(db, run)
        return ""

    once(here, key, ["delete", run], act)
    leftovers.clear(here.environment, run)
    with suppress(RedisError):
        others = (keys.control(run), keys.heard(run))
        here.redis.delete(
            keys.records(run), keys.commands(run), keys.spec(run), keys.resumption(run), *others
        )
    here.fanout.touch(run)


def _read(db: Connection, spec: RunSpec, settings: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """Raises: InvalidInput, when one is not live or does not fit."""
    if spec.guest:
        return read_live(spec.guest.live, settings)
    catalog = catalogs.newest(db)
    read = catalog.read_settings(spec, settings)
    catalog.check_live(spec, read)
    return read


def _check_resumes(db: Connection, run: str) -> None:
    """Raises: Conflict, when a pause would lose all that the run's program has done."""
    spec = runs.get(db, run).spec
    if spec.program and not (spec.guest and spec.guest.resumes):
        raise Conflict(
            f"Program '{spec.program}' does not go on from checkpoints, so a pause would lose its work; "
            "name them in its rhoscope.yaml, or stop the run."
        )


def _turn(db: Connection, run: str, to: RunState, refused: frozenset[RunState], who: str, sign: Sign) -> str:
    """Note what is wanted and let the launcher see to it; asking twice is harmless."""
    ends = {RunState.STOPPING: RunState.STOPPED, RunState.PAUSING: RunState.PAUSED}
    before = runs.get(db, run)
    if before.state in refused:
        raise Conflict(f"Run '{run}' is {before.state}; it can no longer be {ends[to]}.")
    leased = before.spec.leased
    if before.state == RunState.PAUSED and to == RunState.STOPPING and leased:
        sign(run, _WORDS[to])
        runs.move(db, before, RunState.STOPPED, f"Stopped by {who or 'a user'}.")
    elif before.state not in (to, ends[to]):
        sign(run, _WORDS[to])
        runs.move(db, before, to, who if to == RunState.STOPPING else "")
        if not leased:
            orders.add(db, run, commands.new_command(_VERBS[to], who=who))
    return runs.get(db, run).model_dump_json()


def _pass_on(here: Application, run: str, answer: str) -> str:
    here.launcher.nudge()
    here.fanout.touch(run)
    return answer
