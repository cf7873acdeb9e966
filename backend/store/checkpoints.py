"""What a run's events tell of its checkpoints, and of the settings in force when each was written."""

from collections.abc import Sequence
from pathlib import PurePath
from typing import Any

from sqlalchemy import Connection

from backend.store import events
from rhoscope.records import Event
from rhoscope.runs import Checkpoint


def of_run(db: Connection, run: str) -> list[Checkpoint]:
    """Checkpoints in the order they were written."""
    return _listed(events.of_run(db, run, ["checkpoint"]))


def with_settings(
    db: Connection, run: str, settings: dict[str, Any]
) -> list[tuple[Checkpoint, dict[str, Any]]]:
    """Kept checkpoints, oldest first, each with the settings in force; the run began with `settings`."""
    told = events.of_run(db, run, ["checkpoint", "setting"])
    listed = {c.name: c for c in _listed([e for e in told if e.kind == "checkpoint"]) if c.kept}
    found, now = {}, dict(settings)
    for event in told:
        if event.kind == "setting":
            now = now | {str(event.data.get("setting")): event.data.get("new")}
        elif (name := _name(event)) in listed:
            found[name] = (listed[name], now)
    return list(found.values())


def _listed(told: Sequence[Event]) -> list[Checkpoint]:
    kept = set(told[-1].data.get("kept", [_name(told[-1])])) if told else set()
    return [
        Checkpoint(
            attempt=event.attempt,
            step=event.step,
            time=event.time,
            name=_name(event),
            kept=_name(event) in kept,
            **{n: event.data[n] for n, kind in _FACTS.items() if isinstance(event.data.get(n), kind)},
        )
        for event in told
    ]


def _name(event: Event) -> str:
    return PurePath(str(event.data.get("path", ""))).name


_FACTS = {"path": str, "sha256": str, "bytes": int}
