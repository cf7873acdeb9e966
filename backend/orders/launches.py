"""Launching: a specification is checked, with what workers see of its data, and queued once per key."""

from sqlalchemy import Connection

from backend.application import Application
from backend.http.answers import digest
from backend.orders.signed import signed
from backend.store import catalogs, checkpoints, runs, sweeps
from rhoscope.errors import InvalidInput
from rhoscope.runs import Run
from rhoscope.spec import Origin, RunSpec


def launch(here: Application, spec: RunSpec, key: str, who: str = "") -> tuple[Run, bool]:
    """Queue a run, or find the one that this key made before; whether it was made before.

    Raises:
        InvalidInput: naming each field that does not fit.
        Conflict: when the key came with another specification.
    """
    with here.store.reading() as db:
        catalog = catalogs.newest(db)
        fingerprint = digest(spec)
        spec = catalog.read(spec)
        repeat = sweeps.answered(db, key, fingerprint) is not None
    settings = catalog.check(spec) if repeat else here.inspections().check(catalog, spec)
    with signed(here, who) as (db, sign):
        before = sweeps.answered(db, key, fingerprint)
        if not before and spec.origin:
            check_origin(db, spec.origin)
        run = before or runs.create(db, spec, settings)
        if not before:
            sign(run, "Forked" if spec.origin else "Launched")
            sweeps.remember(db, key, fingerprint, run)
        launched = runs.get(db, run)
    here.fanout.touch(run)
    here.launcher.nudge()
    return launched, before is not None


def check_origin(db: Connection, origin: Origin) -> None:
    """Raises: InvalidInput, unless the checkpoint is there."""
    usable = [(c.name, c.step) for c in checkpoints.of_run(db, origin.run) if c.kept]
    if (origin.checkpoint, origin.step) not in usable:
        message = (
            f"run '{origin.run}' has no such checkpoint at step {origin.step}; list its checkpoints with GET"
        )
        raise InvalidInput.field("origin", message, origin.checkpoint)
