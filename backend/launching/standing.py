"""How the candidates of a race stand: compared at the last step that all runs of each have reached."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy import Connection

from backend.store import rows
from backend.store.progress import BEST
from rhoscope import statistics
from rhoscope.groups import Difference
from rhoscope.remedies import Place, Race, Ranking
from rhoscope.runs import Run
from rhoscope.states import FINAL, RunState

Accuracies = Mapping[str, float]
"""Validation accuracy at one rung, by run."""
LEFT = (RunState.STOPPED, RunState.FAILED, RunState.LOST)


@dataclass(frozen=True)
class Standing:
    """A candidate at its last rung; `rung` is its place among the race's, -1 before the first."""

    name: str
    runs: Sequence[str]
    rung: int
    values: Sequence[float]
    goes_on: bool

    @property
    def mean(self) -> float:
        """Over its runs; less than anything where one of them failed or has diverged."""
        finite = len(self.values) == len(self.runs) and all(map(math.isfinite, self.values))
        return float(np.mean(self.values)) if finite and self.values else -math.inf


def standings(db: Connection, race: Race, members: Mapping[str, Run]) -> list[Standing]:
    """Each candidate, in the order of the race."""
    names = {run: read(db, race, members[run]) for ids in race.runs for run in ids if run in members}
    return [_standing(race, i, members, names) for i in range(len(race.names))]


def read(db: Connection, race: Race, run: Run) -> list[float]:
    """Validation accuracy at each rung that the run has reached: the last one measured until then."""
    steps, values = rows.read(db, run.id, [BEST])[BEST]
    reached = [rung for rung in race.rungs if run.step >= rung]
    places = []
    for rung in reached:
        until = int(np.searchsorted(steps, rung, side="right"))
        places.append(float(values[until - 1]) if until else math.nan)
    return places


def _standing(
    race: Race, place: int, members: Mapping[str, Run], reached: Mapping[str, Sequence[float]]
) -> Standing:
    ids = [run for run in race.runs[place] if run in members]
    rung = min((len(reached[run]) for run in ids), default=0) - 1
    values = [reached[run][rung] for run in ids] if rung >= 0 else []
    goes_on = bool(ids) and all(members[run].state not in LEFT for run in ids)
    return Standing(race.names[place], ids, rung, values, goes_on)


def ranking(db: Connection, race: Race, members: Mapping[str, Run]) -> Ranking:
    """The candidates with their advantage over the control at the same rung, the best first."""
    each = standings(db, race, members)
    control = {run: read(db, race, members[run]) for run in each[0].runs}
    apart = [_apart(one, control) for one in each[1:]]
    estimates = statistics.holm([statistics.paired(one, np.zeros(len(one))) for one in apart])
    advantages = [None, *(Difference.of(*pair) for pair in zip(apart, estimates, strict=True))]
    places = [_place(race, members, *pair) for pair in zip(each, advantages, strict=True)]
    order = sorted(range(len(each)), key=lambda i: (-each[i].rung, -each[i].mean))
    over = is_over(race, each, members)
    return Ranking(
        run=race.run,
        control=race.names[0],
        over=over,
        rungs=race.rungs,
        places=[places[i] for i in order],
        minutes=sum(place.minutes for place in places),
        winner=race.names[order[0]] if over and math.isfinite(each[order[0]].mean) else "",
    )


def is_over(race: Race, each: Sequence[Standing], members: Mapping[str, Run]) -> bool:
    """Whether nobody trains any more, and nobody is held up by others."""
    waits = any(one.goes_on and one.rung < len(race.rungs) - 1 for one in each)
    idle = FINAL | {RunState.PAUSED}
    trains = any(run.state not in idle and run.step < race.rungs[-1] for run in members.values())
    return not trains and not waits


def _apart(one: Standing, control: Mapping[str, Sequence[float]]) -> statistics.Floats:
    """Differences from the control's runs, which have the same seeds in the same order."""
    pairs = zip(one.values, control.values(), strict=False)
    known = [(own, base[one.rung]) for own, base in pairs if len(base) > one.rung >= 0]
    return np.array([own - base for own, base in known if math.isfinite(own) and math.isfinite(base)])


def _place(race: Race, members: Mapping[str, Run], one: Standing, advantage: Difference | None) -> Place:
    return Place(
        name=one.name,
        runs=list(one.runs),
        rung=race.rungs[one.rung] if one.rung >= 0 else None,
        accuracy=one.mean if math.isfinite(one.mean) else None,
        advantage=advantage,
        minutes=sum(members[run].trained_s for run in one.runs) / 60,
        goes_on=one.goes_on,
        waiting=[run for run in one.runs if members[run].state == RunState.PAUSED],
    )
