"""Steering a run: stop, pause, resume, change a live setting."""

from typing import Any

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field, JsonValue, model_validator

from backend.application import Here
from backend.http.answers import Key, json_answer, text_answer
from backend.http.gate import Who
from backend.http.problems import documented
from backend.orders import course
from rhoscope.runs import Run

router = APIRouter(tags=["control"])


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
    """An order that was noted and will be carried out; its event carries the same id."""

    command: str = Field(description="id of the command")


@router.post("/runs/{run}/stop", response_model=Run, responses=documented(404, 409))
def stop_run(here: Here, who: Who, run: str, key: Key = "") -> Response:
    """Stop a run after its current step and write a checkpoint. A queued run stops immediately."""
    return text_answer(course.stop(here, run, key, who.name))


@router.post("/runs/{run}/pause", response_model=Run, responses=documented(404, 409))
def pause_run(here: Here, who: Who, run: str, key: Key = "") -> Response:
    """Pause a run: write a checkpoint and release the worker."""
    return text_answer(course.pause(here, run, key, who.name))


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
def resume_run(here: Here, who: Who, run: str, how: Resumption | None = None, key: Key = "") -> Response:
    """Queue a paused run again, to continue from its last checkpoint for some steps or to its end."""
    return text_answer(course.resume(here, run, how.steps if how else None, key, who.name))


@router.patch(
    "/runs/{run}/settings", status_code=202, response_model=Sent, responses=documented(404, 409, 413, 503)
)
def change_settings(here: Here, who: Who, run: str, changes: Changes, key: Key = "") -> Response:
    """Change live settings of a running run, effective from its next step, whatever dies meanwhile."""
    order = course.steer(here, run, changes.settings, _signature(who.name, changes.who), key)
    return json_answer(Sent(command=order), 202)


def _signature(name: str, given: str) -> str:
    """The one who changes a setting: as we know them, with what they call themselves beside it."""
    return f"{name} ({given})"[:200] if name and given and given != name else name or given
