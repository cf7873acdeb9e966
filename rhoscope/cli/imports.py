"""Runs that other trackers have recorded, taken over from their files."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
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
    environment = Environment.load()
    server = None if offline else Server(url or environment.api_url, environment.client_token)
    taken = _Import(kept, project, server)
    for path in paths:
        taken.path(path)
    taken.send()
    if taken.faults:
        raise taken.fault()


class _Import:
    """Whatever can be read is taken over; faults are kept until the end."""

    def __init__(self, kept: Path, project: str, server: Server | None) -> None:
        self._kept, self._project, self._server = kept, project, server
        self._runs: list[Transcript] = []
        self.faults: list[RhoscopeError] = []

    def path(self, path: Path) -> None:
        """All runs at a path."""
        with self._noted(path):
            for source in sources(path):
                with self._noted(source.path):
                    self._take(source)

    def send(self) -> None:
        """Send what the server lacks."""
        if self._server is None:
            return
        with self._noted(self._kept):
            for run in self._runs:
                for sent in sync(run.folder, self._server, _warn):
                    out.print(f"{sent.run}  {sent.records} records sent", highlight=False)
            return
        out.print(f"Not everything was sent. Send the rest with: rhoscope sync {self._kept}", highlight=False)

    def fault(self) -> RhoscopeError:
        """All but the last are printed here; the last one ends the command."""
        for fault in self.faults[:-1]:
            err.print(f"Error: {fault.detail}", highlight=False, soft_wrap=True)
        return self.faults[-1]

    def _take(self, source: Source) -> None:
        archive = source.read()
        done = transcribe(source, archive, self._kept, self._project, self._last_attempt)
        self._runs.append(done)
        if archive.fault:
            self.faults.append(InvalidInput(archive.fault))
        if count := archive.table.outside:
            self.faults.append(
                InvalidInput(f"{source.path} holds {count:,} values without a step; they are left out.")
            )
        what = f"{done.steps:,} steps of {done.series:,} series"
        words = f"{done.run}  {done.name}  {what} imported{'' if done.new else ' before'}, from {source.path}"
        out.print(words, highlight=False, soft_wrap=True)

    def _last_attempt(self, run: str) -> int:
        """The attempt that the server has, perhaps from another folder than the present one."""
        try:
            return self._server.position(run).attempt if self._server else 0
        except RhoscopeError:  # it has no such run, or is away, which is said when it is sent
            return 0

    @contextmanager
    def _noted(self, path: Path) -> Iterator[None]:
        try:
            yield
        except RhoscopeError as error:
            self.faults.append(error)
        except OSError as error:
            self.faults.append(InvalidInput(f"{path} can't be read ({error.strerror})."))


def _warn(text: str) -> None:
    err.print(f"Warning: {text}.", highlight=False)


COMMANDS = (import_,)
