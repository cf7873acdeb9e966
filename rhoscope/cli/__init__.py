"""The command line `rhoscope`. A user's mistake is one sentence and exit code 2, never a traceback."""

import os
import sys
from typing import Annotated

import typer
from rich.text import Text

import rhoscope
from rhoscope.cli import (
    accounts,
    alerts,
    channels,
    doctor,
    experiment,
    guests,
    imports,
    looking,
    prepare,
    remedies,
    report,
    runs,
    samples,
    search,
    servers,
    train,
    verdict,
    views,
)
from rhoscope.cli.terminal import err, out
from rhoscope.errors import InvalidInput, RhoscopeError
from rhoscope.texts import fault

LONGEST_ARGUMENT = 2**17
app = typer.Typer(
    name="rhoscope",
    help="Watch and steer the balance between modalities while a multimodal network trains.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _print_version(requested: bool) -> None:
    if requested:
        out.print(f"rhoscope {rhoscope.__version__}", highlight=False)
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit."),
    ] = False,
) -> None:
    """Options that precede a command; the text of `--help` is the application's."""


for module in (
    servers,
    train,
    looking,
    prepare,
    runs,
    search,
    guests,
    imports,
    verdict,
    samples,
    remedies,
    alerts,
    report,
    experiment,
    doctor,
):
    for command in module.COMMANDS:
        app.command(name=command.__name__.strip("_"))(command)
for name, group in (accounts.GROUPS | channels.GROUPS | views.GROUPS).items():
    app.add_typer(group, name=name)


def _check_arguments(arguments: list[str]) -> None:
    """Raises: InvalidInput, for one that is no text; a file may have any name."""
    for text in arguments:
        if (words := fault(text, LONGEST_ARGUMENT)) and not os.path.lexists(text):
            raise InvalidInput(f"An argument can't be read: {words}.")


def main() -> None:
    """Entry point; exits with 0, 1 (something we need is away) or 2 (the input does not fit)."""
    try:
        _check_arguments(sys.argv[1:])
        app()
    except RhoscopeError as error:
        words = Text.assemble(("Error:", "bold red"), " ", error.detail)
        err.print(words, highlight=False, soft_wrap=True)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)
