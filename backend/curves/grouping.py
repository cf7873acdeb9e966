"""Runs with equal settings as one: means, bands, final values and differences."""

import json
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from backend.curves.align import SERIES, Align, Axis
from backend.curves.bands import Placed, band
from backend.curves.cache import Curves
from backend.curves.differences import differences, power
from backend.curves.digest import Digest
from backend.curves.numbers import json_numbers
from backend.curves.shown import spelled
from backend.store import runs, sweeps
from backend.store.progress import BEST
from rhoscope.errors import InvalidInput, NotFound
from rhoscope.repeats import facts, repeats
from rhoscope.runs import Run
from rhoscope.spec import PLUGIN_FIELDS
from rhoscope.validation import short

MOST_RUNS = 1000
FAR = 1e15
"""Beyond every axis."""
ALONE = "run"
"""What runs are grouped by where each stands alone."""
MEASURED = ("val.", "test.", "probe.", "alone.", "shortfall.")
"""Beginnings of the names of series that judge a run."""


class GroupQuery(BaseModel):
    """Which runs to group, by which settings, and which curves to return."""

    model_config = ConfigDict(extra="forbid")

    runs: str = Field(default="", description="comma-separated ids")
    present: bool = Field(default=False, description="whether runs that do not exist are left out")
    sweep: str = Field(default="", description="instead of `runs`: all runs of a sweep")
    by: str = Field(
        default="",
        description="comma-separated settings or plug-in fields; empty: all that differ, except the seed and "
        "what follows from the plug-ins; `run`: each run alone",
    )
    names: str = Field(
        default="",
        description="comma-separated series to return means and bands of; `rho.*` means rho of each modality",
    )
    whole: str = Field(
        default="", description="comma-separated series to return the mean over all steps of, as in `names`"
    )
    points: int = Field(default=300, ge=2, le=10_000, description="approximate number of points per curve")
    align: Align = Field(
        default="step",
        description="x axis of the curves: `step`, `epoch`, `clock` (Unix seconds), `time` (seconds of "
        "training, without pauses, waits and lost work), or `series:NAME`, still where that falls",
    )
    start: float = Field(default=-FAR, ge=-FAR, le=FAR, description="start of the curves, on that axis")
    end: float = Field(default=FAR, ge=-FAR, le=FAR, description="end of the curves, on that axis")
    baseline: str = Field(
        default="", description="a run of the group whose final values the other groups are compared with"
    )


def grouped(db: Connection, curves: Curves, query: GroupQuery) -> tuple[list[Run], dict[str, Any]]:
    """The runs, and the answer on them as `rhoscope.groups.Groups` in plain values."""
    selection = _selected(db, query)
    values = {run.id: facts(run) for run in selection}
    by = _known(_names(query.by), values.values()) or telling(list(values.values()))
    together: dict[str, list[Run]] = {}
    for run in selection:
        key = json.dumps([run.id if name == ALONE else values[run.id].get(name) for name in by])
        together.setdefault(key, []).append(run)
    modalities = [one for run in selection for one in run.modalities]
    drawing = Drawing(db, curves, query, modalities)
    answer = [
        {
            "values": dict(zip(by, json.loads(key), strict=True)),
            "runs": [run.id for run in members],
            "repeats": (again := repeats(members)),
            "final": _final(counted := [run for run in members if run.id not in again]),
            **drawing.of(counted),
        }
        for key, members in together.items()
    ]
    twins = _twins(answer, values, by)
    base = _base(answer, query.baseline) if answer or query.baseline else {"final": {}}
    if query.baseline:
        _compare(answer, base, twins)
    declared = {series.name: series for run in selection for series in run.series}
    body = {"by": by, "groups": answer, "declared": [one.model_dump() for one in declared.values()]}
    return selection, body | {"power": _power(answer, base, twins)}


def differing(values: list[dict[str, Any]]) -> list[str]:
    """Names that do not have the same value in all of these, but the seed.

    >>> differing([{"alpha": 1, "seed": 0}, {"alpha": 2, "seed": 1}])
    ['alpha']
    """
    names = dict.fromkeys(name for one in values for name in one if name != "seed")
    return [name for name in names if len({json.dumps(one.get(name)) for one in values}) > 1]


