"""A look at a folder of data before anything is launched."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from rhoscope.cli.servers import check_package
from rhoscope.cli.terminal import out
from rhoscope.errors import FieldError, InvalidInput, Unavailable


def look(
    folder: Annotated[Path, typer.Argument(help="Own, prepared, or published files; nothing is modified.")],
    dataset: Annotated[
        str, typer.Option(help="Published data set whose source it is; recognized where not named.")
    ] = "",
) -> None:
    """Show what a run would use of a folder, and what it would leave out and why; takes about two seconds."""
    check_package("trainer")
    show(folder, dataset)


def show(folder: Path, dataset: str = "") -> None:
    """Print a look at a folder. Raises: InvalidInput, when no run can use it; says why."""
    arguments = [str(folder)]
    arguments += ["--dataset", dataset] if dataset else []
    for seen in messages("trainer.prepare.look", arguments, "look"):
        table = Table(box=None, show_header=False)
        for name, fact in {"folder": str(folder), "is": seen["what"], **seen["facts"]}.items():
            table.add_row(name, printable(fact))
        out.print(table)
        for remark in seen["remarks"]:
            out.print(printable(remark), highlight=False, markup=False, soft_wrap=True)
        if seen["problem"]:
            raise InvalidInput(f"A run would be refused: {printable(seen['problem'])}.")


def printable(text: str) -> Text:
    """Text from names of files, without what steers a terminal."""
    return Text("".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text))


def messages(module: str, arguments: list[str], last: str) -> Iterator[dict[str, Any]]:
    """The messages of a process of the trainer's, one per line, up to one of the kind `last`.

    Raises:
        InvalidInput: when it refuses.
        Unavailable: when it ended before.
    """
    command = [sys.executable, "-m", module, *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        finished = False
        for line in process.stdout or ():
            said = json.loads(line)
            if said["kind"] == "refused":
                problem = said["data"]
                errors = [FieldError.model_validate(e) for e in problem.get("errors", [])]
                raise InvalidInput(problem["detail"], errors)
            finished = finished or said["kind"] == last
            yield said
        if not finished:
            raise Unavailable(
                f"Preparing ended with code {process.wait()}; run the same command again to continue."
            )


COMMANDS = (look,)
