"""A run's checkpoints, from its events, and the settings in force when each was written."""

from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any

from sqlalchemy import Connection, select

from backend.store import course, events
from backend.store.schema import runs
from rhoscope.catalog import Catalog
from rhoscope.records import Event
from rhoscope.runs import Checkpoint, Run
from rhoscope.spec import RunSpec


def of_run(db: Connection, run: str) -> list[Checkpoint]:
    """Checkpoints in the order they were written."""
    return _listed(events.of_run(db, run, ["checkpoint"]))


def first_spec(db: Connection, run: Run) -> RunSpec:
    """The run's specification as it was launched: before any change of its strategy on the way."""
    history = events.of_run(db, run.id, ["setting"])
    place = next((n for n, event in enumerate(history) if event.data.get("setting") == "strategy"), None)
    if place is None:
        return run.spec
    settings = dict(history[place].data.get("before", {}))
    for event in reversed(history[:place]):
        settings[str(event.data.get("setting"))] = event.data.get("old")
    return run.spec.model_copy(update={"strategy": str(history[place].data.get("old")), "settings": settings})


def with_settings(
    db: Connection, run: str, settings: dict[str, Any]
) -> list[tuple[Checkpoint, dict[str, Any]]]:
    """Kept checkpoints, oldest first, each with the settings in force; the run began with `settings`."""
    history = events.of_run(db, run, ["checkpoint", "setting", "started"])
    listed = {c.name: c for c in _listed([e for e in history if e.kind == "checkpoint"]) if c.kept}
    origins, now = {}, dict(settings)
    for event in history:
        if event.kind == "started":  # a later attempt may begin before changes of the one that died
            there = {"strategy": event.data.get("strategy"), **_mapping(event.data.get("settings"))}
            now = {name: value if there.get(name) is None else there[name] for name, value in now.items()}
        elif event.kind == "setting":
            whole = event.data.get("settings")
            now = _mapping(whole) or now
            now = now | {str(event.data.get("setting")): event.data.get("new")}
        elif (name := _name(event)) in listed:
            origins[name] = (listed[name], now)
    return list(origins.values())


def inherited_course(db: Connection, spec: RunSpec, settings: Mapping[str, Any]) -> dict[str, str]:
    """The course until a fork's checkpoint, then the fork's own change: it is trained with all of that."""
    if spec.origin is None:
        return {}
    parent, checkpoint = spec.origin.run, spec.origin.checkpoint
    history = events.of_run(db, parent, ["checkpoint", "setting"])
    place = next((n for n, event in enumerate(history) if _name(event) == checkpoint), len(history))
    changes, before = (
        course.replayed(event.data for event in some if event.kind == "setting")
        for some in (history, history[:place])
    )
    now = db.scalar(select(runs.c.course).where(runs.c.id == parent)) or {}
    own = {"strategy": spec.strategy, **settings}
    return {
        name: course.extended(words, None, own[name]) if name in own else words
        for name, words in course.until(now, changes, before).items()
    }


def with_origins(db: Connection, run: Run, catalog: Catalog) -> list[Checkpoint]:
    """As `of_run`; kept ones with the strategy and the settings that a fork from there begins with.

    Raises:
        InvalidInput: when a plug-in of the run is not in the catalog.
    """
    first = first_spec(db, run)
    began = {"strategy": first.strategy} | catalog.chosen_settings(first)
    origins = {checkpoint.name: settings for checkpoint, settings in with_settings(db, run.id, began)}
    answer = []
    for checkpoint in of_run(db, run.id):
        settings = dict(origins.get(checkpoint.name, {}))
        strategy = settings.pop("strategy", "")
        answer.append(checkpoint.model_copy(update={"strategy": strategy, "settings": settings}))
    return answer


def _listed(history: Sequence[Event]) -> list[Checkpoint]:
    kept = set(history[-1].data.get("kept", [_name(history[-1])])) if history else set()
    return [
        Checkpoint(
            attempt=event.attempt,
            step=event.step,
            time=event.time,
            name=_name(event),
            kept=_name(event) in kept,
            **{n: event.data[n] for n, kind in _FACTS.items() if isinstance(event.data.get(n), kind)},
        )
        for event in history
    ]


def _mapping(value: Any) -> dict[str, Any]:
    return {**value} if isinstance(value, dict) else {}


def _name(event: Event) -> str:
    """Its own name among the run's, or the file's."""
    return str(event.data.get("name") or PurePath(str(event.data.get("path", ""))).name)


_FACTS = {"path": str, "sha256": str, "bytes": int}