def telling(values: list[dict[str, Any]]) -> list[str]:
    """Names that tell groups apart: those that differ, without the settings that follow from the plug-ins.

    >>> telling([{"strategy": "joint"}, {"strategy": "ogm", "alpha": 1}])
    ['strategy']
    >>> telling([{"strategy": "joint"}, {"strategy": "ogm", "alpha": 1}, {"strategy": "ogm", "alpha": 2}])
    ['strategy', 'alpha']
    """
    names = differing(values)
    plugins = [name for name in names if name in PLUGIN_FIELDS]

    def distinct(*given: str) -> int:
        return len({json.dumps([one.get(name) for name in given]) for one in values})

    return [name for name in names if name in plugins or distinct(*plugins, name) > distinct(*plugins)]


def _selected(db: Connection, query: GroupQuery) -> list[Run]:
    if bool(query.runs) == bool(query.sweep):
        raise InvalidInput.field("runs", "name either runs or one sweep", query.runs[:200])
    if query.sweep:
        ids = [run.id for run in sweeps.get(db, query.sweep).runs]
    else:
        ids = list(dict.fromkeys(_names(query.runs)))
    if len(ids) > MOST_RUNS:
        message = f"{len(ids)} runs are more than the maximum of {MOST_RUNS}"
        raise InvalidInput.field("runs", message, len(ids))
    present = {run.id: run for run in runs.of_ids(db, ids)}
    gone = [one for one in ids if one not in present]
    if gone and not query.present:
        raise NotFound(f"There is no run '{gone[0][:100]}'.")
    return [present[one] for one in ids if one in present]


def _final(members: list[Run]) -> dict[str, Any]:
    finals: dict[str, dict[str, float]] = {}
    for run in members:
        if BEST in run.best:
            finals.setdefault("best", {})[run.id] = run.best[BEST]
        for name, value in run.last.items():
            if name.startswith(MEASURED):
                finals.setdefault(name, {})[run.id] = value
    return {name: _spread(values) for name, values in finals.items()}


def _spread(values: dict[str, float]) -> dict[str, Any]:
    if len(values) == 1 and math.isfinite(one := float(next(iter(values.values())))):
        return {"mean": one, "deviation": 0.0, "values": dict.fromkeys(values, one)}
    numbers = np.array(list(values.values()))
    deviation = float(numbers.std(ddof=1)) if len(numbers) > 1 else 0.0
    mean, deviation = json_numbers(np.array([numbers.mean(), deviation]))
    return {
        "mean": mean,
        "deviation": deviation,
        "values": dict(zip(values, json_numbers(numbers), strict=True)),
    }


class Drawing:
    """The curves of groups as they were asked for."""

    def __init__(
        self, db: Connection, curves: Curves, query: GroupQuery, modalities: Sequence[str] = ()
    ) -> None:
        self._db, self._curves, self._query = db, curves, query
        self._names, self._whole = spelled(query.names, modalities), spelled(query.whole, modalities)

    def of(self, members: list[Run]) -> dict[str, Any]:
        """Bands and means over all steps of one group."""
        if not self._names and not self._whole:
            return {"bands": [], "whole": {}}
        clock = self._query.align in ("time", "clock")
        along = self._query.align.removeprefix(SERIES) if self._query.align.startswith(SERIES) else ""
        names = list(dict.fromkeys([*self._names, *self._whole, *([along] if along else [])]))
        curves = [(run, *self._curves.of(self._db, run, names, clock=clock)) for run in members]
        if along:
            curves = [(run, replace(axis, clock=digests[along]), digests) for run, axis, digests in curves]
        placed = [self._placed(run, axis, digests) for run, axis, digests in curves]
        bands = [self._band(name, [one[name] for one in placed]) for name in self._names]
        means = {
            name: {run.id: _mean(digests[name]) for run, _, digests in curves if len(digests[name])}
            for name in self._whole
        }
        whole = {name: _spread(values) for name, values in means.items() if values}
        return {"bands": [one for one in bands if one], "whole": whole}

    def _band(self, name: str, placed: list[Placed]) -> dict[str, Any] | None:
        query = self._query
        window = {"start": query.start, "end": query.end}
        drawn = band(placed, query.points, whole=query.align == "step", **window)
        if not len(drawn.steps):
            return None
        digits = {"epoch": 6, "time": 3, "clock": 3}
        x = np.round(drawn.x, digits[query.align]) if query.align in digits else drawn.x
        numbers = ("mean", "deviation", "low", "high")
        return {
            "name": name,
            "steps": drawn.steps,
            "x": [] if query.align == "step" else x,
            **{each: json_numbers(getattr(drawn, each).astype(np.float32)) for each in numbers},
            "runs": drawn.runs,
        }

    def _placed(self, run: Run, axis: Axis, digests: dict[str, Digest]) -> dict[str, Placed]:
        """A run's curves on the axis; what a digest is too coarse for is read in full."""
        fine: dict[tuple[int, int], list[str]] = {}
        for name in self._names:
            if steps := self._narrow(axis, digests[name]):
                fine.setdefault(steps, []).append(name)
        for (first, last), names in fine.items():
            digests = digests | self._curves.detail(self._db, run, names, first, last)
        align = self._query.align
        return {name: Placed(axis.place(digests[name].last, align), digests[name]) for name in self._names}

    def _narrow(self, axis: Axis, digest: Digest) -> tuple[int, int] | None:
        """The steps to read in full, where the window holds too few pieces of many steps."""
        query = self._query
        if digest.width == 1 or query.end < query.start:
            return None
        x = axis.place(digest.last, query.align)
        a, b = int(np.searchsorted(x, query.start)), int(np.searchsorted(x, query.end, side="right"))
        if b - a >= query.points:
            return None
        return int(digest.first[max(0, a - 1)]), int(digest.last[min(b, len(digest) - 1)])


