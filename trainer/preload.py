"""Libraries of every training process, loaded once: a training process forked from there starts at once.

Loaded is only what belongs to rhoscope and torch. Plug-ins are imported by each run anew, since their author
may change them meanwhile, and nothing here touches a GPU: CUDA does not survive a fork.
"""

import gc
import importlib
import os
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from types import ModuleType

from rhoscope.local import fork

_LIBRARIES = ("trainer.run", "torch._dynamo")  # the second would be loaded by an optimizer's first step
_loaded: dict[str, ModuleType] = {}


def load(catalog: int | None = None) -> None:
    """Load torch and the trainer, where a fork can use them.

    `catalog` is a file descriptor that gets the catalog of this installation, as JSON, and is closed.
    """
    if fork.AVAILABLE:
        for name in _LIBRARIES:
            _loaded[name] = importlib.import_module(name)
            if catalog is not None:
                _describe(catalog)
                catalog = None
        gc.collect()
        gc.freeze()  # a collection in a fork would copy the pages of all that is loaded


def described() -> bytes:
    """Load all that, and give the catalog of this installation, as JSON; empty where either is impossible."""
    with tempfile.TemporaryFile() as catalog:
        with suppress(ImportError):  # whoever asks finds out why
            load(os.dup(catalog.fileno()))
        catalog.seek(0)
        return catalog.read()


def _describe(target: int) -> None:
    """Write the catalog from a copy of this process, which itself stays without plug-ins."""
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            plugins = importlib.import_module("trainer.plugins")
            with os.fdopen(target, "w") as sys.stdout:
                code = plugins.main()
        finally:
            os._exit(code)
    os.close(target)
    os.waitpid(pid, 0)


def entrance() -> Callable[[], int] | None:
    """The main function of a training process, if `load` was called in this process or a parent of it."""
    module = _loaded.get("trainer.run")
    return module.entrance if module else None
