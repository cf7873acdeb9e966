"""A project as its worker would announce it."""

import os
import shlex
from typing import Any

from rich.table import Table
from rich.text import Text

from rhoscope.cli.terminal import out
from rhoscope.projects import command
from rhoscope.projects.declarations import Declared
from rhoscope.projects.file import Project
from rhoscope.schema import allowed


def show_project(project: Project) -> None:
    """Print its settings, and the command that its defaults make."""
    out.print(f"Program {project.name}: {project.file}", highlight=False, soft_wrap=True)
    if project.help:
        out.print(project.help)
    table = Table("setting", "default", "allowed", "passed as", "live", box=None)
    for one in project.settings:
        table.add_row(*(Text(cell) for cell in _row(one)))
    if project.settings:
        out.print(table)
    chosen = {one.name: one.schema.get("default") for one in project.settings}
    words = [*project.command, *command.arguments(project.settings, chosen)]
    variables = command.variables(project.settings, chosen)
    facts = {
        "command": shlex.join(words),
        "executable": project.executable(os.environ.get("PATH", os.defpath)),
        "folder": str(project.folder),
        "variables": " ".join(f"{name}={shlex.quote(value)}" for name, value in variables.items()),
        "checkpoints": project.checkpoints or "none: runs can't be paused or forked",
    }
    for name, words_ in facts.items():
        if words_:
            out.print(f"{name}: {words_}", highlight=False, soft_wrap=True)


def _row(one: Declared) -> tuple[str, ...]:
    default: Any = one.schema.get("default")
    passed = one.argument + (f" or {one.negative}" if one.negative else "") or f"${one.variable}"
    return (
        one.name,
        "" if default is None else command.text(default),
        allowed(one.schema).removeprefix("expected "),
        passed,
        "yes" if one.schema.get("live") else "",
    )
