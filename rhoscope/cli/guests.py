"""Runs of programs that are not ours: what their files hold and a server lacks."""

from pathlib import Path
from typing import Annotated

import typer

from rhoscope.cli.terminal import err, out
from rhoscope.environment import Environment
from rhoscope.tracker.delivery import Server
from rhoscope.tracker.sync import sync as sent


def sync(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="Folder of a run, or one that holds such folders.")
    ],
    url: Annotated[str, typer.Option(help="The server's address; by default RHOSCOPE_API_URL.")] = "",
) -> None:
    """Send what runs of other programs recorded and the server lacks; harmless to repeat."""
    environment = Environment.load()
    server = Server(url or environment.api_url, environment.client_token)
    for run in sent(folder, server, lambda text, *_: err.print(f"Warning: {text}.", highlight=False)):
        words = "and its program still writes" if run.growing else "which is all of it"
        out.print(f"{run.run}  {run.records} records sent, {words}", highlight=False)
    server.close()


COMMANDS = (sync,)
