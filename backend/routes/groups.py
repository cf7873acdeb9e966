"""Several runs as a few: grouped by what they were given, with means and bands over the rest."""

import json
from typing import Annotated, Any

import numpy as np
import orjson
from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from backend.bands import band
from backend.parts import Here
from backend.problems import documented
from backend.routes.series import plain
from backend.store import rows, runs, sweeps
from backend.store.progress import BEST
from rhoscope.errors import FieldError, InvalidInput, NotFound
from rhoscope.groups import Groups
from rhoscope.runs import Run
from rhoscope.spec import PLUGIN_FIELDS

router = APIRouter(tags=["sweeps"])
MOST_RUNS = 1000
MEASURED = ("val.", "test.", "probe.", "alone.", "shortfall.")
"""Beginnings of the names of series that judge a run."""


class Asked(BaseModel):
    """Which runs, grouped by what, with which curves."""

    model_config = ConfigDict(extra="forbid")

    runs: str = Field(default="", description="ids with commas")
    sweep: str = Field(default="", description="instead of `runs`: all runs of a sweep")
    by: str = Field(
        default="",
        description="settings or plug-in fields, with commas; all that differ but the seed if empty",
    )
    names: str = Field(default="", description="series to give means and bands of, with commas")
    points: int = Field(default=300, ge=2, le=10_000, description="of each curve, at most")


@router.get("/groups", response_model=Groups, responses=documented(404))
def groups(here: Here, asked: Annotated[Asked, Query()]) -> Response:
    """Runs with equal settings as one: mean and standard deviation of curves and of final numbers."""
    with here.store.reading() as db:
        chosen = _chosen(db, asked)
        given = {run.id: facts(run) for run in chosen}
        by = [name for name in asked.by.split(",") if name] or differing(list(given.values()))
        together: dict[str, list[Run]] = {}
        for run in chosen:
            key = json.dumps([given[run.id].get(name) for name in by])
            together.setdefault(key, []).append(run)
        names = [name for name in dict.fromkeys(asked.names.split(",")) if name]
        answer = [
            {
                "values": dict(zip(by, json.loads(key), strict=True)),
                "runs": [run.id for run in members],
                "final": _final(members),
                "bands": _bands(db, members, names, asked.points),
            }
            for key, members in together.items()
        ]
    body = orjson.dumps({"by": by, "groups": answer}, option=orjson.OPT_SERIALIZE_NUMPY)
    return Response(body, media_type="application/json")


def facts(run: Run) -> dict[str, Any]:
    """Everything a run was given, by name."""
    plugins = {name: getattr(run.spec, name) for name in PLUGIN_FIELDS}
    encoders = {f"encoders.{modality}": name for modality, name in run.spec.encoders.items()}
    return {**plugins, **encoders, **run.settings}


def differing(given: list[dict[str, Any]]) -> list[str]:
    """Names that do not have the same value in all of these, but the seed.

    >>> differing([{"alpha": 1, "seed": 0}, {"alpha": 2, "seed": 1}])
    ['alpha']
    """
    names = dict.fromkeys(name for one in given for name in one if name != "seed")
    return [name for name in names if len({json.dumps(one.get(name)) for one in given}) > 1]


def _chosen(db: Connection, asked: Asked) -> list[Run]:
    if bool(asked.runs) == bool(asked.sweep):
        message = "name either some runs or one sweep"
        raise InvalidInput.of([FieldError(field="runs", value=asked.runs[:200], message=message)])
    if asked.sweep:
        return sweeps.get(db, asked.sweep).runs
    ids = list(dict.fromkeys(one for one in asked.runs.split(",") if one))
    if len(ids) > MOST_RUNS:
        message = f"{len(ids)} runs are more than {MOST_RUNS}"
        raise InvalidInput.of([FieldError(field="runs", value=len(ids), message=message)])
    there = {run.id: run for run in runs.of_ids(db, ids)}
    gone = [one for one in ids if one not in there]
    if gone:
        raise NotFound(f"There is no run '{gone[0][:100]}'.")
    return [there[one] for one in ids]


def _final(members: list[Run]) -> dict[str, Any]:
    found: dict[str, dict[str, float]] = {}
    for run in members:
        if BEST in run.best:
            found.setdefault("best", {})[run.id] = run.best[BEST]
        for name, value in run.last.items():
            if name.startswith(MEASURED):
                found.setdefault(name, {})[run.id] = value
    return {name: _spread(values) for name, values in found.items()}


def _spread(values: dict[str, float]) -> dict[str, Any]:
    numbers = np.array(list(values.values()))
    deviation = float(numbers.std(ddof=1)) if len(numbers) > 1 else 0.0
    mean, deviation = plain(np.array([numbers.mean(), deviation]))
    return {"mean": mean, "deviation": deviation, "values": dict(zip(values, plain(numbers), strict=True))}


def _bands(db: Connection, members: list[Run], names: list[str], points: int) -> list[dict[str, Any]]:
    curves = [rows.read_line(db, runs.lineage(db, run.id), names) for run in members] if names else []
    found = []
    for name in names:
        steps, mean, deviation, counts = band([curve[name] for curve in curves], points)
        if len(steps):
            shown = {"steps": steps, "mean": plain(mean), "deviation": plain(deviation), "runs": counts}
            found.append({"name": name, **shown})
    return found
