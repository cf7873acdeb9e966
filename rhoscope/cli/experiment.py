"""Whole tables of runs."""

import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from rhoscope.assignments import assignments
from rhoscope.cli.runs import seeds_of
from rhoscope.cli.terminal import client, out
from rhoscope.client import Client
from rhoscope.errors import InvalidInput, Unavailable
from rhoscope.experiments import data_sets, plan
from rhoscope.runs import Run
from rhoscope.states import FINAL, RunState


def experiment(
    name: Annotated[str, typer.Argument(help="Name of a built-in experiment, or a YAML file.")] = "",
    set_: Annotated[
        list[str], typer.Option("--set", help="setting=value for every row; may be repeated.")
    ] = [],  # noqa: B006 -- typer copies it
    seeds: Annotated[
        str, typer.Option(help="Seeds to use instead of the experiment's own: 0,1,2 or 0-4.")
    ] = "",
    folder: Annotated[
        Path | None, typer.Option("--out", help="Default: results/NAME; of several data sets results.")
    ] = None,
    dataset: Annotated[
        list[str],
        typer.Option(help="Data set instead of the experiment's own; may be repeated. all: the real ones."),
    ] = [],  # noqa: B006
) -> None:
    """Train a whole table of runs and write its report; without a name, list the experiments.

    If interrupted, it continues where it stopped: runs already launched are not launched again.
    """
    if not name:
        _list()
        return
    changes: dict[str, Any] = {"seeds": seeds_of(seeds)} if seeds else {}
    planned = plan.load(name)
    changes["base"] = planned.base | assignments(set_)
    planned = planned.model_copy(update=changes)
    with client() as api:
        catalog = api.catalog()
        sets = data_sets.named(dataset, catalog)
        tables = [data_sets.filled(data_sets.on(planned, name), catalog) for name in sets]
        tables = tables or [data_sets.filled(planned, catalog)]
        places = [folder or Path("results") / tables[0].name]
        if len(tables) > 1:
            places = [(folder or Path("results")) / table.name for table in tables]
        ends = [_conduct(api, table, place) for table, place in zip(tables, places, strict=True)]
    if not all(ends):
        out.print("Some runs did not complete; the report lists them.")
        raise typer.Exit(1)


def _conduct(api: Client, planned: plan.Experiment, target: Path) -> bool:
    """Train a table and write its report; whether all of its runs completed."""
    conduct, write = _reporting()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=out) as progress:
        bar = progress.add_task(planned.title, total=len(planned.rows) * len(planned.distinct))

        def watch(runs: Sequence[Run]) -> None:
            done = sum(run.state in FINAL for run in runs)
            progress.update(bar, completed=done, description=f"{planned.title}  {_now(runs)}")

        results = conduct(api, planned, watch)
    command = shlex.join(["rhoscope", *sys.argv[1:]])
    for path in write(planned, results, target, command):
        out.print(str(path), highlight=False, soft_wrap=True)
    _predict(planned, results, target)
    return all(result.run.state is RunState.COMPLETED for result in results)


def _predict(planned: plan.Experiment, results: Sequence[Any], target: Path) -> None:
    """Report what a crossing's references predict, where there is enough to say."""
    if planned.cross is None:
        return
    from rhoscope.experiments.prediction_report import cases, write  # noqa: PLC0415 -- as in _reporting

    try:
        written = write(cases(planned, results), target)
    except InvalidInput as error:
        out.print(error.detail)
        return
    for path in written:
        out.print(str(path), highlight=False, soft_wrap=True)


def _list() -> None:
    table = Table("experiment", "also", "title", "runs", box=None)
    for name in plan.names():
        one = plan.load(name)
        table.add_row(name, ", ".join(one.aliases), one.title, str(len(one.rows) * len(one.distinct)))
    out.print(table)


def _now(runs: Sequence[Run]) -> str:
    running = [run.name for run in runs if run.state is RunState.RUNNING]
    return running[0][:40] if running else ""


def _reporting() -> tuple[Any, Any]:
    """Training and reporting need libraries that a plain client does without."""
    try:
        from rhoscope.experiments.execution import conduct  # noqa: PLC0415
        from rhoscope.experiments.report import write  # noqa: PLC0415
    except ImportError as error:
        raise Unavailable(
            f"Reports need {error.name}, which is not installed: pip install 'rhoscope[reports]'."
        ) from error
    return conduct, write


COMMANDS = (experiment,)