def _mean(digest: Digest) -> float:
    with np.errstate(invalid="ignore", over="ignore"):
        return float((digest.mean * digest.count).sum() / digest.count.sum())


Twins = dict[str, list[Any]]
"""What each run has in common with its counterparts in other groups, by its id."""


def _base(answer: list[dict[str, Any]], baseline: str) -> dict[str, Any]:
    """The group that the run `baseline` is in, or the first."""
    base = next((group for group in answer if not baseline or baseline in group["runs"]), None)
    if base is None:
        message = f"run '{baseline[:100]}' is not among the compared runs"
        raise InvalidInput.field("baseline", message, baseline[:200])
    return base


def _twins(answer: list[dict[str, Any]], values: dict[str, dict[str, Any]], by: list[str]) -> Twins:
    vary = [name for group in answer for name in differing([values[run] for run in group["runs"]])]
    shared = [name for name in dict.fromkeys(["seed", *vary]) if name not in by]
    return {run: [facts.get(name) for name in shared] for run, facts in values.items()}


def _compare(answer: list[dict[str, Any]], base: dict[str, Any], twins: Twins) -> None:
    """Add each group's differences to the baseline's."""
    others = [group for group in answer if group is not base]
    for group in others:
        group["differences"] = {}
    for name, spread in base["final"].items():
        having = [group for group in others if name in group["final"]]
        values_of = [_numbers(group["final"][name]) for group in having]
        for group, apart in zip(having, differences(values_of, _numbers(spread), twins), strict=True):
            group["differences"][name] = apart.model_dump()


def _power(answer: list[dict[str, Any]], base: dict[str, Any], twins: Twins) -> dict[str, str]:
    """By accuracy, which differences from the base these runs can't show."""
    sentences = {}
    for name, spread in base["final"].items():
        if name != "best" and "accuracy" not in name:
            continue
        having = [group for group in answer if group is not base and name in group["final"]]
        values_of = [_numbers(group["final"][name]) for group in having]
        sentences[name] = power(values_of, _numbers(spread), twins)
    return {name: sentence for name, sentence in sentences.items() if sentence}


def _numbers(spread: dict[str, Any]) -> dict[str, float]:
    return {run: float(value) for run, value in spread["values"].items()}


def _known(by: list[str], values: Collection[Mapping[str, Any]]) -> list[str]:
    """Raises: InvalidInput, for a name that says nothing about any of the runs."""
    there = {ALONE}.union(*values)
    if values and (unknown := [name for name in by if name not in there]):
        closest = get_close_matches(unknown[0], there, 1)
        meant = f"; is it '{closest[0]}'?" if closest else ""
        raise InvalidInput.field("by", f"none of the runs has '{unknown[0][:100]}'{meant}", short(unknown[0]))
    return by


def _names(text: str) -> list[str]:
    return [name for name in text.split(",") if name]
