"""The projects of a machine by their names."""

import os
from pathlib import Path

from rhoscope.errors import InvalidInput, NotFound
from rhoscope.projects.file import Project, read


def named(name: str, folders: str, present: str) -> Project:
    """The project of this name among `folders`, joined by ':'. `present` is the PATH.

    Raises:
        NotFound: when none has it.
        InvalidInput: when two have it, or a file does not fit.
    """
    projects = [read(Path(folder), present) for folder in folders.split(os.pathsep) if folder]
    alike = [project for project in projects if project.name == name]
    if not alike:
        known = ", ".join(sorted({project.name for project in projects})) or "none"
        raise NotFound(f"There is no project '{name}' here; RHOSCOPE_PROJECTS names the folders of: {known}.")
    if len(alike) > 1:
        raise InvalidInput(
            f"{alike[0].file} and {alike[1].file} are both named '{name}'; give one of them another name."
        )
    return alike[0]
