"""Steering a run: stop, pause, resume, change a live setting."""

from typing import Any

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field, JsonValue, model_validator

from backend.application import Here
from backend.http.answers import json_answer
from backend.http.problems import documented
from backend.launching.launcher import new_command, tell
from backend.orders import course
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
    def _gather(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        loose = {name: value for name, value in given.items() if name not in cls.model_fields}
        inner = given.get("settings", {})
        if not loose or not isinstance(inner, dict):
            return given
        return {"who": given.get("who", ""), "settings": {**inner, **loose}}


class Sent(BaseModel):
    """A command that was sent; its event carries the same id."""

    command: str = Field(description="id of the command")


@router.post("/runs/{run}/stop", response_model=Run, responses=documented(404, 409))
def stop(here: Here, run: str) -> Response:
    """Stop a run after its current step and write a checkpoint. A queued run stops immediately."""
    return json_answer(course.stop(here, run))


@router.post("/runs/{run}/pause", response_model=Run, responses=documented(404, 409))
def pause(here: Here, run: str) -> Response:
    """Pause a run: write a checkpoint and release the worker."""
    return json_answer(course.pause(here, run))


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
def resume(here: Here, run: str, how: Resumption | None = None) -> Response:
    """Queue a paused run again, to continue from its last checkpoint for some steps or to its end."""
    with here.store.writing() as db:
        found = runs.get(db, run)
        if found.state != RunState.PAUSED:
            raise Conflict(f"Run '{run}' is {found.state}; only a paused run can be resumed.")
        if how and how.steps:
            tell(here.redis, run, new_command("pause", step=found.step + how.steps))
        runs.move(db, found, RunState.QUEUED, attempt=found.attempt + 1, worker="")
        resumed = runs.get(db, run)
    here.launcher.nudge()
    here.fanout.touch(run)
    return json_answer(resumed)


@router.patch(
    "/runs/{run}/settings", status_code=202, response_model=Sent, responses=documented(404, 409, 413, 503)
)
def change(here: Here, run: str, changes: Changes) -> Response:
    """Change live settings of a running run, effective from its next step."""
    with here.store.reading() as db:
        found = runs.get(db, run)
        catalog = catalogs.newest(db)
    catalog.check_live(found.spec, changes.settings)
    if found.state not in _LIVE:
        raise Conflict(f"Run '{run}' is {found.state}; only a running run's settings can be changed.")
    command = new_command("set", who=changes.who, settings=changes.settings)
    tell(here.redis, run, command)
    return json_answer(Sent(command=command.id), 202)
