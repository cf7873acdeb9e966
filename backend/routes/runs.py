"""Runs: launched, listed, edited, deleted."""

import hashlib
import json
import math
import re
from collections.abc import Sequence
from contextlib import suppress
from typing import Annotated

from fastapi import APIRouter, Header, Query, Response
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from redis import RedisError
from sqlalchemy import Connection

from backend.application import Application, Here
from backend.http.problems import documented
from backend.store import catalogs, checkpoints, facts, pages, runs, sweeps
from rhoscope import keys
from rhoscope.errors import InvalidInput
from rhoscope.runs import Run, RunPage
from rhoscope.spec import Origin, RunSpec
from rhoscope.states import RunState

router = APIRouter(tags=["runs"])
Key = Annotated[str, Header(alias="Idempotency-Key", max_length=200, description="makes a repeat harmless")]
NAMED = f"{', '.join(facts.NAMES)}, or settings.NAME"
"""What runs can be sorted, compared and bunched by, in words."""
MOST_IDS = 1000
_COMPARISON = re.compile(r"([A-Za-z0-9_.]{1,200}?)(!=|<=|>=|=|<|>)(.{1,200})", re.DOTALL)


class RunEdit(BaseModel):
    """What may be changed of any run at any time."""

    model_config = ConfigDict(extra="forbid")

    name: str | None = Field(default=None, min_length=1, max_length=200)
    tags: list[Annotated[str, Field(max_length=200)]] | None = Field(default=None, max_length=50)
    notes: str | None = Field(default=None, max_length=20_000)
    priority: int | None = Field(default=None, ge=-1000, le=1000, description="place in the queue")


def json_answer(model: BaseModel, status: int = 200) -> Response:
    """A model as a JSON response; non-finite numbers as texts."""
    return Response(model.model_dump_json(), status, media_type="application/json")


def list_answer(models: Sequence[BaseModel]) -> Response:
    """Models as a JSON list."""
    text = ",".join(model.model_dump_json() for model in models)
    return Response(f"[{text}]", media_type="application/json")


