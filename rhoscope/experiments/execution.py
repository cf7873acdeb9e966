"""Train an experiment through the API. Running it again continues where it stopped."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from rhoscope.client import Client
from rhoscope.errors import Unavailable
from rhoscope.experiments.averages import Floats, binned
from rhoscope.experiments.plan import Cell, Experiment, check
from rhoscope.experiments.prediction import SERIES
from rhoscope.runs import Run
from rhoscope.states import FINAL, RunState

AGAIN = 5
"""A run that was stopped or lost is launched again up to this many times."""
POLL_S = 1.0
AWAY_S = 60.0
BINS = 120
EXACT = 100_000


@dataclass(frozen=True)
class Result:
    """One run that ended, and its curves as means over up to BINS equal stretches of steps."""

    cell: Cell
    run: Run
    curves: dict[str, Floats]


def conduct(
    client: Client, experiment: Experiment, watch: Callable[[Sequence[Run]], None] = lambda _: None
) -> list[Result]:
    """Launch what was not launched before, wait for all of it, and read it.

    `watch` gets all runs about once a second.

    Raises:
        InvalidInput: when a row does not fit; then nothing was launched.
        Unavailable: when the API is away for a minute.
    """
    planned = check(experiment, client.catalog())
    runs = [_launched(client, cell) for cell in planned]
    while True:
        runs = _looked_at(client, runs)
        watch(runs)
        if all(run.state in FINAL for run in runs):
            break
        time.sleep(POLL_S)
    pairs = zip(planned, runs, strict=True)
    return [Result(cell, run, _curves(client, run, _names(experiment, cell, run))) for cell, run in pairs]


def _names(experiment: Experiment, cell: Cell, run: Run) -> list[str]:
    """The series drawn, and of a crossing's references those that may predict."""
    if experiment.cross is None or experiment.compared_with(cell.row) is not None:
        return experiment.curves
    early = [name.format(m=m) for name in SERIES for m in run.modalities]
    return list(dict.fromkeys([*experiment.curves, *early]))


def _launched(client: Client, cell: Cell) -> Run:
    """The cell's run: the one made before, unless that one was stopped or lost."""
    for again in range(1, AGAIN + 1):
        run = client.launch(cell.spec, cell.key(again))
        if run.state not in (RunState.STOPPED, RunState.LOST):
            break
    return run


def _looked_at(client: Client, runs: Sequence[Run]) -> list[Run]:
    deadline = time.monotonic() + AWAY_S
    while True:
        try:
            return [run if run.state in FINAL else client.run(run.id) for run in runs]
        except Unavailable:
            if time.monotonic() > deadline:
                raise
            time.sleep(POLL_S)


def _curves(client: Client, run: Run, series_names: Sequence[str]) -> dict[str, Floats]:
    declarations = {series.name: series for series in run.series}
    names = [name for name in series_names if name in declarations]
    if not names or not run.step:
        return {}
    steps = run.total_steps or run.step
    edges = np.linspace(0, steps, min(BINS, steps) + 1)
    answer = client.series(run.id, names, points=EXACT)
    return {
        data.name: binned(
            np.array(data.steps, np.int64),
            np.array(data.values, np.float64),
            edges,
            log=declarations[data.name].scale == "log",
        )
        for data in answer.series
    }
