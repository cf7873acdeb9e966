"""Preparation of published data sets for training."""

import os
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from rhoscope.cli.looking import messages, show
from rhoscope.cli.servers import check_package
from rhoscope.cli.terminal import err, out
from rhoscope.errors import InvalidInput

PREPARED = ("plan.json", "manifest.json")
"""Files by which a prepared folder, or one that was begun, is known."""
COLUMNS = (
    TextColumn("{task.description}"),
    BarColumn(),
    MofNCompleteColumn(),
    TimeRemainingColumn(),
    TextColumn("{task.fields[lost]}", style="dim", markup=False),
)


def prepare(
    dataset: Annotated[str, typer.Argument(help="cremad, kinetics-sounds, vggsound or ave.")] = "",
    source: Annotated[
        Path | None, typer.Option(help="Folder with the published files; it is not modified.")
    ] = None,
    out_: Annotated[
        Path | None, typer.Option("--out", help="New folder, or one that the same command began.")
    ] = None,
    workers: Annotated[int, typer.Option(min=1, help="Number of decoding processes.")] = os.cpu_count() or 1,
    dtype: Annotated[
        Literal["float16", "float32"],
        typer.Option(help="Data type of the stored sound; float16 rounds by 0.05 %."),
    ] = "float16",
    allow_missing: Annotated[
        float | None,
        typer.Option(min=0, max=1, help="Maximum share of clips that may be missing or damaged."),
    ] = None,
    check: Annotated[
        Path | None,
        typer.Option(help="Verify a prepared folder, or look at a source, instead of preparing one."),
    ] = None,
) -> None:
    """Prepare a data set for training: decode it once, in parallel; resumes after an interruption."""
    check_package("trainer")
    if check is not None:
        _check(check, dataset)
        return
    if not dataset or source is None or out_ is None:
        raise InvalidInput(
            "rhoscope prepare takes a data set's name, --source and --out, such as: rhoscope prepare cremad "
            "--source CREMA-D --out cremad; or --check FOLDER."
        )
    command = [
        dataset,
        "--source",
        str(source),
        "--out",
        str(out_),
        "--workers",
        str(workers),
        "--dtype",
        dtype,
    ]
    command += [] if allow_missing is None else ["--allow-missing", str(allow_missing)]
    manifest: dict[str, Any] = {}
    with Progress(*COLUMNS, console=err, transient=True) as progress:
        bar = progress.add_task("reading the lists", total=None, lost="")
        for said in messages("trainer.prepare", command, "manifest"):
            if said["kind"] == "plan":
                progress.update(bar, description=f"{said['clips']} clips, shards", total=said["shards"])
            elif said["kind"] == "progress":
                lost = f"{said['skipped']} left out" if said["skipped"] else ""
                progress.update(bar, completed=said["shards"], lost=lost)
            else:
                manifest = said
    _report(manifest)
    out.print(f"Train on it with --set folder={out_.resolve()}", highlight=False, soft_wrap=True)


def _check(folder: Path, dataset: str) -> None:
    """Every file of a prepared folder; of anything else a look."""
    if not any((folder / name).exists() for name in PREPARED):
        show(folder, dataset)
        return
    for said in messages("trainer.prepare", ["--check", str(folder)], "manifest"):
        _report(said)


def _report(manifest: dict[str, Any]) -> None:
    plan, table = manifest["plan"], Table(box=None, show_header=False)
    table.add_row("data set", plan["dataset"])
    table.add_row("clips", f"{manifest['clips']} of {plan['clips']}")
    table.add_row("splits", ", ".join(f"{name} {count}" for name, count in manifest["by_split"].items()))
    empty = [name for name, count in manifest["by_class"].items() if not count]
    without = f", {len(empty)} of them without a clip ({', '.join(empty[:3])})" if empty else ""
    table.add_row("classes", f"{len(plan['classes'])}{without}")
    table.add_row(
        "left out", f"{len(manifest['skipped'])}" + (" (skipped.csv says why)" if manifest["skipped"] else "")
    )
    table.add_row(
        "odd", f"{len(manifest['noted'])}" + (" (manifest.json says what)" if manifest["noted"] else "")
    )
    out.print(table)
    for remark in manifest.get("remarks", ()):
        out.print(remark, highlight=False, markup=False, soft_wrap=True)


COMMANDS = (prepare,)
