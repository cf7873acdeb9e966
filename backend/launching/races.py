"""Successive halving (Jamieson and Talwalkar, AISTATS 2016) of the candidates of a race, over seeds.

Every run of a race pauses at the next rung, which frees its worker. Once all have come there, the better half
of the candidates goes on with all its seeds, and the control with it; the others are stopped. At the last
rung only the winner stays, paused, so that it can go on.
"""

import math
from collections.abc import Mapping, Sequence

from sqlalchemy import Connection

from backend.launching import commands
from backend.launching.standing import Standing, standings
from backend.store import Store, orders, runs, sweeps
from rhoscope.remedies import Race
from rhoscope.runs import Run
from rhoscope.states import FINAL, RunState


class Races:
    """Looks at a race again only when one of its runs has come to another state."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._seen: dict[str, tuple[object, ...]] = {}

    def step(self) -> list[str]:
        """Let every race go on whose runs have all come to a rung; the ids of the runs that were moved."""
        with self._store.reading() as db:
            waiting = {sweep: runs.of_sweep(db, sweep) for sweep in _with_waiting(db)}
        moved = []
        for sweep, members in waiting.items():
            look = tuple((run.id, run.state, run.attempt) for run in members)
            if self._seen.get(sweep) != look:
                with self._store.writing() as db:
                    race = sweeps.spec(db, sweep).race
                    moved += advance(db, race, {run.id: run for run in members}) if race else []
                self._seen[sweep] = look
        return moved


def _with_waiting(db: Connection) -> Sequence[str]:
    """Sweeps of which a run is paused."""
    paused = runs.in_states(db, [RunState.PAUSED])
    return list(dict.fromkeys(run.sweep for run in paused if run.sweep))


def advance(db: Connection, race: Race, members: Mapping[str, Run]) -> list[str]:
    """Decide a rung that all who are still in the race have come to; the ids of the runs that were moved."""
    waiting = {run.id: place for run in members.values() if (place := _rung(race, run)) is not None}
    on_the_way = [r for r in members.values() if r.state not in FINAL and r.state != RunState.PAUSED]
    if on_the_way or not waiting:
        return []
    rung = min(waiting.values())
    each = [one for one in standings(db, race, members) if set(one.runs) & waiting.keys()]
    here = [one for one in each if any(waiting.get(run) == rung for run in one.runs)]
    last = rung == len(race.rungs) - 1
    kept = _kept(here, race.names[0], last=last)
    moved: list[str] = []
    for one in here:
        for run in one.runs:
            if waiting.get(run) == rung and members[run].state == RunState.PAUSED:
                moved += _move(db, members[run], one in kept, race.rungs, rung)
    return moved


def _rung(race: Race, run: Run) -> int | None:
    """The rung where a run waits; None for one that does not, or that a user paused elsewhere."""
    if run.state == RunState.COMPLETED and run.step >= race.rungs[-1]:
        return len(race.rungs) - 1
    return race.rungs.index(run.step) if run.state == RunState.PAUSED and run.step in race.rungs else None


def _kept(here: Sequence[Standing], control: str, *, last: bool) -> list[Standing]:
    """The better half and the control; at the last rung the best one alone."""
    order = sorted(here, key=lambda one: (not one.goes_on, -one.mean))
    if last:
        return order[:1]
    others = [one for one in order if one.name != control and one.goes_on and math.isfinite(one.mean)]
    return [one for one in here if one.name == control] + others[: math.ceil(len(others) / 2)]


def _move(db: Connection, run: Run, keeps: bool, rungs: Sequence[int], rung: int) -> list[str]:
    if not keeps:
        reason = f"Halving: other candidates were better after step {rungs[rung]}."
        return [run.id] if runs.move(db, run, RunState.STOPPED, reason) else []
    if rung == len(rungs) - 1:
        return []  # the winner waits for somebody to go on with it
    orders.add(db, run.id, commands.new_command("pause", step=rungs[rung + 1]))
    moved = runs.move(db, run, RunState.QUEUED, attempt=run.attempt + 1, worker="")
    return [run.id] if moved else []
