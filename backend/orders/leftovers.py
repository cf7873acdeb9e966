"""Files of a run outside the store: its log and its checkpoints."""

import logging
import shutil
from pathlib import Path

import fsspec

from rhoscope.environment import Environment

log = logging.getLogger("rhoscope.leftovers")


def clear(environment: Environment, run: str) -> None:
    """Delete them, as far as they are within this program's reach; what is not is logged."""
    try:
        for path in environment.log_dir.glob(f"{run}.*"):
            path.unlink(missing_ok=True)
        if (program := environment.data_dir / "programs" / run).exists():
            shutil.rmtree(program)
        _clear_checkpoints(environment.checkpoints, run)
    except (OSError, ValueError, ImportError) as error:
        log.warning("Files of the deleted run %s are left: %s", run, error)


def _clear_checkpoints(address: str, run: str) -> None:
    path = address.removeprefix("file://")
    if "://" not in path:
        if (folder := Path(path) / run).exists():
            shutil.rmtree(folder)
        return
    files, root = fsspec.core.url_to_fs(address.rstrip("/"))
    if files.exists(f"{root}/{run}"):
        files.rm(f"{root}/{run}", recursive=True)
