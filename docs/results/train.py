"""Train a table of runs in this process, and write the report that `rhoscope experiment` writes.

    PYTHONPATH=tests/driving:. python docs/results/train.py NAME FOLDER [--seeds 0-2] [--dataset D] [--out O]

Runs are those that `rhoscope experiment` launches, only without servers and processes of their own, which
take longer than a small run. Each leaves one file in FOLDER; what is there is not trained again, also when
another table has the same run. Several of these commands may work on one FOLDER. With --out the report is
written once every run of it has ended; --no-charts leaves its curves out. Letters: B intervals.
"""

import argparse
import os
import time
from collections.abc import Mapping
from pathlib import Path

import kept
import numpy as np
import torch
from pydantic import BaseModel
from recorded import Controls, Memory, start

from rhoscope.cli.runs import seeds_of
from rhoscope.errors import InvalidInput
from rhoscope.experiments import data_sets, plan, prediction_report, report
from rhoscope.experiments.averages import Floats, binned
from rhoscope.experiments.execution import BINS, Result
from rhoscope.experiments.plan import Cell, Experiment
from rhoscope.runs import Run
from rhoscope.series import Series
from rhoscope.states import RunState
from trainer.plugins import describe
from trainer.run import execute

KEPT = ("rho", "k", "effective_step", "grad_norm", "gap", "shortfall", "probe", "val")
"""Beginnings of the names of the series that reports and predictions read."""


class Ended(BaseModel):
    """A run that ended, and its curves [B]; what is no number is missing."""

    run: Run
    curves: dict[str, list[float | None]]

    def of(self, cell: Cell) -> Result:
        """As a report reads it."""
        return Result(cell, self.run, {name: np.array(values, float) for name, values in self.curves.items()})


def planned(name: str, seeds: str = "", dataset: str = "") -> tuple[Experiment, list[Cell]]:
    """The table of this name, and its runs."""
    catalog = describe()
    table = plan.load(name)
    table = data_sets.on(table, dataset) if dataset else table
    table = table.model_copy(update={"seeds": seeds_of(seeds)} if seeds else {})
    table = data_sets.filled(table, catalog)
    return table, plan.check(table, catalog)


def train(cell: Cell, recording: Path) -> Ended:
    """Train one run here; what a verdict reads of it goes to `recording`."""
    sink, began = Memory(), time.time()
    outcome = execute(sink, lambda: start(cell.spec, sink, Controls()))
    if sink.of("started"):
        kept.write(recording, cell.spec, sink.of("started")[0].data["settings"], sink, outcome)
    begun = sink.of("started")[0].data if sink.of("started") else {}
    curves = _points(sink)
    run = Run(
        id=cell.key(1),
        name=f"{cell.row.label}, seed {cell.seed}",
        spec=cell.spec,
        settings=begun.get("settings", {}),
        state=RunState(outcome.state),
        reason=outcome.reason,
        attempt=1,
        created=began,
        device=begun.get("device", ""),
        modalities=begun.get("modalities", []),
        last={name: float(v[-1]) for name, (_, v) in curves.items() if np.isfinite(v[-1])},
        series=[Series.model_validate(one) for one in begun.get("series", [])],
    )
    return Ended(run=run, curves=_means(curves, run.series, begun.get("total_steps", 0)))


def _points(sink: Memory) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Steps and values of every series, in order."""
    points: dict[str, tuple[list[int], list[float]]] = {}
    for event in sink.of("values"):
        for name, value in event.values().items():
            steps, values = points.setdefault(name, ([], []))
            steps.append(event.step)
            values.append(value)
    sparse = {name: (np.array(s, np.int64), np.array(v, float)) for name, (s, v) in points.items()}
    names = sorted({name for block in sink.blocks for name in block.header.names})
    dense = {n: (np.array(sink.steps(n), np.int64), sink.series(n).astype(float)) for n in names}
    return {**sparse, **dense}


def _means(
    curves: Mapping[str, tuple[np.ndarray, np.ndarray]], series: list[Series], steps: int
) -> dict[str, list[float | None]]:
    declared = {one.name: one for one in series}
    edges: Floats = np.linspace(0, steps, min(BINS, max(steps, 1)) + 1)
    means = {
        name: binned(*curves[name], edges, log=declared[name].scale == "log")
        for name in curves
        if name.split(".")[0] in KEPT and name in declared
    }
    return {n: [float(v) if np.isfinite(v) else None for v in values] for n, values in means.items()}


def complete(cells: list[Cell], folder: Path) -> list[Result]:
    """Every run of the cells: those that are in the folder, and the others once they are trained.

    A file that another process has begun is left to it, and looked for at the end.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for number, cell in enumerate(cells):
        path = folder / f"{cell.key(1)}.json"
        if path.exists() or not _claimed(path.with_suffix(".begun")):
            continue
        began = time.monotonic()
        ended = train(cell, path.with_suffix(".npz"))
        path.with_suffix(".part").write_text(ended.model_dump_json())
        path.with_suffix(".part").replace(path)
        path.with_suffix(".begun").unlink()
        took = time.monotonic() - began
        _say(f"{number + 1}/{len(cells)} {took:.1f} s {ended.run.name}: {ended.run.state} {_score(ended)}")
    return [read(cell, folder) for cell in cells if (folder / f"{cell.key(1)}.json").exists()]


def read(cell: Cell, folder: Path) -> Result:
    """A run of the folder."""
    return Ended.model_validate_json((folder / f"{cell.key(1)}.json").read_text()).of(cell)


def _claimed(path: Path) -> bool:
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return False
    return True


def _score(ended: Ended) -> str:
    return f"{ended.run.last.get('test.accuracy', float('nan')):.3f}"


def _say(line: str) -> None:
    os.write(1, f"{line}\n".encode())


def write(table: Experiment, results: list[Result], out: Path, command: str) -> None:
    """The report, and of a crossing what its references predict."""
    report.write(table, results, out, command)
    (out / "report.html").unlink()  # the page shows report.md
    if table.cross is not None:
        try:
            prediction_report.write(prediction_report.cases(table, results), out)
        except InvalidInput as error:  # the table is worth having without it
            _say(error.detail)


def main(arguments: list[str] | None = None) -> None:
    """Train what is missing; with --out, write the report. Raises: InvalidInput, while runs are missing."""
    parser = argparse.ArgumentParser()
    parser.add_argument("name")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seeds", default="")
    parser.add_argument("--dataset", default="")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--no-charts", action="store_true")
    options = parser.parse_args(arguments)
    torch.set_num_threads(1)
    table, cells = planned(options.name, options.seeds, options.dataset)
    results = complete(cells, options.folder)
    if options.out and len(results) < len(cells):
        raise InvalidInput(f"{len(cells) - len(results)} runs are still being trained by another process.")
    said = ["rhoscope", "experiment", options.name, *(["--seeds", options.seeds] if options.seeds else [])]
    said += ["--dataset", options.dataset] if options.dataset else []
    if options.out:
        table = table.model_copy(update={"curves": []}) if options.no_charts else table
        write(table, results, options.out, " ".join(said))


if __name__ == "__main__":
    main()
