"""The projects of a machine by their names."""

import os
from pathlib import Path

from rhoscope.errors import InvalidInput, NotFound
from rhoscope.projects.file import Project, read


def named(name: str, folders: str, present: str) -> Project:
    """The project of this name among `folders`, joined by ':'. `present` is the PATH.

    Raises:
        NotFound: when none has it.
        InvalidInput: when two have it, or none and a file does not fit.
    """
    projects, misfits = _all(folders, present)
    alike = [project for project in projects if project.name == name]
    if not alike and misfits:  # which may be its file
        raise misfits[0]
    if not alike:
        known = ", ".join(sorted({project.name for project in projects})) or "none"
        raise NotFound(f"There is no project '{name}' here; RHOSCOPE_PROJECTS names the folders of: {known}.")
    if len(alike) > 1:
        raise InvalidInput(
            f"{alike[0].file} and {alike[1].file} are both named '{name}'; give one of them another name."
        )
    return alike[0]


def _all(folders: str, present: str) -> tuple[list[Project], list[InvalidInput]]:
    """The projects whose files fit, and what is wrong with the others'."""
    projects: list[Project] = []
    misfits: list[InvalidInput] = []
    for folder in filter(None, folders.split(os.pathsep)):
        try:
            projects.append(read(Path(folder), present))
        except InvalidInput as error:
            misfits.append(error)
    return projects, misfits
