"""The command line reference: the output of each command for `--help`."""

import inspect
import sys

from typer.testing import CliRunner

from rhoscope.cli import app

WIDTH = "100"


def page() -> str:
    """Every command, grouped as the modules of `rhoscope/cli/` are."""
    texts = [_shown()]
    section = ""
    for command in app.registered_commands:
        module = getattr(command.callback, "__module__", "")
        if module != section:
            section = module
            texts.append(f"## {_heading(module)}\n\n")
        texts.append(f"### `rhoscope {command.name}`\n\n{_shown(str(command.name))}")
    for group in app.registered_groups:
        commands = group.typer_instance.registered_commands if group.typer_instance else []
        module = getattr(commands[0].callback, "__module__", "")
        texts.append(f"## {_heading(module)}: `rhoscope {group.name}`\n\n")
        for command in commands:
            words = (str(group.name), str(command.name))
            texts.append(f"### `rhoscope {' '.join(words)}`\n\n{_shown(*words)}")
    return "".join(texts)


def _heading(module: str) -> str:
    return (inspect.getdoc(sys.modules[module]) or module).splitlines()[0].rstrip(".")


def _shown(*command: str) -> str:
    environment = {"COLUMNS": WIDTH, "TERMINAL_WIDTH": WIDTH, "NO_COLOR": "1"}
    answer = CliRunner().invoke(app, [*command, "--help"], env=environment, prog_name="rhoscope")
    if answer.exit_code != 0:
        raise RuntimeError(f"`rhoscope {' '.join(command)} --help` exits with {answer.exit_code}.")
    return f"```text\n{answer.output.strip()}\n```\n\n"
