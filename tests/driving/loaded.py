"""What programs of ours load before they do anything, for a process of which they are copies."""

import gc
import importlib
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from libraries import LIBRARIES

RHOSCOPE = str(Path(sys.executable).parent / "rhoscope")
ROOT = Path(__file__).parents[2]
PATHS = {str(ROOT), str(ROOT / "tests" / "driving")}
"""In PYTHONPATH a copy may have these, too: they hold nothing that an interpreter loads by itself."""
ENTRIES = (
    "backend.__main__",
    "dashboard.__main__",
    "trainer.inspection.contents",
    "trainer.prepare.__main__",
    "trainer.prepare.look",
    "trainer.programs.host",
    "trainer.run",
    "trainer.worker",
)
"""Modules that `python -m` runs: what they need is loaded, they themselves are run anew."""
ANEW = "rhoscope.cli"
"""A package that each copy loads for itself: consoles look at variables as they are made."""
SURVIVES = {"jemalloc_bg_thd"}
"""Threads of a library that sees to forks itself: pyarrow's allocator."""


def paths(env: Mapping[str, str]) -> list[str]:
    """Those that PYTHONPATH names."""
    return [path for path in env.get("PYTHONPATH", "").split(os.pathsep) if path]


def elsewhere(env: Mapping[str, str]) -> dict[str, str]:
    """These variables without the paths that a copy may have."""
    return {**env, "PYTHONPATH": os.pathsep.join(path for path in paths(env) if path not in PATHS)}


def load(*entries: str) -> int:
    """Load what programs of ours load; those that are in a package are programs, which are run anew."""
    before = sys.path[:]
    sys.path += PATHS
    for name in entries:
        importlib.import_module(name)
    sys.path[:] = before
    for package, _, last in (name.rpartition(".") for name in entries if "." in name):
        del sys.modules[f"{package}.{last}"]
        delattr(sys.modules[package], last)
    gc.collect()
    gc.freeze()
    lone()
    return 0


def lone() -> None:
    """Raises: RuntimeError, when this process has threads that a copy would lack."""
    names = [(task / "comm").read_text().strip() for task in Path("/proc/self/task").iterdir()]
    if others := names[1:] and set(names[1:]) - SURVIVES:
        raise RuntimeError(f"threads that a copy would lack: {others}")


def ready() -> None:
    """Have loaded, in a process that has just begun, what programs of ours load."""
    sys.path[0] = str(Path(RHOSCOPE).parent)  # as for a command; our own folder is none of programs' business
    for name in LIBRARIES:
        importlib.import_module(name)
    load(*ENTRIES)
    for name in [name for name in sys.modules if f"{name}.".startswith(f"{ANEW}.")]:
        del sys.modules[name]