def digest(body: BaseModel) -> str:
    """A name for exactly this request, in whatever order its fields came."""
    text = json.dumps([type(body).__name__, body.model_dump(mode="json")], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


@router.post(
    "/runs",
    status_code=201,
    response_model=Run,
    responses={
        200: {"model": Run, "description": "The run this Idempotency-Key made before"},
        **documented(409, 413, 503),
    },
)
def launch(here: Here, spec: RunSpec, key: Key = "") -> Response:
    """Queue one run. Every field and setting that does not fit is named, with what is allowed."""
    made, before = queue(here, spec, key)
    return json_answer(made, 200 if before else 201)


def queue(here: Application, spec: RunSpec, key: str) -> tuple[Run, bool]:
    """Queue a run, or find the one that this key made before; whether it was made before.

    Raises:
        InvalidInput: naming each field that does not fit.
        Conflict: when the key came with another specification.
    """
    with here.store.reading() as db:
        catalog = catalogs.newest(db)
        known = sweeps.answered(db, key, digest(spec)) is not None
    settings = catalog.check(spec) if known else here.inspections().check(catalog, spec)
    with here.store.writing() as db:
        before = sweeps.answered(db, key, digest(spec))
        if not before and spec.origin:
            check_origin(db, spec.origin)
        run = before or runs.create(db, spec, settings)
        if not before:
            sweeps.remember(db, key, digest(spec), run)
        made = runs.get(db, run)
    here.fanout.touch(run)
    here.launcher.nudge()
    return made, before is not None


def check_origin(db: Connection, origin: Origin) -> None:
    """Raises: InvalidInput, unless the checkpoint is there."""
    there = [(c.name, c.step) for c in checkpoints.of_run(db, origin.run) if c.kept]
    if (origin.checkpoint, origin.step) not in there:
        message = f"run '{origin.run}' has no such checkpoint at step {origin.step}; GET its checkpoints"
        raise InvalidInput.field("origin", message, origin.checkpoint)


class Kept(BaseModel):
    """Which runs, in which order."""

    model_config = ConfigDict(extra="forbid")

    state: str = Field(default="", description="one state, or several with commas")
    strategy: str = ""
    dataset: str = ""
    tag: str = ""
    sweep: str = ""
    q: str = Field(default="", description="words in the name, or the beginning of the id")
    where: list[str] = Field(
        default=[],
        max_length=20,
        description="comparisons that all must hold, such as `settings.alpha>0.3` or `best>=0.8`, with = "
        f"!= < <= > >= and one of {NAMED}",
    )
    sort: str = Field(
        default="-created",
        description=f"{NAMED}; with `-` before it the greatest first",
        json_schema_extra={"pattern": f"^-?({'|'.join(facts.NAMES)}|{facts.SETTING_PATTERN})$"},
    )

    def check(self) -> None:
        """Raises: InvalidInput, for an order there is not."""
        check_name("sort", self.sort.removeprefix("-"))

    def filters(self) -> pages.Filters:
        """Raises: InvalidInput, for a state or a comparison that can't be read."""
        given = self.model_dump(include={"strategy", "dataset", "tag", "sweep", "q"})
        where = [_condition(text) for text in self.where]
        return pages.Filters(states=_states(self.state), where=where, **given)


class Listing(Kept):
    """Which runs to list, in which order, from where."""

    ids: str = Field(default="", description="only these, with commas")
    limit: int = Field(default=100, ge=1, le=1000)
    cursor: str = Field(default="", description="`next` of the page before")

    def filters(self) -> pages.Filters:
        """Raises: InvalidInput, also for more than 1000 ids."""
        ids = [one for one in self.ids.split(",") if one]
        if len(ids) > MOST_IDS:
            message = f"{len(ids)} ids are more than {MOST_IDS}"
            raise InvalidInput.field("ids", message, len(ids))
        return super().filters().model_copy(update={"ids": ids})


@router.get("/runs", response_model=RunPage, responses=documented())
def listed(here: Here, asked: Annotated[Listing, Query()]) -> Response:
    """A page of runs, newest first; `series` is left empty here."""
    asked.check()
    with here.store.reading() as db:
        return json_answer(pages.page(db, asked.filters(), asked.sort, asked.limit, asked.cursor))


def check_name(field: str, name: str) -> None:
    """Raises: InvalidInput, when runs have no fact of this name."""
    if name not in facts.NAMES and not re.fullmatch(facts.SETTING_PATTERN, name):
        message = f"'{name[:100]}' is nothing that runs have; there are {NAMED}"
        raise InvalidInput.field(field, message, name[:200])


def _condition(text: str) -> pages.Condition:
    found = _COMPARISON.fullmatch(text)
    if not found:
        message = "should be a name, one of = != < <= > >=, and a value, as in settings.alpha>0.3"
        raise InvalidInput.field("where", message, text[:200])
    name, compare, value = found.groups()
    check_name("where", name)
    try:
        number: float | str = float(value)
    except ValueError:
        number = value
    finite = isinstance(number, str) or math.isfinite(number)
    return pages.Condition.model_validate(
        {"name": name, "compare": compare, "value": number if finite else value}
    )


@router.get("/runs/{run}", response_model=Run, responses=documented(404))
def one(here: Here, run: str) -> Response:
    """One run, with its settings in force, newest values and series declarations."""
    with here.store.reading() as db:
        return json_answer(runs.get(db, run))


@router.patch("/runs/{run}", response_model=Run, responses=documented(404, 413))
def edit(here: Here, run: str, changes: RunEdit) -> Response:
    """Change name, tags, notes or priority."""
    with here.store.writing() as db:
        edited = runs.edit(db, run, changes.model_dump(exclude_none=True))
    if changes.tags is not None:
        here.alerts.renew()
    here.fanout.touch(run)
    here.launcher.nudge()
    return json_answer(edited)


@router.delete("/runs/{run}", status_code=204, responses=documented(404, 409))
def delete(here: Here, run: str) -> Response:
    """Forget an ended or paused run with its curves, events and log."""
    forget(here, run)
    return Response(status_code=204)


def forget(here: Application, run: str) -> None:
    """Delete a run and what is left of it elsewhere. Raises: NotFound; Conflict, when it is alive."""
    with here.store.writing() as db:
        runs.remove(db, run)
    (here.environment.log_dir / f"{run}.log").unlink(missing_ok=True)
    with suppress(RedisError):
        here.redis.delete(keys.records(run), keys.commands(run), keys.spec(run), keys.control(run))
    here.fanout.touch(run)


def _states(given: str) -> list[RunState]:
    names = [name for name in given.split(",") if name]
    try:
        return TypeAdapter(list[RunState]).validate_python(names)
    except ValidationError as error:
        message = f"'{given[:100]}' is no state; there are {', '.join(RunState)}"
        raise InvalidInput.field("state", message, given) from error
