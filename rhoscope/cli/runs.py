"""Commands that talk to the API."""

import json
import time
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from rhoscope import value_lists
from rhoscope.assignments import assignments
from rhoscope.catalog import Catalog
from rhoscope.cli.files import save
from rhoscope.cli.terminal import client, model_of, out, read_mapping, read_spec, spec_of
from rhoscope.errors import InvalidInput
from rhoscope.runs import Fork, Run, SweepSpec
from rhoscope.spec import RunSpec
from rhoscope.states import FINAL, RunState

SpecFile = Annotated[
    Path | None, typer.Argument(help="Specification as a YAML or JSON file; default settings if omitted.")
]
Set = Annotated[list[str], typer.Option("--set", help="setting=value; may be repeated.")]
Key = Annotated[
    str, typer.Option("--idempotency-key", help="ID of the order; with the same one it is carried out once.")
]
POLL_S = 0.5


def launch(
    spec: SpecFile = None,
    set_: Set = [],  # noqa: B006 -- typer copies it
    key: Key = "",
    watch_it: Annotated[bool, typer.Option("--watch", help="Follow the run until it ends.")] = False,
) -> None:
    """Queue one run and print its ID."""
    with client() as api:
        run = api.launch(read_spec(spec, set_), key)
    out.print(run.id, highlight=False)
    if watch_it:
        watch(run.id)


def runs(
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 20,
    state: Annotated[str, typer.Option(help="List only runs in this state.")] = "",
    search: Annotated[str, typer.Option(help="List only runs with these words in their name.")] = "",
    where: Annotated[
        list[str], typer.Option(help="List only runs for which this holds: settings.alpha>0.3, best>=0.8 ...")
    ] = [],  # noqa: B006 -- typer copies it
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object per line.")] = False,
) -> None:
    """List runs, newest first."""
    with client() as api:
        page = api.runs(limit=limit, state=state, q=search, where=where)
    if as_json:
        for run in page.runs:
            out.print(run.model_dump_json(), highlight=False, soft_wrap=True)
        return
    table = Table("run", "name", "state", "progress", "step", "val accuracy", box=None)
    for run in page.runs:
        table.add_row(*_row(run))
    out.print(table)
    if page.total > len(page.runs):
        out.print(f"{page.total - len(page.runs)} more; raise --limit to see them.", style="dim")


def watch(run: str) -> None:
    """Follow one run until it ends; Ctrl-C does not stop the run."""
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
    )
    with client() as api, Progress(*columns, TimeRemainingColumn(), console=out) as progress:
        bar = progress.add_task(run, total=1.0)
        while True:
            now = api.run(run)
            progress.update(bar, completed=now.progress, description=f"{now.name}  {now.state}")
            if now.state in FINAL or now.state is RunState.PAUSED:
                break
            time.sleep(POLL_S)
    table = Table("series", "last value", box=None)
    for name, value in sorted(now.last.items()):
        table.add_row(name, f"{value:.4g}")
    out.print(table)
    out.print(f"{now.state} at step {now.step}. {now.reason}".strip())
    if now.state in {RunState.FAILED, RunState.LOST}:
        raise typer.Exit(1)


def stop(run: str, key: Key = "") -> None:
    """Stop a run at its next step; its curves are kept."""
    with client() as api:
        _say(api.stop(run, key))


def pause(run: str, key: Key = "") -> None:
    """Pause a run: write a checkpoint and free the worker."""
    with client() as api:
        _say(api.pause(run, key))


def resume(
    run: str,
    steps: Annotated[int | None, typer.Option(min=1, help="Pause again after this many steps.")] = None,
    key: Key = "",
) -> None:
    """Resume a paused run on any worker."""
    with client() as api:
        _say(api.resume(run, steps, key))


def set_(
    run: str, settings: Annotated[list[str], typer.Argument(help="setting=value ...")], key: Key = ""
) -> None:
    """Change live settings of a running run."""
    given = assignments(settings)
    if own := given.keys() & {"run", "who", "idempotency_key"}:
        raise InvalidInput(f"There is no setting '{min(own)}'.")
    with client() as api:
        command = api.set(run, who="command line", idempotency_key=key, **given)
    out.print(f"Sent as command {command}; it is applied at the next step.", highlight=False)


