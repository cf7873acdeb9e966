"""Runs as one HTML page."""

from pathlib import Path
from typing import Annotated

import typer

from rhoscope.cli.terminal import client, out
from rhoscope.errors import InvalidInput


def report(
    runs: Annotated[list[str], typer.Argument(help="IDs of one or more runs.")],
    file: Annotated[Path | None, typer.Option("--out", "-o", help="Default: report-RUN.html")] = None,
) -> None:
    """Write runs as one self-contained HTML page: charts, settings, differences and events."""
    path = file or Path(f"report-{runs[0]}.html")
    with client() as api:
        text = api.report(runs)
    part = path.with_name(path.name + ".part")
    try:
        part.write_text(text, encoding="utf-8")
        part.replace(path)
    except OSError as error:
        raise InvalidInput(
            f"{path} can't be written ({error.strerror}); choose another file with --out."
        ) from error
    out.print(str(path), highlight=False, soft_wrap=True)


COMMANDS = (report,)
