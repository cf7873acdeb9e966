"""Runs that other trackers have recorded, taken over from their files."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from rhoscope.cli.terminal import err, out
from rhoscope.environment import Environment
from rhoscope.errors import InvalidInput, RhoscopeError
from rhoscope.tracker.archives import Source, sources
from rhoscope.tracker.delivery import Server
from rhoscope.tracker.start import FOLDER
from rhoscope.tracker.sync import sync
from rhoscope.tracker.transcript import Transcript, transcribe


def import_(
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="PATH...",
            help="TensorBoard event files, W&B folders, CSV files, or folders that hold such files.",
        ),
    ],
    project: Annotated[str, typer.Option(help="Project of the runs; by default that of the file.")] = "",
    folder: Annotated[
        Path | None,
        typer.Option("--dir", help="Where runs are kept; by default RHOSCOPE_DIR or rhoscope-runs."),
    ] = None,
    url: Annotated[str, typer.Option(help="The server's address; by default RHOSCOPE_API_URL.")] = "",
    offline: Annotated[
        bool, typer.Option("--offline", help="Send nothing; rhoscope sync does later.")
    ] = False,
) -> None:
    """Take over runs that TensorBoard, W&B, or a logger of CSV recorded; harmless to repeat."""
    kept = folder or Path(os.environ.get("RHOSCOPE_DIR", "") or FOLDER)
    faults: list[RhoscopeError] = []
    runs = list(_imported(paths, kept, project, faults))
    if not offline and runs:
        try:
            _send(runs, url)
        except RhoscopeError as error:
            out.print(f"Not everything was sent. Send the rest with: rhoscope sync {kept}", highlight=False)
            faults.append(error)
    if faults:
        raise _joined(faults)


def _imported(
    paths: list[Path], kept: Path, project: str, faults: list[RhoscopeError]
) -> Iterator[Transcript]:
    """Each run that can be read; of the others, and of parts that can't, the faults."""
    for path in paths:
        try:
            listed = list(sources(path))
        except OSError as error:
            faults.append(InvalidInput(f"{path} can't be read ({error.strerror})."))
            continue
        except RhoscopeError as error:
            faults.append(error)
            continue
        for source in listed:
            try:
                yield _one(source, kept, project, faults)
            except RhoscopeError as error:
                faults.append(error)


def _one(source: Source, kept: Path, project: str, faults: list[RhoscopeError]) -> Transcript:
    archive = source.read()
    done = transcribe(source, archive, kept, project)
    if archive.fault:
        faults.append(InvalidInput(archive.fault))
    if archive.table.outside:
        faults.append(
            InvalidInput(
                f"{source.path} holds {archive.table.outside:,} values without a step; they are left out."
            )
        )
    words = f"{done.steps:,} steps of {done.series:,} series {'imported' if done.new else 'imported before'}"
    out.print(f"{done.run}  {done.name}  {words}, from {source.path}", highlight=False, soft_wrap=True)
    return done


def _send(runs: list[Transcript], url: str) -> None:
    environment = Environment.load()
    server = Server(url or environment.api_url, environment.client_token)
    for run in runs:
        for sent in sync(run.folder, server, lambda text: err.print(f"Warning: {text}.", highlight=False)):
            out.print(f"{sent.run}  {sent.records} records sent", highlight=False)
    server.close()


def _joined(faults: list[RhoscopeError]) -> RhoscopeError:
    """All but the last are printed here; the last one ends the command."""
    for fault in faults[:-1]:
        err.print(f"Error: {fault.detail}", highlight=False, soft_wrap=True)
    return faults[-1]


COMMANDS = (import_,)
