"""Forks: a new run from another one's checkpoint, with changes."""

from typing import Any

from fastapi import APIRouter, Response

from backend.application import Here
from backend.http.answers import Key, json_answer, list_answer
from backend.http.problems import documented
from backend.launching.launcher import new_command, tell
from backend.orders import launches
from backend.store import catalogs, checkpoints, runs
from rhoscope.errors import InvalidInput
from rhoscope.runs import Checkpoint, Fork, Relative, Run
from rhoscope.spec import Origin, RunSpec
from rhoscope.states import FINAL

router = APIRouter(tags=["runs"])


@router.get("/runs/{run}/family", response_model=list[Relative], responses=documented(404))
def family(here: Here, run: str) -> Response:
    """List all runs that descend by forks from the same first run, including this one; parents come first."""
    with here.store.reading() as db:
        runs.get(db, run)
        found = runs.family(db, run)
    ids = {one.id for one in found}
    told = [
        one.model_dump(include=set(Relative.model_fields)) | {"strategy": one.spec.strategy} for one in found
    ]
    relatives = [Relative.model_validate(one) for one in told]
    return list_answer(
        [one if one.parent in ids else one.model_copy(update={"parent": None}) for one in relatives]
    )


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
def fork(here: Here, run: str, changes: Fork, key: Key = "") -> Response:
    """Queue a run that continues from a checkpoint of this one, with changes."""
    with here.store.reading() as db:
        parent = runs.get(db, run)
        catalog = catalogs.newest(db)
        first = checkpoints.first_spec(db, parent)
        began = catalog.chosen_settings(first)
        there = checkpoints.with_settings(db, run, {"strategy": first.strategy} | began)
    usable = [pair for pair in there if changes.step is None or pair[0].step <= changes.step]
    if not usable:
        raise InvalidInput.field("step", _none(there), changes.step)
    checkpoint, settings = max(usable, key=lambda pair: (pair[0].attempt, pair[0].step))
    given = {"name": changes.name or _name(parent, checkpoint.step, changes), "notes": changes.notes}
    then = str(settings.pop("strategy"))
    kept = {name: settings[name] for name in settings if settings[name] != began.get(name)}
    spec = parent.spec.model_copy(
        update={
            **given,
            "tags": changes.tags or parent.spec.tags,
            "priority": parent.priority,
            "strategy": changes.strategy or then,
            "settings": {**first.settings, **kept, **changes.settings},
            "origin": Origin(run=run, step=checkpoint.step, checkpoint=checkpoint.name),
        }
    )
    if spec.strategy != first.strategy:
        known = catalog.schemas(spec)
        spec.settings = {n: v for n, v in spec.settings.items() if n in known or n in changes.settings}
    if parent.state not in FINAL:
        tell(here.redis, run, new_command("keep", step=checkpoint.step))
    made, before = launches.launch(here, RunSpec.model_validate(spec.model_dump()), key)
    return json_answer(made, 200 if before else 201)


def _none(there: list[tuple[Checkpoint, dict[str, Any]]]) -> str:
    steps = ", ".join(str(checkpoint.step) for checkpoint, _ in there)
    if not steps:
        return "this run has no checkpoint to fork from yet; one is written after each epoch"
    return f"no checkpoint is that old; there are checkpoints at steps {steps}"


def _name(parent: Run, step: int, changes: Fork) -> str:
    told = [changes.strategy, *(f"{name}={value}" for name, value in changes.settings.items())]
    return " ".join([parent.name, f"from {step}", *filter(None, told)])[:200]
