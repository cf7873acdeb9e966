"""Forks: a new run from another one's checkpoint, with changes."""

from typing import Any

from fastapi import APIRouter, Response

from backend.application import Here
from backend.http.answers import Key, json_answer, list_answer
from backend.http.gate import Who
from backend.http.problems import documented
from backend.orders import course, launches
from backend.store import catalogs, checkpoints, runs
from rhoscope.errors import Conflict, InvalidInput
from rhoscope.runs import Checkpoint, Fork, Relative, Run
from rhoscope.spec import Origin, RunSpec
from rhoscope.states import FINAL

router = APIRouter(tags=["runs"])


@router.get("/runs/{run}/family", response_model=list[Relative], responses=documented(404))
def list_family(here: Here, run: str) -> Response:
    """List all runs that descend by forks from the same first run, including this one; parents come first."""
    with here.store.reading() as db:
        runs.get(db, run)
        members = runs.family(db, run)
    ids = {member.id for member in members}
    relatives = []
    for member in members:
        parent = member.parent if member.parent in ids else None
        row = member.model_dump(include=set(Relative.model_fields))
        relatives.append(Relative.model_validate(row | {"strategy": member.spec.strategy, "parent": parent}))
    return list_answer(relatives)


@router.post(
    "/runs/{run}/fork",
    status_code=201,
    response_model=Run,
    responses={
        200: {
            "model": Run,
            "description": "The fork that an earlier request with this Idempotency-Key created",
        },
        **documented(404, 409, 413, 503),
    },
)
def fork_run(here: Here, who: Who, run: str, changes: Fork, key: Key = "") -> Response:
    """Queue a run that continues from a checkpoint of this one, with changes."""
    with here.store.reading() as db:
        parent = runs.get(db, run)
        if parent.spec.guest:
            raise Conflict(f"Run '{run}' is a guest: only its own program can start it again, so not a fork.")
        catalog = catalogs.newest(db)
        first = checkpoints.first_spec(db, parent)
        began = catalog.chosen_settings(first)
        origins = checkpoints.with_settings(db, run, {"strategy": first.strategy} | began)
    usable = [pair for pair in origins if changes.step is None or pair[0].step <= changes.step]
    if not usable:
        raise InvalidInput.field("step", _none(origins), changes.step)
    checkpoint, settings = max(usable, key=lambda pair: (pair[0].attempt, pair[0].step))
    changes.settings = catalog.read_settings(parent.spec, changes.settings)
    fields = {"name": changes.name or _name(parent, checkpoint.step, changes), "notes": changes.notes}
    then = str(settings.pop("strategy"))
    inherited = {name: settings[name] for name in settings if settings[name] != began.get(name)}
    spec = parent.spec.model_copy(
        update={
            **fields,
            "tags": changes.tags or parent.spec.tags,
            "priority": parent.priority,
            "strategy": changes.strategy or then,
            "settings": {**first.settings, **inherited, **changes.settings},
            "origin": Origin(run=run, step=checkpoint.step, checkpoint=checkpoint.name),
        }
    )
    if spec.strategy != first.strategy:
        schemas = catalog.schemas(spec)
        spec.settings = {n: v for n, v in spec.settings.items() if n in schemas or n in changes.settings}
    if parent.state not in FINAL:
        course.keep(here, run, checkpoint.step)
    forked, before = launches.launch(here, RunSpec.model_validate(spec.model_dump()), key, who.name)
    return json_answer(forked, 200 if before else 201)


def _none(origins: list[tuple[Checkpoint, dict[str, Any]]]) -> str:
    steps = ", ".join(str(checkpoint.step) for checkpoint, _ in origins)
    if not steps:
        return "this run has no checkpoint to fork from yet; one is written after each epoch"
    return f"no checkpoint is that old; there are checkpoints at steps {steps}"


def _name(parent: Run, step: int, changes: Fork) -> str:
    words = [changes.strategy, *(f"{name}={value}" for name, value in changes.settings.items())]
    return " ".join([parent.name, f"from {step}", *filter(None, words)])[:200]
