"""Runs that do what another one did: they are no further evidence, and count once."""

import json
from collections.abc import Sequence
from typing import Any

from rhoscope.runs import Run
from rhoscope.spec import PLUGIN_FIELDS
from rhoscope.states import RunState


def facts(run: Run) -> dict[str, Any]:
    """Everything a run was trained with, by name; of what was changed meanwhile, all of it in order."""
    plugins = {name: getattr(run.spec, name) for name in PLUGIN_FIELDS}
    encoders = {f"encoders.{modality}": name for modality, name in run.spec.encoders.items()}
    settings = {name: _same(value) for name, value in run.settings.items()}
    return {**plugins, **encoders, **settings, **run.course}


def repeats(members: Sequence[Run]) -> list[str]:
    """Ids of those that have the specification, seed and origin of another one. The best known counts."""
    first: dict[str, str] = {}
    again = []
    for run in sorted(members, key=lambda one: (one.state != RunState.COMPLETED, -one.step)):
        does = json.dumps([facts(run), run.parent, run.parent_step], sort_keys=True)
        if first.setdefault(does, run.id) != run.id:
            again.append(run.id)
    return again


def _same(value: Any) -> Any:
    """1 and 1.0 are one setting, however somebody wrote it."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    return [_same(one) for one in value] if isinstance(value, list) else value