def fork(
    run: str,
    step: Annotated[
        int | None,
        typer.Option(
            min=0, help="Fork from the last checkpoint at or before this step; default: the newest."
        ),
    ] = None,
    set_: Set = [],  # noqa: B006 -- typer copies it
    strategy: Annotated[str, typer.Option(help="Strategy of the new run; default: the same.")] = "",
    name: Annotated[str, typer.Option(help="Name of the new run.")] = "",
) -> None:
    """Queue a run that continues from a checkpoint of this one, with changes, and print its ID."""
    changes = Fork(step=step, strategy=strategy, name=name, settings=dict(assignments(set_)))
    with client() as api:
        child = api.fork(run, changes)
    out.print(child.id, highlight=False)


def sweep(
    spec: SpecFile = None,
    set_: Set = [],  # noqa: B006 -- typer copies it
    grid: Annotated[list[str], typer.Option("--grid", help="setting=v1,v2,...; may be repeated.")] = [],  # noqa: B006
    seeds: Annotated[str, typer.Option(help="0,1,2 or 0-4")] = "",
    median_after: Annotated[
        int | None, typer.Option(min=1, help="Stop runs below the median after this many epochs.")
    ] = None,
) -> None:
    """Queue every combination of a grid for every seed and print the IDs of the runs."""
    content = read_mapping(spec)
    base: Any = content.pop("base", None)
    options: dict[str, Any] = {
        k: content.pop(k)
        for k in ("grid", "points", "seeds", "name", "median_after")
        if k in content and base is not None
    }
    if not isinstance(base, dict | None):
        raise InvalidInput.field("base", "expected a mapping of settings, such as alpha: 0.3", base)
    options["base"] = spec_of((content if base is None else base) | assignments(set_))
    options["median_after"] = median_after or options.get("median_after")
    listed = seeds or options.get("seeds", [])
    options["seeds"] = seeds_of(listed) if isinstance(listed, str) else listed
    axes = _axes(grid, options.get("grid", {}))
    with client() as api:
        options["grid"] = _grid(axes, api.catalog(), options["base"]) if axes else {}
        created = api.sweep(model_of(SweepSpec, options))
    out.print(f"sweep {created.id}", highlight=False)
    for run in created.runs:
        out.print(f"{run.id}  {run.name}", highlight=False)


def export(
    run: str,
    to: Annotated[str, typer.Option("--format", help="csv, parquet or jsonl")] = "csv",
    file: Annotated[Path | None, typer.Option("--out", help="Default: RUN.FORMAT")] = None,
) -> None:
    """Export all recorded values of a run to a file."""
    if to not in {"csv", "parquet", "jsonl"}:
        raise InvalidInput(f"--format {to} is not supported; use csv, parquet or jsonl.")
    with client() as api:
        api.run(run)
        path = file or Path(f"{run}.{to}")
        save(path, api.export(run, to))
    out.print(str(path), highlight=False, soft_wrap=True)


def _axes(given: list[str], file: Any) -> dict[str, Any]:
    """The axes of a file's grid and the texts of `alpha=0.1,0.8`, by setting."""
    if not isinstance(file, dict):
        raise InvalidInput.field("grid", "expected lists of values by setting, such as alpha: [0.1, 0.8]")
    pairs = dict(file)
    for text in given:
        name, equals, values = text.partition("=")
        if not equals or not values:
            raise InvalidInput(f"--grid '{text}' is not of the form setting=v1,v2, such as alpha=0.1,0.8.")
        pairs[name] = values
    return pairs


def _grid(axes: dict[str, Any], catalog: Catalog, base: RunSpec) -> dict[str, Any]:
    """Values by setting; what is given as one text is split as the declared type says."""
    schemas = catalog.every_schema(base)
    texts = {name: values for name, values in axes.items() if isinstance(values, str)}
    return axes | {name: value_lists.grid(name, schemas.get(name, {}), text) for name, text in texts.items()}


def seeds_of(text: str) -> list[int]:
    """Seeds from `0,1,2` or `0-4`. Raises: InvalidInput, for what is no list of whole numbers.

    >>> seeds_of("0-2,7")
    [0, 1, 2, 7]
    """
    try:
        return value_lists.read("seeds", value_lists.SEEDS, text)
    except InvalidInput as error:
        raise InvalidInput(f"{error.detail}, as in 0,1,2 or 0-4.", error.errors) from error


def _row(run: Run) -> tuple[str, ...]:
    best = run.best.get("val.accuracy")
    accuracy = f"{best:.1%}" if best is not None else ""
    return run.id, run.name, run.state, f"{run.progress:.0%}", str(run.step), accuracy


def _say(run: Run) -> None:
    out.print(json.dumps({"id": run.id, "state": run.state}), highlight=False)


COMMANDS = (launch, runs, watch, stop, pause, resume, set_, fork, sweep, export)
