"""Runs as one HTML page."""

from pathlib import Path
from typing import Annotated

import typer

from rhoscope.cli.files import save
from rhoscope.cli.terminal import client, out


def report(
    runs: Annotated[list[str], typer.Argument(help="IDs of one or more runs.")],
    file: Annotated[Path | None, typer.Option("--out", "-o", help="Default: report-RUN.html")] = None,
) -> None:
    """Write runs as one self-contained HTML page: charts, settings, differences and events."""
    with client() as api:
        text = api.report(runs)
    path = file or Path(f"report-{runs[0]}.html")
    save(path, [text.encode()])
    out.print(str(path), highlight=False, soft_wrap=True)


COMMANDS = (report,)
