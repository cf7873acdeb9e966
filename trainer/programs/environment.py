"""The environment of a user's program: this machine's, with nothing of ours but what names its run."""

import os
from collections.abc import Mapping

from rhoscope.commands import Resumption
from rhoscope.projects import command
from rhoscope.projects.file import Project
from rhoscope.tracker.launched import RESUME_FROM, RESUME_STEP, Launched

OURS = "RHOSCOPE_"
CHECKPOINTS = "RHOSCOPE_CHECKPOINTS"
"""Where the project says that checkpoints go: a folder, or an address, of this attempt alone.

One that lost its server and does not know yet that another follows it writes to none of that one's files.
"""


def environment(
    present: Mapping[str, str],
    project: Project,
    chosen: Mapping[str, object],
    launched: Launched,
    resumption: Resumption,
) -> dict[str, str]:
    """Variables of the program. Addresses, passwords, and tokens of ours are not among them."""
    kept = {name: value for name, value in present.items() if not name.startswith(OURS)}
    kept |= {"PATH": project.path(kept.get("PATH", os.defpath)), "PYTHONUNBUFFERED": "1"}
    if project.environment is not None:
        kept.pop("PYTHONHOME", None)
        kind = "CONDA_PREFIX" if (project.environment / "conda-meta").is_dir() else "VIRTUAL_ENV"
        kept[kind] = str(project.environment)
    kept |= {**project.variables} | command.variables(project.settings, chosen)
    kept |= launched.environment()
    if project.checkpoints:
        kept[CHECKPOINTS] = f"{project.checkpoints.rstrip('/')}/{launched.run}/{launched.attempt}"
    if resumption.path:
        kept |= {RESUME_FROM: resumption.path, RESUME_STEP: str(resumption.step)}
    return kept
