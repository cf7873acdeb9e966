"""Steering a run: stop, pause, resume, change a live setting."""

from typing import Any

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field, JsonValue, model_validator

from backend.application import Here
from backend.http.answers import json_answer
from backend.http.gate import Who
from backend.http.problems import documented
from backend.launching import commands
from backend.orders import course
from backend.orders.signed import signed
from backend.store import catalogs, runs
from rhoscope.errors import Conflict
from rhoscope.runs import Run
from rhoscope.states import RunState

router = APIRouter(tags=["control"])
_LIVE = (RunState.STARTING, RunState.RUNNING)


class Changes(BaseModel):
    """Live settings by name, and who changes them. Settings may also be given at the top level."""

    model_config = ConfigDict(extra="forbid")

    settings: dict[str, JsonValue] = Field(default={}, description="new values by name")
    who: str = Field(default="", max_length=200, description="name shown with the change")

    @model_validator(mode="before")
    @classmethod
    def _gather(cls, body: Any) -> Any:
        if not isinstance(body, dict):
            return body
        loose = {name: value for name, value in body.items() if name not in cls.model_fields}
        inner = body.get("settings", {})
        if not loose or not isinstance(inner, dict):
            return body
        return {"who": body.get("who", ""), "settings": {**inner, **loose}}


class Sent(BaseModel):
    """A command that was sent; its event carries the same id."""

    command: str = Field(description="id of the command")


@router.post("/runs/{run}/stop", response_model=Run, responses=documented(404, 409))
def stop_run(here: Here, who: Who, run: str) -> Response:
    """Stop a run after its current step and write a checkpoint. A queued run stops immediately."""
    return json_answer(course.stop(here, run, who.name))


@router.post("/runs/{run}/pause", response_model=Run, responses=documented(404, 409))
def pause_run(here: Here, who: Who, run: str) -> Response:
    """Pause a run: write a checkpoint and release the worker."""
    return json_answer(course.pause(here, run, who.name))


class Resumption(BaseModel):
    """How far to continue a paused run."""

    model_config = ConfigDict(extra="forbid")

    steps: int | None = Field(
        default=None,
        ge=1,
        lt=2**31,
        description="number of steps after which it pauses again; empty: continue to the end",
    )


@router.post("/runs/{run}/resume", response_model=Run, responses=documented(404, 409, 413))
def resume_run(here: Here, who: Who, run: str, how: Resumption | None = None) -> Response:
    """Queue a paused run again, to continue from its last checkpoint for some steps or to its end."""
    with signed(here, who.name) as (db, sign):
        before = runs.get(db, run)
        if before.state != RunState.PAUSED:
            raise Conflict(f"Run '{run}' is {before.state}; only a paused run can be resumed.")
        if how and how.steps:
            commands.send(here.redis, run, commands.new_command("pause", step=before.step + how.steps))
        sign(run, f"Resumed for {how.steps} steps" if how and how.steps else "Resumed")
        runs.move(db, before, RunState.QUEUED, attempt=before.attempt + 1, worker="")
        resumed = runs.get(db, run)
    here.launcher.nudge()
    here.fanout.touch(run)
    return json_answer(resumed)


@router.patch(
    "/runs/{run}/settings", status_code=202, response_model=Sent, responses=documented(404, 409, 413, 503)
)
def change_settings(here: Here, who: Who, run: str, changes: Changes) -> Response:
    """Change live settings of a running run, effective from its next step."""
    with here.store.reading() as db:
        target = runs.get(db, run)
        catalog = catalogs.newest(db)
    catalog.check_live(target.spec, changes.settings)
    if target.state not in _LIVE:
        raise Conflict(f"Run '{run}' is {target.state}; only a running run's settings can be changed.")
    command = commands.new_command("set", who=_signature(who.name, changes.who), settings=changes.settings)
    commands.send(here.redis, run, command)
    return json_answer(Sent(command=command.id), 202)


def _signature(name: str, given: str) -> str:
    """The one who changes a setting: as we know them, with what they call themselves beside it."""
    return f"{name} ({given})"[:200] if name and given and given != name else name or given
