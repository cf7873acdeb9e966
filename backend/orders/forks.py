"""The specification of a run that goes on from another one, or begins as it did, with changes."""

from pydantic import ValidationError
from sqlalchemy import Connection

from backend.store import checkpoints
from rhoscope.catalog import Catalog
from rhoscope.errors import InvalidInput
from rhoscope.runs import Checkpoint, Fork, Run
from rhoscope.spec import Origin, RunSpec
from rhoscope.validation import invalid


def forked(db: Connection, catalog: Catalog, parent: Run, changes: Fork) -> RunSpec:
    """As the parent trains from its last checkpoint at or before `changes.step` on, with the changes.

    Raises:
        InvalidInput: when there is no such checkpoint, or a change does not fit.
    """
    changes = _read(catalog, parent, changes)
    first = checkpoints.first_spec(db, parent)
    began = catalog.chosen_settings(first)
    origins = checkpoints.with_settings(db, parent.id, {"strategy": first.strategy} | began)
    usable = [pair for pair in origins if changes.step is None or pair[0].step <= changes.step]
    if not usable:
        raise InvalidInput.field("step", _none([c for c, _ in origins], parent), changes.step)
    checkpoint, settings = max(usable, key=lambda pair: (pair[0].attempt, pair[0].step))
    then = str(settings.pop("strategy"))
    inherited = {name: settings[name] for name in settings if settings[name] != began.get(name)}
    if parent.spec.program:  # knobs of its own are no settings that it can be launched with
        then = first.strategy
        inherited = {n: v for n, v in inherited.items() if n in catalog.schemas(first)}
    origin = Origin(run=parent.id, step=checkpoint.step, checkpoint=checkpoint.name)
    fields = {
        "name": changes.name or _name(parent, checkpoint.step, changes),
        "origin": origin,
        "priority": parent.priority,
        "strategy": changes.strategy or then,
    }
    changed = parent.spec.model_copy(update={"settings": {**first.settings, **inherited}, **fields})
    return _with(catalog, first, changed, changes)


def restarted(db: Connection, catalog: Catalog, parent: Run, changes: Fork) -> RunSpec:
    """As the parent began, with the changes. Raises: InvalidInput, when one does not fit."""
    changes = _read(catalog, parent, changes)
    first = checkpoints.first_spec(db, parent)
    fields = {
        "name": changes.name,
        "priority": parent.priority,
        "strategy": changes.strategy or first.strategy,
    }
    return _with(catalog, first, first.model_copy(update=fields), changes)


def _read(catalog: Catalog, parent: Run, changes: Fork) -> Fork:
    return changes.model_copy(update={"settings": catalog.read_settings(parent.spec, changes.settings)})


def _with(catalog: Catalog, first: RunSpec, spec: RunSpec, changes: Fork) -> RunSpec:
    """The changes on top; settings that another strategy lacks are left behind."""
    given = changes.settings
    fields = {"notes": changes.notes, "tags": changes.tags or spec.tags}
    spec = spec.model_copy(update={**fields, "settings": {**spec.settings, **given}})
    if spec.strategy != first.strategy:
        schemas = catalog.schemas(spec)
        spec.settings = {n: v for n, v in spec.settings.items() if n in schemas or n in given}
    try:
        return RunSpec.model_validate(spec.model_dump())
    except ValidationError as error:
        raise invalid(error) from error


def _none(origins: list[Checkpoint], parent: Run) -> str:
    steps = ", ".join(str(checkpoint.step) for checkpoint in origins)
    if not steps and parent.spec.program:
        return "there is no checkpoint to fork from: the program has reported none with run.checkpoint"
    if not steps:
        return "this run has no checkpoint to fork from yet; one is written after each epoch"
    return f"no checkpoint is that old; there are checkpoints at steps {steps}"


def _name(parent: Run, step: int, changes: Fork) -> str:
    words = [changes.strategy, *(f"{name}={value}" for name, value in changes.settings.items())]
    return " ".join([parent.name, f"from {step}", *filter(None, words)])[:200]
